import { expect, it } from "vitest";
import { speedOf } from "./speed.ts";

it.each([
  ["84.3 Mbps", "84.3 Mbit/s"],
  ["0.4 Mbps", "400 kbit/s"],
  ["2412.0 Mbps", "2.4 Gbit/s"],
  ["fast", "fast"],
])("a transfer of %s goes at %s", (told, text) => expect(speedOf(told)).toBe(text));

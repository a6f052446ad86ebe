import { describe, expect, it } from "vitest";
import { moved } from "./moved.ts";

describe("the list at once after a move", () => {
  const items = [5, 3, 8].map(id => ({ id }));
  const listAfter = (id: number, before: number | null) => moved(items, id, before).map(item => item.id);
  it("is as the server will have it", () => {
    expect(listAfter(8, 5)).toEqual([8, 5, 3]);
    expect(listAfter(5, 8)).toEqual([3, 5, 8]);
    expect(listAfter(5, null)).toEqual([3, 8, 5]);
    expect(listAfter(5, 12)).toEqual([3, 8, 5]);
    expect(listAfter(99, 5)).toEqual([5, 3, 8]);
  });
});

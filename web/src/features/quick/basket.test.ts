import { describe, expect, it, vi } from "vitest";
import type { Upload } from "../../api/types.ts";
import { Basket } from "./basket.ts";

const file = (name: string) => new File(["film"], name);
const upload = (id: string, name: string): Upload => ({ id, name, size: 4, created_at: "2026-11-22T12:00:00Z" });

/** A send that ends when it is told to. */
function byHand() {
  const begun: { name: string; end: (upload: Upload) => void; fail: (error: Error) => void; signal: AbortSignal }[] =
    [];
  const send = (file: File, onSent: (bytes: number) => void, signal: AbortSignal) =>
    new Promise<Upload>((end, fail) => {
      onSent(2);
      signal.addEventListener("abort", () => fail(new DOMException("gone", "AbortError")));
      begun.push({ name: file.name, end, fail, signal });
    });
  return { begun, send };
}

const states = (basket: Basket) => basket.sources().map(source => `${source.name}: ${source.state.kind}`);

describe("files of the user's disk", () => {
  it("are sent one after the other, and are then the server's", async () => {
    const { begun, send } = byHand();
    const basket = new Basket(send);
    basket.addFiles([file("a.mkv"), file("b.mkv")]);
    expect(states(basket)).toEqual(["a.mkv: sending", "b.mkv: waiting"]);
    begun[0]?.end(upload("1", "a.mkv"));
    await vi.waitFor(() => expect(states(basket)).toEqual(["a.mkv: ready", "b.mkv: sending"]));
    expect(basket.sources()[0]?.state).toEqual({ kind: "ready", file: { upload_id: "1" } });
  });

  it("fail one by one, with the reason", async () => {
    const { begun, send } = byHand();
    const basket = new Basket(send);
    basket.addFiles([file("a.mkv"), file("b.mkv")]);
    begun[0]?.fail(new Error("there is no room"));
    await vi.waitFor(() => expect(begun).toHaveLength(2));
    expect(basket.sources()[0]?.state).toEqual({ kind: "failed", reason: "there is no room" });
  });

  it("are not sent further once they are removed", async () => {
    const { begun, send } = byHand();
    const basket = new Basket(send);
    basket.addFiles([file("a.mkv"), file("b.mkv")]);
    basket.remove(basket.sources()[0]?.key ?? "");
    expect(begun[0]?.signal.aborted).toBe(true);
    await vi.waitFor(() => expect(states(basket)).toEqual(["b.mkv: sending"]));
  });
});

it("the same file is not chosen twice", () => {
  const basket = new Basket(byHand().send);
  basket.addLocal("/films/a.mkv", 4);
  basket.addLocal("/films/a.mkv", 4);
  basket.addUploads([upload("1", "b.mkv")]);
  basket.addUploads([upload("1", "b.mkv")]);
  expect(states(basket)).toEqual(["a.mkv: ready", "b.mkv: ready"]);
});

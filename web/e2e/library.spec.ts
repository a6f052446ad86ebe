import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { BINARY, Server } from "./server.ts";

/** Fills a database with items whose files do not exist; built beside the server. */
const CATALOG = join(BINARY, "../catalog");
const ITEMS = 20_000;

let server: Server;

test.beforeAll(async () => {
  test.skip(!existsSync(CATALOG), "the generator is not built: cargo build -p mediaflow-testkit --bin catalog");
  test.setTimeout(300_000);
  const dir = await mkdtemp(join(tmpdir(), "mediaflow-e2e-"));
  const database = join(dir, "data", "mediaflow.db");
  execFileSync(CATALOG, ["--items", String(ITEMS), "--database-url", `sqlite:///${database}`], { stdio: "ignore" });
  server = await Server.startIn(dir);
});

test.afterAll(async () => {
  await server?.remove();
});

test("a long library is scrolled without being read as a whole", async ({ page }) => {
  const read: string[] = [];
  page.on("request", request => {
    if (request.url().includes("/api/library/items")) read.push(request.url());
  });
  await page.goto(`${server.url}/library`);
  await expect(page.getByText("20,000 items,")).toBeVisible();
  const list = page.getByRole("region", { name: "Media files" });
  const rows = page.getByRole("row");
  await expect(rows.nth(10).getByRole("button")).toBeVisible();
  await list.evaluate(element => element.scrollTo(0, element.scrollHeight));
  await expect(page.locator(`[aria-rowindex="${ITEMS}"]`).getByRole("button")).toBeVisible();
  await list.evaluate(element => element.scrollTo(0, element.scrollHeight / 2));
  await expect(page.locator(`[aria-rowindex="${ITEMS / 2}"]`).getByRole("button")).toBeVisible();
  // Of the list's hundred pages only those around the three places, at the start twice because the page became live.
  expect(read.length).toBeLessThan(12);
  expect(await rows.count()).toBeLessThan(80);
});

test("it is sorted, searched, filtered, and its address keeps all of that", async ({ page }) => {
  await page.goto(`${server.url}/library`);
  await page.getByRole("button", { name: "Size", exact: true }).click();
  await page.getByRole("button", { name: "Size", exact: true }).click();
  await expect(page.getByRole("columnheader", { name: "Size" })).toHaveAttribute("aria-sort", "descending");
  await page.getByRole("button", { name: "Filters" }).click();
  await page.getByRole("checkbox", { name: "4K" }).check();
  await page.getByRole("searchbox", { name: "Search titles and paths" }).fill("the");
  await expect(page).toHaveURL(/search=the/);
  await expect(page.getByText(/^[\d,]+ items?, /)).not.toHaveText(/^20,000/);
  const counted = await page.getByText(/^[\d,]+ items?, /).textContent();
  const first = await page.locator('[aria-rowindex="1"]').getByRole("button").textContent();
  await page.reload();
  await expect(page.getByText(counted ?? "")).toBeVisible();
  await expect(page.locator('[aria-rowindex="1"]').getByRole("button")).toHaveText(first ?? "");
});

test("all that match are selected, and columns are chosen and widened", async ({ page }) => {
  await page.goto(`${server.url}/library`);
  await page.getByRole("checkbox", { name: "Select all that match" }).click();
  await expect(page.getByText("20,000 selected")).toBeVisible();
  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByRole("menuitemcheckbox", { name: "Path" }).click();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("columnheader", { name: "Path" })).toHaveCount(0);
  const edge = page.getByRole("separator", { name: "Width of Title" });
  const before = Number(await edge.getAttribute("aria-valuenow"));
  await edge.focus();
  await page.keyboard.press("ArrowRight");
  await expect(edge).toHaveAttribute("aria-valuenow", String(before + 16));
  await page.reload();
  await expect(edge).toHaveAttribute("aria-valuenow", String(before + 16));
  await expect(page.getByRole("columnheader", { name: "Path" })).toHaveCount(0);
});

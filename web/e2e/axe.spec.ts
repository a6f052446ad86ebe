import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import { type APIRequestContext, expect, type Page, test } from "@playwright/test";
import { writeFilm } from "./sample.ts";
import { Server } from "./server.ts";

const PAGES = [
  "/library",
  "/library?item=1",
  "/quick",
  "/quick?job=1",
  "/intelligence",
  "/queue",
  "/queue?tab=failed",
  "/queue?job=1",
  "/servers",
  "/quarantine",
  "/settings/general",
  "/settings/libraries",
  "/settings/presets",
  "/settings/storage",
  "/settings/thresholds",
  "/logs/events",
  "/logs/tasks",
  "/logs/program",
  "/logs/audit",
  "/welcome",
  "/nowhere",
];

let server: Server;

test.beforeAll(async () => {
  server = await Server.start();
});

test.afterAll(async () => {
  await server.remove();
});

/** What axe finds, one line each. */
async function findings(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.flatMap(one => one.nodes.map(node => `${one.id}: ${node.target.join(" ")}: ${node.html}`));
}

/** Gives the server a library with one film, a recommendation, a queued job and another machine, unless it has them. */
async function addFilm(request: APIRequestContext): Promise<void> {
  const api = `${server.url}/api`;
  if ((await (await request.get(`${api}/libraries`)).json()).length > 0) return;
  const films = join(server.dir, "Films");
  await writeFilm(join(films, "First (2001).mkv"), 2);
  await request.post(`${api}/transcode/queue/pause`);
  const library = await (await request.post(`${api}/libraries`, { data: { path: films } })).json();
  await request.post(`${api}/libraries/${library.id}/scan`);
  await expect(async () => {
    const queued = await request.post(`${api}/transcode/jobs`, { data: { media_item_ids: [1], preset_id: 1 } });
    expect(queued.status()).toBe(200);
  }).toPass();
  await request.post(`${api}/recommendations/generate`);
  await request.post(`${api}/servers/`, { data: { name: "attic", hostname: "127.0.0.1", port: 1 } });
}

async function settled(page: Page, address: string): Promise<void> {
  await page.goto(server.url + address);
  await expect(page.getByText("Live", { exact: true })).toBeVisible();
  await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
}

test("axe finds nothing on the pages of an empty server", async ({ page }) => {
  for (const address of ["/welcome", "/library", "/intelligence", "/queue", "/quarantine", "/logs/events"]) {
    await settled(page, address);
    expect(await findings(page), address).toEqual([]);
  }
});

for (const scheme of ["dark", "light"] as const) {
  test.describe(`axe, ${scheme}`, () => {
    test.beforeEach(async ({ page }) => {
      await page.addInitScript(value => localStorage.setItem("mediaflow-color-scheme", value), scheme);
      // Axe would measure the contrast of what is still fading in.
      await page.emulateMedia({ reducedMotion: "reduce" });
    });

    test("finds nothing on any page", async ({ page, request }) => {
      await addFilm(request);
      for (const address of PAGES) {
        await settled(page, address);
        expect(await findings(page), address).toEqual([]);
      }
    });

    test("finds nothing in the dialogs", async ({ page, request }) => {
      await addFilm(request);
      await settled(page, "/library");
      await page.getByRole("button", { name: "Filters" }).click();
      await page.getByRole("checkbox", { name: "Select First" }).check();
      expect(await findings(page), "filters and selection").toEqual([]);
      await page.getByRole("button", { name: "Transcode…" }).click();
      await page.getByRole("switch", { name: "Change it for these files" }).check();
      await page.getByRole("button", { name: "Show the plan" }).click();
      await expect(page.getByRole("columnheader", { name: "What happens" })).toBeVisible();
      expect(await findings(page), "transcode").toEqual([]);
      await settled(page, "/settings/presets");
      await page.getByRole("button", { name: "New preset" }).click();
      await expect(page.getByRole("dialog")).toBeVisible();
      expect(await findings(page), "preset").toEqual([]);
      await page.keyboard.press("Escape");
      await settled(page, "/servers");
      await page.getByRole("button", { name: "Add a server" }).click();
      await page.getByText("Pasted key", { exact: true }).click();
      await page.getByRole("button", { name: "Add a mapping" }).click();
      expect(await findings(page), "server").toEqual([]);
      await page.keyboard.press("Escape");
      await page.keyboard.press("Control+k");
      await expect(page.getByRole("textbox", { name: "Command" })).toBeVisible();
      expect(await findings(page), "palette").toEqual([]);
    });
  });
}

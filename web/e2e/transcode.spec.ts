import { join } from "node:path";
import { expect, type Page, test } from "@playwright/test";
import { writeFilm } from "./sample.ts";
import { Server } from "./server.ts";

// Each test goes on from where the one before ended.
test.describe.configure({ mode: "serial" });

let server: Server;

test.beforeAll(async () => {
  server = await Server.start();
  const films = join(server.dir, "Films");
  await writeFilm(join(films, "Heat (1995)", "Heat (1995).mkv"), 3);
  await writeFilm(join(films, "Old", "Heat (1995).mkv"), 2);
  await writeFilm(join(films, "Alien (1979).mkv"), 2);
  await server.command("scan", films);
});

test.afterAll(async () => {
  await server.remove();
});

async function choose(page: Page, preset: string): Promise<void> {
  await page.getByRole("dialog").getByRole("combobox", { name: "Preset" }).click();
  await page.getByRole("option", { name: preset }).click();
}

test("several files are told apart, foretold together, and each has its plan", async ({ page }) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(`${server.url}/library?search=heat`);
  await expect(page.getByTitle(/Old.Heat/)).toBeInViewport({ ratio: 1 });
  await page.getByRole("checkbox", { name: "Select all that match" }).click();
  await page.getByRole("button", { name: "Transcode…" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText(/^2 files: about .* instead of .* smaller\.$/)).toBeVisible();
  await dialog.getByRole("button", { name: "Show the plan" }).click();
  await dialog.getByRole("combobox", { name: "The plan of" }).click();
  await page.getByRole("option", { name: "Heat · Old/Heat (1995).mkv" }).click();
  await expect(dialog.getByText(/^This file: about /)).toBeVisible();
  await expect(dialog.getByRole("region", { name: "Command" })).toContainText("Old/Heat");
  await choose(page, "Remux");
  await expect(dialog.getByRole("region", { name: "Command" })).toContainText("-c:0 copy");
});

test("after a proof that failed, another preset does", async ({ page }) => {
  await page.goto(`${server.url}/library?search=Old`);
  await page.getByRole("checkbox", { name: "Select Heat" }).check();
  await page.getByRole("button", { name: "Transcode…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("switch", { name: "Change it for these files" }).check();
  await dialog.getByRole("slider", { name: "CRF" }).press("End");
  await dialog.getByRole("button", { name: "Queue 1 job" }).click();
  await page.getByRole("tab", { name: "Failed and cancelled" }).click();
  const job = page.getByRole("article", { name: "Heat" });
  await expect(job.getByText(/^The new file was not used: the picture lost more detail/)).toBeVisible({
    timeout: 60_000,
  });
  await expect(job.getByText(/quality #0: the worst two seconds/)).toBeVisible();
  await job.getByRole("button", { name: "Try another preset: Heat" }).click();
  await expect(dialog.getByRole("combobox", { name: "Preset" })).toHaveValue("Balanced");
  await dialog.getByRole("button", { name: "Queue 1 job" }).click();
  await page.getByRole("tab", { name: "Completed" }).click();
  await expect(job.getByText("Replaced")).toBeVisible({ timeout: 60_000 });
});

test("what is left out of the queue is a warning, with its reason", async ({ page }) => {
  await page.goto(`${server.url}/queue`);
  await page.getByRole("button", { name: "Pause all" }).click();
  await expect(page.getByRole("button", { name: "Go on" })).toBeVisible();
  const dialog = page.getByRole("dialog");
  for (const _ of ["for the first time", "again"]) {
    await page.goto(`${server.url}/library?search=alien`);
    await page.getByRole("checkbox", { name: "Select Alien" }).check();
    await page.getByRole("button", { name: "Transcode…" }).click();
    await dialog.getByRole("button", { name: "Queue 1 job" }).click();
    await expect(page.getByText("1 job queued.").or(page.getByText("1 file left out"))).toBeVisible();
  }
  const warning = page.getByRole("alert").filter({ hasText: "1 file left out" });
  await expect(warning.getByText(/in the queue as job/)).toBeVisible();
  await expect(page.getByText("0 jobs queued")).toHaveCount(0);
});

test("the palette finds a film and opens it", async ({ page }) => {
  await page.goto(`${server.url}/queue`);
  await page.getByRole("heading", { name: "Queue" }).waitFor();
  await page.keyboard.press("Control+k");
  await page.getByRole("textbox", { name: "Command" }).fill("heat");
  await page.getByRole("button", { name: /Heat \(1995\).*Old/ }).click();
  await expect(page.getByRole("dialog", { name: "Details" }).getByText("Old/Heat (1995).mkv")).toBeVisible();
});

test("every tab of a page can be left for another one", async ({ page }) => {
  for (const start of ["/logs/events", "/settings"]) {
    await page.goto(`${server.url}${start}`);
    const tabs = page.getByRole("tab");
    await tabs.first().waitFor();
    for (let index = (await tabs.count()) - 1; index >= 0; index -= 1) {
      await tabs.nth(index).click();
      await expect(tabs.nth(index)).toHaveAttribute("aria-selected", "true");
    }
    await page.getByRole("link", { name: "Queue" }).click();
    await expect(page.getByRole("heading", { name: "Queue" })).toBeVisible();
  }
});

test("what happened can be read on a narrow screen", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${server.url}/logs/events`);
  await expect(page.getByRole("cell", { name: "The queue is held" })).toBeInViewport({ ratio: 1 });
});

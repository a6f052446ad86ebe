import { stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, type Page, test } from "@playwright/test";
import { hashOf, writeFilm } from "./sample.ts";
import { Server } from "./server.ts";

// Each test goes on from where the one before ended.
test.describe.configure({ mode: "serial" });

let server: Server;
let film: string;

test.beforeAll(async () => {
  server = await Server.start();
  film = join(server.dir, "Films", "Night Train (1999)", "Night Train (1999).mkv");
  await writeFilm(film);
});

test.afterAll(async () => {
  await server.remove();
});

async function goTo(page: Page, name: string): Promise<void> {
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name }).click();
}

test("from an empty start to a film that is smaller, proven, and taken back", async ({ page }) => {
  const original = await hashOf(film);
  const sizeBefore = (await stat(film)).size;

  await test.step("the first page leads to a folder, its scan and a figure", async () => {
    await page.goto(server.url);
    await expect(page.getByRole("heading", { name: "Welcome to MediaFlow" })).toBeVisible();
    await page.getByRole("textbox", { name: "Folder" }).fill(server.dir);
    await page.keyboard.press("Enter");
    await page.getByRole("region", { name: "Folders" }).getByRole("button", { name: "Films" }).click();
    await page.getByRole("button", { name: "Add and scan" }).click();
    await expect(page.getByText("You could get back")).toBeVisible();
    await page.getByRole("link", { name: "Look at the library" }).click();
  });

  await test.step("the library shows the film with all its tracks", async () => {
    await expect(page.getByText("1 item,")).toBeVisible();
    await page.getByRole("button", { name: "Night Train (1999)" }).click();
    const details = page.getByRole("dialog", { name: "Details" });
    await expect(details.getByText("Audio (2)")).toBeVisible();
    await expect(details.getByText("Kommentar")).toBeVisible();
    await details.getByRole("button", { name: "Close the details" }).click();
  });

  await test.step("a recommendation is accepted and queued", async () => {
    await goTo(page, "Intelligence");
    await page.getByRole("button", { name: "Accept: Night Train" }).click();
    await page.getByRole("button", { name: /^Queue 1 accepted/ }).click();
    await expect(page.getByText("1 job queued.")).toBeVisible();
    await goTo(page, "Queue");
  });

  await test.step("the job is watched until the film is replaced", async () => {
    await page.getByRole("tab", { name: "Completed" }).click();
    const job = page.getByRole("article", { name: "Night Train" });
    await expect(job.getByText("Replaced")).toBeVisible({ timeout: 120_000 });
    await expect(job.getByText("smaller")).toBeVisible();
    expect((await stat(film)).size).toBeLessThan(sizeBefore);
  });

  await test.step("its proof shows every check", async () => {
    await page.getByRole("button", { name: "Details: Night Train" }).click();
    const details = page.getByRole("dialog", { name: "Job" });
    await details.getByRole("tab", { name: "Proof" }).click();
    await expect(details.getByText("Proven: every check holds")).toBeVisible();
    expect(await details.getByLabel("holds", { exact: true }).count()).toBeGreaterThan(5);
    await details.getByRole("button", { name: "Close the job" }).click();
  });

  await test.step("the original comes back, byte for byte", async () => {
    await goTo(page, "Quarantine");
    await expect(page.getByText("1 original,")).toBeVisible();
    await goTo(page, "Queue");
    await page.getByRole("tab", { name: "Completed" }).click();
    await page.getByRole("button", { name: "Undo: Night Train" }).click();
    await page.getByRole("button", { name: "Bring it back" }).click();
    await expect(page.getByText(/The original is back/)).toBeVisible();
    expect(await hashOf(film)).toBe(original);
    await expect(page.getByRole("article", { name: "Night Train" }).getByText("Taken back")).toBeVisible();
    await goTo(page, "Quarantine");
    await expect(page.getByText("No originals wait here")).toBeVisible();
  });
});

test("a job can be stopped, and the film stays as it was", async ({ page }) => {
  const original = await hashOf(film);
  await page.goto(`${server.url}/queue`);
  await page.getByRole("button", { name: "Pause all" }).click();
  await expect(page.getByRole("button", { name: "Go on" })).toBeVisible();
  await goTo(page, "Library");
  await page.getByRole("checkbox", { name: "Select Night Train" }).check();
  await page.getByRole("button", { name: "Transcode…" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText(/^The file: about /)).toBeVisible();
  // What was taken back is not done again with the same preset, unless the user insists.
  await dialog.getByRole("button", { name: "Queue 1 job" }).click();
  await expect(dialog.getByText("1 file left alone")).toBeVisible();
  await expect(dialog.getByRole("button", { name: "Queue 1 job all the same" })).toBeVisible();
  await dialog.getByRole("combobox", { name: "Preset" }).click();
  await page.getByRole("option", { name: "Storage Saver" }).click();
  await dialog.getByRole("button", { name: "Show the plan" }).click();
  await expect(dialog.getByRole("cell", { name: /aac/i }).first()).toBeVisible();
  await dialog.getByRole("button", { name: "Queue 1 job", exact: true }).click();
  await page.getByRole("button", { name: "Cancel: Night Train" }).click();
  await page.getByRole("button", { name: "Cancel the job" }).click();
  await page.getByRole("tab", { name: "Failed and cancelled" }).click();
  await expect(
    page.getByRole("article", { name: "Night Train" }).getByText("Cancelled", { exact: true }),
  ).toBeVisible();
  expect(await hashOf(film)).toBe(original);
});

test("the palette, the theme and the pages work by the keyboard", async ({ page }) => {
  await page.goto(`${server.url}/queue`);
  await page.getByRole("heading", { name: "Queue" }).waitFor();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to the content" })).toBeFocused();
  await page.keyboard.press("Control+k");
  await page.getByRole("textbox", { name: "Command" }).fill("quarantine");
  await page.keyboard.press("Enter");
  await expect(page).toHaveTitle("Quarantine · MediaFlow");
  await page.getByRole("button", { name: "Use the light theme" }).click();
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", "light");
});

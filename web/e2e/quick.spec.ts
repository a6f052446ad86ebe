import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, type Locator, type Page, test } from "@playwright/test";
import { hashOf, writeFilm } from "./sample.ts";
import { Server } from "./server.ts";

// Each test goes on from where the one before ended.
test.describe.configure({ mode: "serial" });

let server: Server;
let films: string;
let own: string;

test.beforeAll(async () => {
  server = await Server.start();
  films = join(server.dir, "Films");
  own = join(server.dir, "Own", "Holiday.mkv");
  await writeFilm(join(films, "Heat (1995).mkv"), 2);
  await writeFilm(join(films, "Alien (1979).mkv"), 2);
  await writeFilm(own, 2);
  await server.command("scan", films);
});

test.afterAll(async () => {
  await server.remove();
});

/** Drops a file of this disk under several names at once, as a file manager would. */
async function drop(page: Page, target: Locator, path: string, names: string[]): Promise<void> {
  const content = (await readFile(path)).toString("base64");
  const data = await page.evaluateHandle(
    ({ content, names }) => {
      const bytes = Uint8Array.from(atob(content), letter => letter.charCodeAt(0));
      const transfer = new DataTransfer();
      for (const name of names) transfer.items.add(new File([bytes], name));
      return transfer;
    },
    { content, names },
  );
  for (const event of ["dragenter", "dragover", "drop"]) await target.dispatchEvent(event, { dataTransfer: data });
}

/** A card of the list of jobs, once its job came to its end. */
async function ended(page: Page, name: string): Promise<Locator> {
  const card = page.getByRole("article", { name }).filter({ hasText: "Placed beside" });
  await expect(card).toBeVisible({ timeout: 60_000 });
  return card;
}

test("a file of the user's own is sent, shown, transcoded and fetched", async ({ page }) => {
  await page.goto(`${server.url}/quick`);
  const [chooser] = await Promise.all([
    page.waitForEvent("filechooser"),
    page.getByRole("button", { name: "Send from this device…" }).click(),
  ]);
  await chooser.setFiles(own);
  const source = page.getByRole("article", { name: "Holiday.mkv" });
  for (const fact of ["h264", "640 × 360", "SDR", "2 audio tracks"]) {
    await expect(source.getByText(fact)).toBeVisible();
  }
  await expect(source.getByText("Holiday V2.mkv")).toBeVisible();
  await expect(source.getByText(/about .* smaller/)).toBeVisible();
  await source.getByRole("button", { name: "Show the streams" }).click();
  await expect(source.getByText("Kommentar")).toBeVisible();
  await source.getByRole("button", { name: "Show the plan" }).click();
  await expect(source.getByRole("region", { name: "Command" })).toContainText("libx265");
  await page.getByRole("button", { name: "Start 1 job" }).click();
  await expect(source).toBeHidden();

  const job = await ended(page, "Holiday");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    job.getByRole("link", { name: "Download: Holiday V2.mkv" }).click(),
  ]);
  expect(download.suggestedFilename()).toBe("Holiday V2.mkv");
  const fetched = join(server.dir, "fetched.mkv");
  await download.saveAs(fetched);
  expect((await readFile(fetched)).subarray(0, 4)).toEqual(Buffer.from([0x1a, 0x45, 0xdf, 0xa3]));
  await job.getByRole("button", { name: "Remove the files of Holiday" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await expect(job.getByRole("link", { name: /Download/ })).toBeHidden();
});

test("several files are dropped, on the entry of the navigation and on the page", async ({ page }) => {
  await page.goto(`${server.url}/library`);
  const entry = page.getByRole("listitem").filter({ hasText: "Quick Transcode" });
  await drop(page, entry, own, ["First.mkv", "Second.mkv"]);
  await expect(page).toHaveURL(/\/quick/);
  await drop(page, page.getByRole("region", { name: "Where files come from" }), own, ["Third.mkv", "notes.txt"]);
  for (const name of ["First.mkv", "Second.mkv", "Third.mkv"]) {
    await expect(page.getByRole("article", { name }).getByText("h264")).toBeVisible();
  }
  const refused = page.getByRole("article", { name: "notes.txt" });
  await expect(refused.getByText(/no name of a media file/)).toBeVisible();
  await refused.getByRole("button", { name: "Remove: notes.txt" }).click();
  await expect(page.getByRole("button", { name: "Start 3 jobs" })).toBeEnabled();
  // What was sent is still there when the page is opened again, and goes only when that is confirmed.
  await page.reload();
  for (const name of ["First.mkv", "Second.mkv", "Third.mkv"]) {
    await page
      .getByRole("article", { name })
      .getByRole("button", { name: `Remove: ${name}` })
      .click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
    await expect(page.getByRole("article", { name })).toBeHidden();
  }
  await expect(page.getByRole("button", { name: /^Start/ })).toBeHidden();
  await page.reload();
  await page.getByText("Drop files here").waitFor();
  await expect(page.getByRole("article", { name: "First.mkv" })).toBeHidden();
});

test("a file of the server is chosen, changed and made beside its original", async ({ page }) => {
  const before = await hashOf(join(films, "Heat (1995).mkv"));
  await writeFile(join(films, "Broken.mkv"), "no film");
  await page.goto(`${server.url}/queue`);
  await page.getByRole("button", { name: "Pause all" }).click();
  await expect(page.getByRole("button", { name: "Go on" })).toBeVisible();
  await page.goto(`${server.url}/quick`);
  await page.getByRole("button", { name: "Choose on the server…" }).click();
  const picker = page.getByRole("dialog", { name: "Files on the server's machine" });
  await expect(picker.getByRole("button", { name: `Films ${films}` })).toBeVisible();
  for (const folder of ["/", ...films.split("/").slice(1)]) {
    await picker.getByRole("button", { name: folder, exact: true }).last().click();
  }
  await picker.getByRole("checkbox", { name: /Heat/ }).check();
  await picker.getByRole("button", { name: "Places" }).click();
  await picker.getByRole("textbox", { name: "Path" }).fill(join(films, "Broken.mkv"));
  await picker.getByRole("button", { name: "Open" }).click();
  await expect(picker.getByRole("checkbox", { name: /Broken/ })).toBeChecked();
  await picker.getByRole("button", { name: "Choose 2 files" }).click();
  const source = page.getByRole("article", { name: "Heat (1995).mkv" });
  await expect(source.getByText("Heat (1995) V2.mkv")).toBeVisible();
  await page.getByRole("switch", { name: "Change it for these files" }).check();
  await page.getByRole("radiogroup", { name: "Container" }).getByText("MP4").click();
  await expect(source.getByText("Heat (1995) V2.mp4")).toBeVisible();
  const broken = page.getByRole("article", { name: "Broken.mkv" });
  await expect(broken.getByText("It cannot be read")).toBeVisible();
  await page.getByRole("button", { name: "Start 1 job" }).click();
  await expect(page.getByRole("article", { name: "Heat (1995)" }).getByText(/^The queue is held/)).toBeVisible();
  await broken.getByRole("button", { name: "Remove: Broken.mkv" }).click();

  await page.goto(`${server.url}/queue`);
  await page.getByRole("button", { name: "Go on", exact: true }).click();
  await page.goto(`${server.url}/quick`);
  const job = await ended(page, "Heat (1995)");
  expect(await hashOf(join(films, "Heat (1995).mkv"))).toBe(before);

  await job.getByRole("button", { name: "Details: Heat (1995)" }).click();
  const details = page.getByRole("dialog", { name: "Job" });
  await expect(details.getByRole("img", { name: "Before" })).toBeVisible();
  await expect(details.getByRole("img", { name: "After" })).toBeVisible();

  // It is done once more as it was done before.
  await details.getByRole("button", { name: "Close the job" }).click();
  await job.getByRole("button", { name: "Once more: Heat (1995)" }).click();
  await expect(source.getByText("Heat (1995) V3.mp4")).toBeVisible();
});

test("a job's page shows its pictures, times and streams, by its address and with the keyboard", async ({ page }) => {
  await page.goto(`${server.url}/library?search=alien`);
  await page.getByRole("checkbox", { name: "Select Alien" }).check();
  await page.getByRole("button", { name: "Transcode…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Queue 1 job" }).click();
  await page.getByRole("tab", { name: "Completed" }).click();
  const card = page.getByRole("article", { name: "Alien" });
  await expect(card.getByText("Replaced")).toBeVisible({ timeout: 60_000 });
  await card.getByRole("button", { name: "Details: Alien" }).click();
  await page.reload();
  const details = page.getByRole("dialog", { name: "Job" });
  const edge = details.getByRole("slider", { name: "Edge between before and after" });
  await expect(details.getByRole("img", { name: "After" })).toBeVisible();
  await edge.focus();
  await page.keyboard.press("Home");
  await expect(edge).toHaveValue("0");
  await page.keyboard.press("End");
  await expect(edge).toHaveValue("100");
  await details.getByRole("radiogroup", { name: "How to compare" }).getByText("Side by side").click();
  for (const name of ["Before", "After"]) {
    const picture = details.getByRole("figure", { name }).getByRole("img");
    await expect(picture).toBeVisible();
    await expect(picture).toHaveJSProperty("naturalWidth", 640);
  }
  const steps = details.getByRole("region", { name: "How long each step took" });
  for (const step of ["Reading the source", "Encoding", "Proving the output", "Putting it in place"]) {
    await expect(steps.getByText(step, { exact: true })).toBeVisible();
  }
  const streams = details.getByRole("region", { name: "Streams" });
  await expect(streams.getByText("h264", { exact: true })).toBeVisible();
  await expect(streams.getByText("hevc", { exact: true })).toBeVisible();
  await page.setViewportSize({ width: 390, height: 844 });
  const overflow = await details.evaluate(element => element.scrollWidth - element.clientWidth);
  expect(overflow).toBeLessThanOrEqual(0);
});

import { join } from "node:path";
import { expect, type Locator, type Page, test } from "@playwright/test";
import { writeFilm } from "./sample.ts";
import { Server } from "./server.ts";

// Each test goes on from where the one before ended.
test.describe.configure({ mode: "serial" });

const FILMS = ["Alien", "Brazil", "Casablanca", "Dune"];
type Four = [string, string, string, string];

let server: Server;

test.beforeAll(async () => {
  server = await Server.start();
  const films = join(server.dir, "Films");
  for (const [place, name] of FILMS.entries()) await writeFilm(join(films, `${name}.mkv`), 1 + place / 24);
  await server.command("scan", films);
});

test.afterAll(async () => {
  await server.remove();
});

/** The jobs that wait, as they stand in the list. */
async function expectOrder(page: Page, names: string[]): Promise<void> {
  const shown = page.getByRole("article");
  await expect(shown).toHaveCount(names.length);
  for (const [place, name] of names.entries()) await expect(shown.nth(place)).toHaveAccessibleName(name);
}

function handleOf(page: Page, name: string): Locator {
  return page.getByRole("button", { name: `Move: ${name}` });
}

/** Where the middle of an element is. */
async function middleOf(element: Locator): Promise<{ x: number; y: number }> {
  const box = await element.boundingBox();
  if (!box) throw new Error("what is to be dragged is not on the page");
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** Waits for the answer to a move. */
function moved(page: Page) {
  return page.waitForResponse(answer => answer.url().endsWith("/move") && answer.ok());
}

test("the order of the queue is dragged with the mouse and with the keyboard, and kept", async ({ page }) => {
  await page.goto(`${server.url}/queue`);
  await page.getByRole("button", { name: "Pause all" }).click();
  await expect(page.getByRole("button", { name: "Go on" })).toBeVisible();
  await page.goto(`${server.url}/library`);
  await page.getByRole("checkbox", { name: "Select all that match" }).click();
  await page.getByRole("button", { name: "Transcode…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Queue 4 jobs" }).click();
  const jobs = page.getByRole("article");
  await expect(jobs).toHaveCount(FILMS.length);
  const [first, second, third, last] = (await jobs.evaluateAll(all => all.map(one => one.ariaLabel ?? ""))) as Four;

  await test.step("with the mouse: the last one comes before the second", async () => {
    const [from, to] = [await middleOf(handleOf(page, last)), await middleOf(handleOf(page, second))];
    const answer = moved(page);
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    await page.mouse.move(from.x, from.y - 20, { steps: 4 });
    await page.mouse.move(to.x, to.y, { steps: 8 });
    await page.mouse.up();
    await answer;
    await expectOrder(page, [first, last, second, third]);
  });

  await test.step("with the keyboard: the first one goes down by one", async () => {
    const answer = moved(page);
    await handleOf(page, first).focus();
    await page.keyboard.press("Space");
    await expect(page.getByText(`${first} is over place 1.`)).toBeAttached();
    await page.keyboard.press("ArrowDown");
    await expect(page.getByText(`${first} is over place 2.`)).toBeAttached();
    await page.keyboard.press("Space");
    await answer;
    await expectOrder(page, [last, first, second, third]);
  });

  await page.reload();
  await expectOrder(page, [last, first, second, third]);

  await test.step("a job that is to go on waits for the queue, and that is said", async () => {
    await page.getByRole("button", { name: `Pause: ${last}` }).click();
    await page.getByRole("button", { name: `Go on: ${last}` }).click();
    await expect(page.getByText(`“${last}” waits for the queue to go on. The queue is held`)).toBeVisible();
  });
});

test("a job that is not to begin before a time waits until then, and says so", async ({ page }) => {
  await page.goto(`${server.url}/queue`);
  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Clear jobs away…" }).click();
  await page.getByRole("checkbox", { name: "Also cancel and clear what waits or runs" }).check();
  await page.getByRole("button", { name: "Clear all jobs" }).click();
  await expect(page.getByText("4 jobs cleared away.")).toBeVisible();
  await page.getByRole("button", { name: "Go on" }).click();

  await page.goto(`${server.url}/library?search=dune`);
  await page.getByRole("checkbox", { name: "Select Dune" }).check();
  await page.getByRole("button", { name: "Transcode…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("switch", { name: "Not before a certain time" }).check();
  await expect(dialog.getByText("Begins then, or later when its turn comes")).toBeVisible();
  await dialog.getByLabel("Not before", { exact: true }).fill("2099-05-04T03:02");
  await dialog.getByRole("button", { name: "Queue 1 job" }).click();
  const job = page.getByRole("article", { name: "Dune" });
  await expect(job.getByText("Starts after May 4, 2099, 3:02 AM")).toBeVisible();
  await expect(page.getByText("1 for later")).toBeVisible();

  // Another one has its turn before it; the first goes on when it is told not to wait.
  await page.goto(`${server.url}/library?search=alien`);
  await page.getByRole("checkbox", { name: "Select Alien" }).check();
  await page.getByRole("button", { name: "Transcode…" }).click();
  await dialog.getByRole("button", { name: "Queue 1 job" }).click();
  await page.getByRole("tab", { name: "Completed" }).click();
  await expect(page.getByRole("article", { name: "Alien" }).getByText("Replaced")).toBeVisible({ timeout: 60_000 });
  await page.getByRole("tab", { name: "Active" }).click();
  await expect(job.getByText(/^Starts after/)).toBeVisible();
  await page.getByRole("button", { name: "Do not wait: Dune" }).click();
  await page.getByRole("tab", { name: "Completed" }).click();
  await expect(job.getByText("Replaced")).toBeVisible({ timeout: 60_000 });
});

test("a flag that is refused is shown where it stands, and what a remux need not do is told by name", async ({
  page,
}) => {
  await page.goto(`${server.url}/library`);
  await page.getByRole("checkbox", { name: "Select all that match" }).click();
  await page.getByRole("button", { name: "Transcode…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("switch", { name: "Change it for these files" }).check();
  const fold = dialog.getByRole("button", { name: "Quality floor, tuning and flags" });
  const flags = dialog.getByRole("textbox", { name: "Flags for the encoder" });
  await fold.click();
  await flags.fill("-f mp4");
  await fold.click();
  await dialog.getByRole("button", { name: /^Queue/ }).click();
  await expect(flags).toBeFocused();
  await expect(flags).toBeInViewport({ ratio: 1 });
  await expect(flags).toHaveAccessibleDescription(/-f cannot be given/);

  await dialog.getByRole("combobox", { name: "Preset" }).click();
  await page.getByRole("option", { name: "Remux" }).click();
  await dialog.getByText(/files need nothing: Matroska already/).click();
  await expect(dialog.getByRole("listitem").filter({ hasText: "Casablanca" })).toBeVisible();
});

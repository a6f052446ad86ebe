import { userInfo } from "node:os";
import { join } from "node:path";
import { expect, type Locator, type Page, test } from "@playwright/test";
import { writeFilm } from "./sample.ts";
import { Server } from "./server.ts";
import { Sshd } from "./sshd.ts";

// Each test goes on from where the one before ended.
test.describe.configure({ mode: "serial" });
test.skip(!Sshd.isHere(), "there is no SSH server on this machine");

let server: Server;
let sshd: Sshd;

test.beforeAll(async () => {
  server = await Server.start();
  sshd = await Sshd.start(join(server.dir, "sshd"));
  await writeFilm(join(server.dir, "Films", "Heat (1995).mkv"), 2);
});

test.afterAll(async () => {
  await sshd.stop();
  await server.remove();
});

/** Chooses something in the menu of a server's card. */
async function choose(page: Page, card: Locator, item: string): Promise<void> {
  await card.getByRole("button", { name: /^More/ }).click();
  await page.getByRole("menuitem", { name: item }).click();
}

test("a server is tried, added and known by what it is", async ({ page }) => {
  await page.goto(`${server.url}/servers`);
  await expect(page.getByRole("article", { name: "This machine" }).getByText("Online")).toBeVisible();
  await page.getByRole("button", { name: "Add a server" }).click();
  const dialog = page.getByRole("dialog", { name: "Add a server" });
  const test = dialog.getByRole("button", { name: "Test the connection" });
  await expect(test).toBeDisabled();
  await dialog.getByRole("textbox", { name: "Name" }).fill("attic");
  await dialog.getByRole("textbox", { name: "Address" }).fill("127.0.0.1");
  await dialog.getByRole("textbox", { name: "Port" }).fill(String(sshd.port));
  await dialog.getByRole("textbox", { name: "User" }).fill(userInfo().username);
  await dialog.getByText("Pasted key", { exact: true }).click();
  await dialog.getByRole("textbox", { name: "Private key" }).fill("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA me@here");
  await dialog.getByRole("button", { name: "Add the server" }).click();
  // In the form, where no toast covers its buttons.
  await expect(dialog.getByRole("alert")).toContainText("this is a public key");
  await expect(page.getByRole("alert")).toHaveCount(1);
  await dialog.getByText("Key file", { exact: true }).click();
  await dialog.getByRole("textbox", { name: "Key file" }).fill(join(server.dir, "sshd", "host"));
  await test.click();
  await expect(dialog.getByRole("alert")).toContainText("It does not let us in");
  await dialog.getByRole("textbox", { name: "Key file" }).fill(sshd.key);
  await test.click();
  await expect(dialog.getByText("It lets us in")).toBeVisible();
  await expect(dialog.getByText(/^SHA256:/)).toBeVisible();
  // A file, where a folder is to be: setting it up will fail.
  await dialog.getByRole("textbox", { name: "Working directory" }).fill(sshd.key);
  await dialog.getByRole("button", { name: "Add the server" }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole("article", { name: "attic" })).toContainText(`${userInfo().username}@127.0.0.1`);
});

test("another host key is refused until the old one is forgotten", async ({ page }) => {
  await page.goto(`${server.url}/servers`);
  const card = page.getByRole("article", { name: "attic" });
  await choose(page, card, "Test the connection");
  const dialog = page.getByRole("dialog", { name: "Connection to attic" });
  await expect(dialog.getByText("It lets us in")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(card.getByText("Online")).toBeVisible();
  await sshd.changeHostKey();
  await choose(page, card, "Test the connection");
  await expect(dialog.getByRole("alert")).toContainText("It shows another host key");
  await page.keyboard.press("Escape");
  // What was found out stays on the card, with the way back to it.
  await expect(card.getByText("Another host key")).toBeVisible();
  await expect(page.getByRole("region", { name: "All servers" })).toContainText("In trouble1attic");
  await card.getByRole("button", { name: "Look at its key…" }).click();
  await expect(dialog.getByRole("alert")).toContainText("It shows another host key");
  await dialog.getByRole("button", { name: "Forget the old key…" }).click();
  await page.getByRole("button", { name: "Forget the old key", exact: true }).click();
  await expect(dialog.getByText("It lets us in")).toBeVisible();
});

test("setting a server up shows what it says, and what it failed for", async ({ page }) => {
  await page.goto(`${server.url}/servers`);
  const card = page.getByRole("article", { name: "attic" });
  await choose(page, card, "Set up…");
  const dialog = page.getByRole("dialog", { name: "Set up attic" });
  await dialog.getByRole("button", { name: "Set up", exact: true }).click();
  await expect(dialog.getByText("The last setup failed")).toBeVisible();
  await expect(dialog.getByRole("region", { name: "The last setup" })).toContainText("connecting");
  await dialog.getByRole("button", { name: "Close", exact: true }).last().click();
  await expect(card.getByText("Setup failed")).toBeVisible();
  await expect(card.getByRole("status")).toContainText(sshd.key);
  await choose(page, card, "Edit…");
  const edit = page.getByRole("dialog", { name: "Edit attic" });
  await edit.getByRole("textbox", { name: "Working directory" }).fill(join(server.dir, "work"));
  await edit.getByRole("button", { name: "Save" }).click();
  await expect(edit).toBeHidden();
  await card.getByRole("button", { name: "Set it up" }).click();
  await dialog.getByRole("button", { name: "Set up again", exact: true }).click();
  await expect(dialog.getByRole("status")).toContainText("It is set up", { timeout: 120_000 });
  await dialog.getByRole("button", { name: "Close", exact: true }).last().click();
  await expect(card.getByText("Online")).toBeVisible();
});

test("a mapping shows a file there, and one that leads elsewhere does not", async ({ page }) => {
  await page.goto(`${server.url}/settings/storage`);
  const own = page.getByRole("region", { name: "Path mappings of attic" });
  await own.getByRole("button", { name: "Add a mapping" }).click();
  const [here, there] = [own.getByLabel("folder on this machine"), own.getByLabel("the same folder there")];
  await here.fill(server.dir);
  await there.fill("/nowhere");
  await own.getByRole("button", { name: "Save" }).click();
  const check = page.getByRole("region", { name: "Does this file appear?" });
  await check.getByRole("textbox").fill(join(server.dir, "Films", "Heat (1995).mkv"));
  await check.getByRole("button", { name: "Look" }).click();
  await expect(check.getByRole("row", { name: /attic/ })).toContainText("Not there");
  await check.getByRole("textbox").fill(join(server.dir, "Films", "Heat (1996).mkv"));
  await check.getByRole("button", { name: "Look" }).click();
  await expect(check.getByRole("row", { name: /attic/ })).toContainText("Not a file here");
  await check.getByRole("textbox").fill(join(server.dir, "Films", "Heat (1995).mkv"));
  await there.fill(server.dir);
  await own.getByRole("button", { name: "Save" }).click();
  await expect(own.getByRole("button", { name: "Save" })).toBeHidden();
  await check.getByRole("button", { name: "Look" }).click();
  await expect(check.getByRole("row", { name: /attic/ })).toContainText("The same file");
});

test("a mapping is tried before it is saved", async ({ page }) => {
  await page.goto(`${server.url}/servers`);
  const card = page.getByRole("article", { name: "attic" });
  await choose(page, card, "Edit…");
  const dialog = page.getByRole("dialog", { name: "Edit attic" });
  await dialog.getByLabel("Mapping 1: the same folder there").fill("/nowhere");
  const check = dialog.getByRole("region", { name: "Does this file appear?" });
  await check.getByRole("textbox").fill(join(server.dir, "Films", "Heat (1995).mkv"));
  await page.keyboard.press("Enter");
  await expect(check.getByRole("row", { name: /attic/ })).toContainText("Not there");
  await dialog.getByLabel("Mapping 1: the same folder there").fill(server.dir);
  await check.getByRole("button", { name: "Look" }).click();
  await expect(check.getByRole("row", { name: /attic/ })).toContainText("The same file");
});

test("one that only has libraries gets no jobs, and nothing is brought there", async ({ page }) => {
  await page.goto(`${server.url}/servers`);
  const card = page.getByRole("article", { name: "attic" });
  await choose(page, card, "Edit…");
  const dialog = page.getByRole("dialog", { name: "Edit attic" });
  await dialog.getByText("Only has libraries", { exact: true }).click();
  await expect(dialog.getByRole("textbox", { name: "Working directory" })).toBeHidden();
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(card).toContainText("Only has libraries: gets no jobs");
  await expect(card.getByRole("button", { name: "Set it up" })).toBeHidden();
});

test("a film that lies on a server is told from one of this machine", async ({ page, request }) => {
  const path = join(server.dir, "There");
  await writeFilm(join(path, "Ran (1985).mkv"), 2);
  const libraries = `${server.url}/api/libraries`;
  const id = (await (await request.get(`${server.url}/api/servers/`)).json()).find(
    (one: { name: string }) => one.name === "attic",
  ).id;
  const library = await (await request.post(libraries, { data: { path, worker_server_id: id } })).json();
  await request.post(`${libraries}/${library.id}/scan`);
  await page.goto(`${server.url}/library`);
  await expect(page.getByRole("row", { name: /Ran/ })).toContainText("on attic · ");
  const items = await (await request.get(`${server.url}/api/library/items?search=Ran`)).json();
  await request.post(`${server.url}/api/transcode/queue/pause`);
  const { job_ids } = await (
    await request.post(`${server.url}/api/transcode/jobs`, { data: { media_item_ids: [items.items[0].id] } })
  ).json();
  await page.goto(`${server.url}/queue`);
  await expect(page.getByRole("article", { name: "Ran" })).toContainText("on attic · ");
  await request.patch(`${server.url}/api/transcode/jobs/${job_ids[0]}`, { data: { status: "cancelled" } });
  await request.post(`${server.url}/api/transcode/queue/resume`);
  // A server with a library on it could not be removed.
  await request.delete(`${libraries}/${library.id}`);
});

test("a server at work shows its film, and switched off lets it come to its end", async ({ page, request }) => {
  // So long that it is at work until it is cancelled.
  await writeFilm(join(server.dir, "Films", "Alien (1979).mkv"), 60);
  await server.command("scan", join(server.dir, "Films"));
  const found = async () => (await (await request.get(`${server.url}/api/library/items?search=Alien`)).json()).items;
  // The server hears of what another process scanned.
  await expect.poll(async () => (await found()).length).toBe(1);
  const job = { media_item_ids: (await found()).map((item: { id: number }) => item.id), preset_id: 4 };
  await page.goto(`${server.url}/servers`);
  const { job_ids } = await (await request.post(`${server.url}/api/transcode/jobs`, { data: job })).json();
  const card = page.getByRole("article", { name: "This machine" });
  await expect(card.getByText("Working")).toBeVisible();
  await expect(card.getByRole("link", { name: "Alien" })).toHaveAttribute("href", `/queue?job=${job_ids[0]}`);
  await choose(page, card, "Switch off");
  await expect(page.getByText("The one that runs goes on to the end.")).toBeVisible();
  await expect(card.getByText("Finishing")).toBeVisible();
  await request.patch(`${server.url}/api/transcode/jobs/${job_ids[0]}`, { data: { status: "cancelled" } });
  await expect(card.getByText("Switched off")).toBeVisible();
});

test("a server is switched off and removed", async ({ page }) => {
  await page.goto(`${server.url}/servers`);
  const card = page.getByRole("article", { name: "attic" });
  await choose(page, card, "Switch off");
  await expect(card.getByText("Switched off")).toBeVisible();
  await choose(page, card, "Remove…");
  await page.getByRole("button", { name: "Remove the server" }).click();
  await expect(card).toBeHidden();
  await expect(page.getByText("Only this machine encodes")).toBeVisible();
});

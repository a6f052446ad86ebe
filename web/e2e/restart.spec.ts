import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { writeFilm } from "./sample.ts";
import { Server } from "./server.ts";

test("a page that is open goes on by itself after the server was away", async ({ page }) => {
  const server = await Server.start();
  try {
    const films = join(server.dir, "Films");
    await writeFilm(join(films, "First (2001).mkv"), 2);
    await server.command("scan", films);
    await page.goto(`${server.url}/library`);
    await expect(page.getByText("1 item,")).toBeVisible();
    await expect(page.getByText("Live", { exact: true })).toBeVisible();

    await server.stop();
    await expect(page.getByRole("alert").getByText("MediaFlow does not answer")).toBeVisible();
    // What happens while nobody listens must not be lost.
    await writeFilm(join(films, "Second (2002).mkv"), 2);
    await server.command("scan", films);
    await server.start();

    await expect(page.getByText("Live", { exact: true })).toBeVisible();
    await expect(page.getByRole("alert")).toHaveCount(0);
    await expect(page.getByText("2 items,")).toBeVisible();
    await expect(page.getByRole("button", { name: "Second (2002)" })).toBeVisible();
  } finally {
    await server.remove();
  }
});

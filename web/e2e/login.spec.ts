import { expect, test } from "@playwright/test";
import { Server } from "./server.ts";

const PASSWORD = "a long enough password for tests";

test("a password keeps strangers out and lets its owner in", async ({ page }) => {
  const server = await Server.start({ MEDIAFLOW_PASSWORD: PASSWORD });
  try {
    await page.goto(`${server.url}/settings/general`);
    await expect(page).toHaveURL(/\/login/);
    await page.getByLabel("Password").fill("wrong");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("alert")).toBeVisible();
    await expect(page).toHaveURL(/\/login/);

    await page.getByLabel("Password").fill(PASSWORD);
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/settings\/general/);
    await expect(page.getByText("Live", { exact: true })).toBeVisible();

    // Something that changes the server needs the token that only its own pages get.
    await page.getByLabel("New key for").fill("backup script");
    await page.getByRole("button", { name: "Make a key" }).click();
    const secret = await page.getByRole("status").locator("code").textContent();
    const answer = await fetch(`${server.url}/api/libraries`, { headers: { "X-Api-Key": secret ?? "" } });
    expect(answer.status).toBe(200);

    await page.getByRole("button", { name: "Revoke backup script" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
    await expect(page.getByRole("button", { name: "Revoke backup script" })).toHaveCount(0);

    await page.getByRole("button", { name: "Log out" }).click();
    await expect(page).toHaveURL(/\/login/);
    await page.goto(`${server.url}/library`);
    await expect(page).toHaveURL(/\/login/);
  } finally {
    await server.remove();
  }
});

import { test } from "@playwright/test";

const dir = process.env.SCREENSHOTS_DIR ?? "test-results/screenshots";

const pages = {
  welcome: "/welcome",
  library: "/library",
  "library-details": "/library?item=1",
  intelligence: "/intelligence",
  queue: "/queue",
  quick: "/quick",
  "queue-completed": "/queue?tab=completed",
  servers: "/servers",
  quarantine: "/quarantine",
  "settings-general": "/settings/general",
  "settings-libraries": "/settings/libraries",
  "settings-storage": "/settings/storage",
  "settings-thresholds": "/settings/thresholds",
  "settings-presets": "/settings/presets",
  "logs-events": "/logs/events",
  "logs-program": "/logs/program",
  "logs-tasks": "/logs/tasks",
};
const widths = { wide: { width: 1440, height: 900 }, narrow: { width: 390, height: 844 } };

for (const scheme of ["dark", "light"] as const) {
  for (const [size, viewport] of Object.entries(widths)) {
    test(`${scheme}, ${size}`, async ({ browser, baseURL }) => {
      const context = await browser.newContext({ viewport, ...(baseURL && { baseURL }) });
      await context.addInitScript(value => localStorage.setItem("mediaflow-color-scheme", value), scheme);
      const page = await context.newPage();
      for (const [name, address] of Object.entries(pages)) {
        await page.goto(address);
        await page.getByRole("heading", { level: 1 }).waitFor();
        await page.waitForLoadState("networkidle").catch(() => {});
        await page.screenshot({ path: `${dir}/${name}-${size}-${scheme}.png` });
      }
      await context.close();
    });
  }
}

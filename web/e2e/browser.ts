import type { PlaywrightTestConfig } from "@playwright/test";

/** The system's browser: Playwright's own is not downloaded. `--no-sandbox` because test machines run as root. */
export const browser: PlaywrightTestConfig["use"] = {
  launchOptions: {
    executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  },
};

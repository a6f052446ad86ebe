import { defineConfig } from "@playwright/test";
import { browser } from "./browser.ts";

// Pictures of every page of a running server: MEDIAFLOW_URL says which, SCREENSHOTS_DIR where to put them.
export default defineConfig({
  testDir: ".",
  testMatch: "screenshots.ts",
  outputDir: "../test-results/screenshots",
  workers: 1,
  reporter: "list",
  use: { ...browser, baseURL: process.env.MEDIAFLOW_URL ?? "http://127.0.0.1:9876" },
});

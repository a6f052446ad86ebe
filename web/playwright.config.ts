import { defineConfig } from "@playwright/test";
import { browser } from "./e2e/browser.ts";

// Browser tests against the real server: MEDIAFLOW_BIN says which binary (e2e/server.ts).
export default defineConfig({
  testDir: "e2e",
  testMatch: "*.spec.ts",
  outputDir: "test-results/e2e",
  // One after the other: encodes want the cores for themselves.
  workers: 1,
  timeout: 180_000,
  expect: { timeout: 20_000 },
  forbidOnly: Boolean(process.env.CI),
  reporter: "list",
  use: { ...browser, trace: "retain-on-failure", actionTimeout: 20_000 },
});

import react from "@vitejs/plugin-react";
import mantine from "postcss-preset-mantine";
import { defineConfig } from "vitest/config";
import { docs } from "./build/docs.ts";
import { precompressed } from "./build/precompressed.ts";

// The running server that `npm run dev` talks to.
const server = process.env.MEDIAFLOW_URL ?? "http://127.0.0.1:9876";

export default defineConfig({
  plugins: [react(), docs(), precompressed()],
  css: { postcss: { plugins: [mantine()] } },
  build: {
    target: "es2022",
    // The server's content security policy allows no inline script, and no browser of the last years needs the polyfill.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 500,
  },
  server: {
    host: "127.0.0.1",
    port: 5173,
    // The Host header stays ours, so that it equals the page's Origin, which the server demands.
    proxy: Object.fromEntries(
      ["/api", "/ws", "/login", "/docs", "/redoc", "/openapi.json"].map(path => [
        path,
        { target: server, ws: path === "/ws" },
      ]),
    ),
  },
  test: { include: ["src/**/*.test.ts"] },
});

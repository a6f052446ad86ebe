// Runs before the first paint. The key is the one in src/app/theme.ts.
try {
  if (localStorage.getItem("mediaflow-color-scheme") === "light") {
    document.documentElement.setAttribute("data-mantine-color-scheme", "light");
  }
} catch {
  // Without storage the page stays dark.
}

/** The folders above a path, from the top, and itself. */
export function crumbsOf(path: string | null): { name: string; path: string | null }[] {
  const crumbs: { name: string; path: string | null }[] = [{ name: "Places", path: null }];
  if (path === null) return crumbs;
  const parts = path.split("/").filter(Boolean);
  return crumbs.concat(parts.map((name, depth) => ({ name, path: `/${parts.slice(0, depth + 1).join("/")}` })));
}

/** What an absolute path names last, and the folder that holds it. */
export function splitPath(path: string): { folder: string; name: string } {
  const whole = path.trim().replace(/\/+$/, "");
  const cut = whole.lastIndexOf("/");
  return { folder: whole.slice(0, cut) || "/", name: whole.slice(cut + 1) };
}

/** The folders above a path, from the top, and itself. */
export function crumbsOf(path: string | null): { name: string; path: string | null }[] {
  const crumbs: { name: string; path: string | null }[] = [{ name: "Places", path: null }];
  if (path === null) return crumbs;
  const parts = path.split("/").filter(Boolean);
  return crumbs.concat(parts.map((name, depth) => ({ name, path: `/${parts.slice(0, depth + 1).join("/")}` })));
}

import classes from "./path-text.module.css";

/** A path on one line: where there is no room, the first folders give way, so that the file's name stays to be read. */
export function PathText({ path }: { path: string }) {
  const name = path.lastIndexOf("/") + 1;
  return (
    <span className={classes.path} title={path}>
      <span className={classes.folder}>
        <bdi dir="ltr">{path.slice(0, name)}</bdi>
      </span>
      <span className={classes.name}>{path.slice(name)}</span>
    </span>
  );
}

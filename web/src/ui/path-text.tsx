import classes from "./path-text.module.css";

interface PathTextProps {
  path: string;
  /** The machine that it is a path of, where that is not this one. */
  on?: string | null | undefined;
}

/**
 * A path on one line, with its machine: where there is no room, the first folders give way, so that the file's name stays
 * to be read.
 */
export function PathText({ path, on }: PathTextProps) {
  const name = path.lastIndexOf("/") + 1;
  return (
    <span className={classes.path} title={on ? `${path} on ${on}` : path}>
      {on && <span className={classes.machine}>{`on ${on} · `}</span>}
      <span className={classes.folder}>
        <bdi dir="ltr">{path.slice(0, name)}</bdi>
      </span>
      <span className={classes.name}>{path.slice(name)}</span>
    </span>
  );
}

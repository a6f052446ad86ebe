import { Group, SegmentedControl, SimpleGrid, Skeleton, Stack, Text } from "@mantine/core";
import { type CSSProperties, type ReactNode, useState } from "react";
import { inOurWords } from "../../../api/fields.ts";
import { stillUrl } from "../../../api/queue.ts";
import type { JobReport } from "../../../api/types.ts";
import { clock } from "../../../ui/format.ts";
import classes from "./details.module.css";

type View = "slider" | "both";

/** One moment of the film, before and after. HDR is shown as SDR. */
export function Stills({ report }: { report: JobReport }) {
  const { at_seconds, no_before, no_after } = report.stills;
  const [place, setPlace] = useState(Math.floor(at_seconds.length / 2));
  const [view, setView] = useState<View>("slider");
  const at = at_seconds[place] ?? 0;
  if (!report.source?.video_codec) return <Nothing>There is no picture in it.</Nothing>;
  const before = no_before === null ? stillUrl(report.job_id, "before", at) : null;
  const after = no_after === null ? stillUrl(report.job_id, "after", at) : null;
  if (!before && !after) {
    // Where all of it is away, both have the same reason.
    const why = no_before === no_after ? no_before : `${no_before}, and ${no_after}`;
    return <Nothing>{inOurWords(`No pictures: ${why}.`)}</Nothing>;
  }
  const hdr = [report.source, report.output].some(probe => probe?.hdr_format);
  return (
    <Stack gap="xs">
      <Group justify="space-between" gap="xs">
        <SegmentedControl
          size="xs"
          aria-label="Moment of the film"
          value={String(place)}
          data={at_seconds.map((seconds, place) => ({ value: String(place), label: momentOf(seconds) }))}
          onChange={value => setPlace(Number(value))}
        />
        {before && after && (
          <SegmentedControl
            size="xs"
            aria-label="How to compare"
            value={view}
            data={[
              { value: "slider", label: "Slider" },
              { value: "both", label: "Side by side" },
            ]}
            onChange={value => setView(value as View)}
          />
        )}
      </Group>
      {before && after && view === "slider" ? (
        <Compare key={at} before={before} after={after} />
      ) : (
        <SimpleGrid cols={{ base: 1, xs: before && after ? 2 : 1 }} spacing="xs">
          {before ? (
            <Still key={before} url={before} name="Before" />
          ) : (
            <Nothing>{inOurWords(`Before: ${no_before}.`)}</Nothing>
          )}
          {after ? (
            <Still key={after} url={after} name="After" />
          ) : (
            <Nothing>{inOurWords(`After: ${no_after}.`)}</Nothing>
          )}
        </SimpleGrid>
      )}
      {hdr && (
        <Text size="xs" c="dimmed">
          HDR is shown as SDR here.
        </Text>
      )}
    </Stack>
  );
}

/** Both pictures in one place, with an edge between them that can be moved. */
function Compare({ before, after }: { before: string; after: string }) {
  const [edge, setEdge] = useState(50);
  return (
    <div className={classes.compare} style={{ "--edge": `${edge}%` } as CSSProperties}>
      <Picture url={after} alt="After" />
      <div className={classes.over}>
        <Picture url={before} alt="Before" />
      </div>
      <span className={classes.label} data-side="before" aria-hidden>
        Before
      </span>
      <span className={classes.label} data-side="after" aria-hidden>
        After
      </span>
      <div className={classes.edge} aria-hidden />
      <input
        type="range"
        className={classes.range}
        min={0}
        max={100}
        value={edge}
        onChange={event => setEdge(Number(event.currentTarget.value))}
        aria-label="Edge between before and after"
        aria-valuetext={`${edge} % before`}
      />
    </div>
  );
}

function Still({ url, name }: { url: string; name: string }) {
  return (
    <figure className={classes.figure}>
      <Picture url={url} alt={name} />
      <figcaption>{name}</figcaption>
    </figure>
  );
}

/** A picture that the server makes when it is asked for. */
function Picture({ url, alt }: { url: string; alt: string }) {
  const [state, setState] = useState<"loading" | "shown" | "failed">("loading");
  return (
    <>
      {state === "loading" && <Skeleton className={classes.picture} height={180} />}
      {state === "failed" && <Nothing>{alt}: this picture could not be made; Logs says why.</Nothing>}
      <img
        src={url}
        alt={alt}
        className={classes.picture}
        hidden={state !== "shown"}
        onLoad={() => setState("shown")}
        onError={() => setState("failed")}
      />
    </>
  );
}

/** Tenths count in a short clip. */
function momentOf(seconds: number): string {
  return seconds < 60 ? `${seconds.toFixed(1)} s` : clock(seconds);
}

function Nothing({ children }: { children: ReactNode }) {
  return (
    <Text size="sm" c="dimmed">
      {children}
    </Text>
  );
}

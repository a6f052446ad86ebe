import { Button, Card, FileButton, Group, Paper, Stack, Text } from "@mantine/core";
import { IconFileUpload, IconFolderOpen, IconPlayerPlay } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { fileDryRunQuery, manualJobsQuery, uploadsQuery, useRemoveUpload, useTranscodeFile } from "../../api/quick.ts";
import type { ManualJob } from "../../api/types.ts";
import { bytes, plural } from "../../ui/format.ts";
import { Page } from "../../ui/page.tsx";
import { showDone } from "../../ui/toast.tsx";
import { PresetChooser, usePresetChoice } from "../presets/chooser.tsx";
import { refusedBy } from "../presets/refused.ts";
import { JobDetails } from "../queue/details.tsx";
import { basket, type Source, useSources } from "./basket.ts";
import { useFileDrop } from "./drop.ts";
import { FilePicker } from "./file-picker.tsx";
import { ManualJobs } from "./jobs.tsx";
import classes from "./quick.module.css";
import { SourceCard } from "./source-card.tsx";

const route = getRouteApi("/quick");

/** The contract's priority of a file that somebody waits for. */
const MANUAL_PRIORITY = 10;
/** While the presets are not known; nothing is asked for then. */
const NO_WISH = { preset_id: null, config: null };

/** Single files, of the server's disk or the user's own: transcoded beside the original, which stays. */
export function QuickPage() {
  const { job } = route.useSearch();
  const navigate = route.useNavigate();
  const sources = useSources();
  const { isOver, handlers } = useFileDrop();
  useForgottenUploads();
  const again = ({ job, upload_id }: ManualJob) => {
    if (upload_id !== null) {
      const { created_at, source_size, media_title } = job;
      const name = job.source_path?.split("/").at(-1) ?? media_title ?? upload_id;
      basket.addUploads([{ id: upload_id, name, size: source_size ?? 0, created_at: created_at ?? "" }]);
    } else if (job.source_path !== null) {
      basket.addLocal(job.source_path, job.source_size ?? 0);
    }
    window.scrollTo({ top: 0, behavior: "smooth" });
  };
  return (
    <Page title="Quick Transcode" subtitle="Single files, made beside the original. No original is touched.">
      <Stack gap="lg" {...handlers}>
        <Choose isOver={isOver} />
        {sources.length > 0 && <Chosen sources={sources} />}
        <ManualJobs showDetails={({ id }) => void navigate({ search: { job: id } })} again={again} />
      </Stack>
      <JobDetails id={job} close={() => void navigate({ search: {} })} />
    </Page>
  );
}

/** Files that were sent, perhaps from another page, and never queued. */
function useForgottenUploads() {
  const uploads = useQuery(uploadsQuery);
  const jobs = useQuery(manualJobsQuery);
  useEffect(() => {
    if (!uploads.data || !jobs.data) return;
    const queued = new Set(jobs.data.map(entry => entry.upload_id));
    basket.addUploads(uploads.data.items.filter(upload => !queued.has(upload.id)));
  }, [uploads.data, jobs.data]);
}

/** Where files come from. */
function Choose({ isOver }: { isOver: boolean }) {
  const [isPicking, setPicking] = useState(false);
  const { data } = useQuery(uploadsQuery);
  return (
    <Paper
      component="section"
      aria-label="Where files come from"
      className={classes.drop}
      data-over={isOver || undefined}
      p="lg"
    >
      <Stack align="center" gap="sm">
        <Text fw={600}>{isOver ? "Let go to send these files" : "Drop files here"}</Text>
        <Group justify="center">
          <Button leftSection={<IconFolderOpen size={18} aria-hidden />} onClick={() => setPicking(true)}>
            Choose on the server…
          </Button>
          <FileButton
            multiple
            accept="video/*,.mkv,.avi,.ts,.m2ts,.wmv,.flv,.vob"
            onChange={files => basket.addFiles(files)}
          >
            {props => (
              <Button variant="default" leftSection={<IconFileUpload size={18} aria-hidden />} {...props}>
                Send from this device…
              </Button>
            )}
          </FileButton>
        </Group>
        <Text size="xs" c="dimmed" ta="center">
          What is dropped or sent is copied to the server's disk, and removed from it after the result was fetched.
          {data && ` There is room for ${bytes(data.room)}.`}
        </Text>
      </Stack>
      {isPicking && (
        <FilePicker
          close={() => setPicking(false)}
          pick={files => {
            for (const { path, size } of files) basket.addLocal(path, size);
          }}
        />
      )}
    </Paper>
  );
}

/** The chosen files, what is to happen to them, and the button that begins it. */
function Chosen({ sources }: { sources: readonly Source[] }) {
  const choice = usePresetChoice();
  const transcode = useTranscodeFile();
  const removeUpload = useRemoveUpload();
  const jobs = useQuery(manualJobsQuery);
  const ready = sources.flatMap(({ key, state }) => (state.kind === "ready" ? [{ key, file: state.file }] : []));
  const first = ready[0]?.file;
  const preview = useQuery({
    ...fileDryRunQuery(first ?? { file_path: "" }, choice.settled ?? NO_WISH),
    enabled: first !== undefined && choice.settled !== undefined,
  });

  const start = async () => {
    if (!choice.wish) return;
    let begun = 0;
    for (const { key, file } of ready) {
      try {
        await transcode.mutateAsync({ ...file, ...choice.wish, priority: MANUAL_PRIORITY });
        basket.remove(key);
        begun += 1;
      } catch {
        // It stays in the list, and the toast says why.
      }
    }
    if (begun > 0) showDone(`${plural(begun, "job")} queued.`);
  };
  const remove = ({ key, state }: Source) => {
    basket.remove(key);
    if (state.kind !== "ready" || !("upload_id" in state.file)) return;
    // One that jobs were made of stays with them.
    const id = state.file.upload_id;
    if (jobs.data && !jobs.data.some(entry => entry.upload_id === id)) removeUpload.mutate(id);
  };

  return (
    <Stack gap="sm">
      {sources.map(source => (
        <SourceCard key={source.key} source={source} wish={choice.settled} remove={() => remove(source)} />
      ))}
      <Card component="section" aria-label="What is to be done">
        <Stack>
          <PresetChooser
            choice={choice}
            refused={refusedBy(transcode.error ?? preview.error)}
            sent={transcode.error}
            touched={transcode.reset}
          />
          <Group justify="flex-end">
            <Button
              leftSection={<IconPlayerPlay size={18} aria-hidden />}
              onClick={() => void start()}
              loading={transcode.isPending}
              disabled={!choice.wish || ready.length === 0}
            >
              {ready.length === 0 ? "Start" : `Start ${plural(ready.length, "job")}`}
            </Button>
          </Group>
        </Stack>
      </Card>
    </Stack>
  );
}

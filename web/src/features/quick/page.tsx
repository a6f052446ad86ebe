import { Button, FileButton, Group, Paper, Stack, Text } from "@mantine/core";
import { IconFileUpload, IconFolderOpen } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { manualJobsQuery, uploadsQuery } from "../../api/quick.ts";
import type { ManualJob } from "../../api/types.ts";
import { bytes } from "../../ui/format.ts";
import { Page } from "../../ui/page.tsx";
import { usePresetChoice } from "../presets/chooser.tsx";
import { JobDetails } from "../queue/details.tsx";
import { chooseAsFor } from "./again.ts";
import { basket, useSources } from "./basket.ts";
import { Chosen } from "./chosen.tsx";
import { useFileDrop } from "./drop.ts";
import { FilePicker } from "./file-picker.tsx";
import { ManualJobs } from "./jobs.tsx";
import classes from "./quick.module.css";

const route = getRouteApi("/quick");

/** Single files, of the server's disk or the user's own: transcoded beside the original, which stays. */
export function QuickPage() {
  const { job } = route.useSearch();
  const navigate = route.useNavigate();
  const sources = useSources();
  const choice = usePresetChoice();
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
    chooseAsFor(job, choice);
    window.scrollTo({ top: 0, behavior: "smooth" });
  };
  return (
    <Page title="Quick Transcode" subtitle="Single files, made beside the original. No original is touched.">
      <Stack gap="lg" {...handlers}>
        <Choose isOver={isOver} />
        {sources.length > 0 && <Chosen sources={sources} choice={choice} />}
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

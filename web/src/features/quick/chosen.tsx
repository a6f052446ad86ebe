import { Button, Card, Group, Stack } from "@mantine/core";
import { IconPlayerPlay } from "@tabler/icons-react";
import { useQueries, useQuery } from "@tanstack/react-query";
import { fileDryRunQuery, manualJobsQuery, useRemoveUpload, useTranscodeFile } from "../../api/quick.ts";
import { plural } from "../../ui/format.ts";
import { showDone } from "../../ui/toast.tsx";
import { type PresetChoice, PresetChooser } from "../presets/chooser.tsx";
import { refusedBy } from "../presets/refused.ts";
import { askRemove } from "./ask-remove.tsx";
import { basket, type Source } from "./basket.ts";
import { isImpossible } from "./possible.ts";
import { SourceCard } from "./source-card.tsx";

/** The contract's priority of a file that somebody waits for. */
const MANUAL_PRIORITY = 10;
/** While the presets are not known; nothing is asked for then. */
const NO_WISH = { preset_id: null, config: null };

/** The chosen files, what is to happen to them, and the button that begins it. */
export function Chosen({ sources, choice }: { sources: readonly Source[]; choice: PresetChoice }) {
  const { wish, settled } = choice;
  const transcode = useTranscodeFile();
  const remove = useRemoveSource();
  const ready = sources.flatMap(({ key, state }) => (state.kind === "ready" ? [{ key, file: state.file }] : []));
  const previews = useQueries({
    queries: ready.map(({ file }) => ({
      ...fileDryRunQuery(file, settled ?? NO_WISH),
      enabled: settled !== undefined,
    })),
  });
  const possible = ready.filter((_, place) => !isImpossible(previews[place]?.error));
  const refused = previews.find(({ error }) => error && !isImpossible(error))?.error;

  const start = async () => {
    if (!wish) return;
    let begun = 0;
    for (const { key, file } of possible) {
      try {
        await transcode.mutateAsync({ ...file, ...wish, priority: MANUAL_PRIORITY });
        basket.remove(key);
        begun += 1;
      } catch {
        // It stays in the list, and the toast says why.
      }
    }
    if (begun > 0) showDone(`${plural(begun, "job")} queued.`);
  };

  return (
    <Stack gap="sm">
      {sources.map(source => (
        <SourceCard key={source.key} source={source} wish={settled} remove={() => remove(source)} />
      ))}
      <Card component="section" aria-label="What is to be done">
        <Stack>
          <PresetChooser
            choice={choice}
            refused={refusedBy(transcode.error ?? refused)}
            sent={transcode.error}
            touched={transcode.reset}
          />
          <Group justify="flex-end">
            <Button
              leftSection={<IconPlayerPlay size={18} aria-hidden />}
              onClick={() => void start()}
              loading={transcode.isPending}
              disabled={!wish || possible.length === 0}
            >
              {possible.length === 0 ? "Start" : `Start ${plural(possible.length, "job")}`}
            </Button>
          </Group>
        </Stack>
      </Card>
    </Stack>
  );
}

/** Takes a file off the list; one that was sent goes from the server, too, unless jobs were made of it. */
function useRemoveSource(): (source: Source) => void {
  const removeUpload = useRemoveUpload();
  const jobs = useQuery(manualJobsQuery);
  return ({ key, name, state, wasFound }) => {
    const id = state.kind === "ready" && "upload_id" in state.file ? state.file.upload_id : undefined;
    const mayGo = id !== undefined && jobs.data?.every(entry => entry.upload_id !== id);
    if (!mayGo) return basket.remove(key);
    const removeBoth = () => {
      basket.remove(key);
      removeUpload.mutate(id);
    };
    // The list shows the newest jobs only: an older one may have made something of it that nobody fetched.
    if (wasFound) askRemove(name, removeBoth);
    else removeBoth();
  };
}

import { Button, Checkbox, Group, NumberInput, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { facetsQuery } from "../../api/library.ts";
import { Failure } from "../../ui/failure.tsx";
import { count } from "../../ui/format.ts";
import { ListSkeleton } from "../../ui/skeleton.tsx";
import {
  activeFilters,
  type BoundName,
  chosen,
  type FacetName,
  filterOf,
  type LibrarySearch,
  withFacet,
  withoutFilters,
} from "./search.ts";

const TITLES: Record<FacetName, string> = {
  resolution: "Resolution",
  video_codec: "Video codec",
  hdr_format: "Dynamic range",
  audio_codec: "Audio codec",
  container: "Container",
};

interface FiltersProps {
  search: LibrarySearch;
  change: (search: LibrarySearch) => void;
}

/** What the list can be narrowed by: only values that exist, with how many items each would leave. */
export function Filters({ search, change }: FiltersProps) {
  const { data, error, refetch } = useQuery({ ...facetsQuery(filterOf(search)), placeholderData: before => before });
  if (error) return <Failure title="The filters could not be read" error={error} retry={() => void refetch()} />;
  if (!data) return <ListSkeleton rows={8} height={22} />;
  return (
    <Stack gap="lg">
      {activeFilters(search) > 0 && (
        <Button variant="default" size="xs" onClick={() => change(withoutFilters(search))}>
          Clear the filters
        </Button>
      )}
      {(Object.keys(TITLES) as FacetName[]).map(name => (
        <Checkbox.Group
          key={name}
          label={TITLES[name]}
          labelProps={{ fw: 600, mb: 6 }}
          value={chosen(search, name)}
          onChange={values => change(withFacet(search, name, values))}
        >
          <Stack gap={6}>
            {data[name].map(facet => (
              <Group key={facet.value} justify="space-between" wrap="nowrap" gap="xs">
                <Checkbox size="xs" value={facet.value} label={facet.value} />
                <Text size="xs" c="dimmed" className="figures">
                  {count(facet.count)}
                </Text>
              </Group>
            ))}
          </Stack>
        </Checkbox.Group>
      ))}
      <Bounds title="Size, GB" unit={1e9} from="min_size" to="max_size" search={search} change={change} />
      <Bounds title="Bitrate, Mbit/s" unit={1000} from="min_bitrate" to="max_bitrate" search={search} change={change} />
    </Stack>
  );
}

interface BoundsProps extends FiltersProps {
  title: string;
  /** What one of the title's unit is in the API's. */
  unit: number;
  from: BoundName;
  to: BoundName;
}

function Bounds({ title, unit, from, to, search, change }: BoundsProps) {
  const set = (name: BoundName, value: number | string) => {
    const { [name]: _, ...rest } = search;
    change(typeof value === "number" ? { ...rest, [name]: Math.round(value * unit) } : rest);
  };
  const field = (name: BoundName, placeholder: string) => (
    <NumberInput
      size="xs"
      min={0}
      hideControls
      placeholder={placeholder}
      aria-label={`${title}, ${placeholder}`}
      value={search[name] === undefined ? "" : search[name] / unit}
      onChange={value => set(name, value)}
    />
  );
  return (
    <div>
      <Text size="sm" fw={600} mb={6}>
        {title}
      </Text>
      <Group grow gap="xs">
        {field(from, "at least")}
        {field(to, "at most")}
      </Group>
    </div>
  );
}

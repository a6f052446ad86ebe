import { useLocalStorage } from "@mantine/hooks";
import type { ColumnSizingState, ColumnVisibilityState } from "@tanstack/react-table";
import { defaultVisibility } from "./columns.tsx";

/** Which columns show and how wide they are; remembered in this browser. */
export function useColumnsState() {
  const [visibility, setVisibility] = useLocalStorage<ColumnVisibilityState>({
    key: "mediaflow-library-columns",
    defaultValue: defaultVisibility,
    getInitialValueInEffect: false,
  });
  const [sizing, setSizing] = useLocalStorage<ColumnSizingState>({
    key: "mediaflow-library-widths",
    defaultValue: {},
    getInitialValueInEffect: false,
  });
  return { visibility, setVisibility, sizing, setSizing };
}

export type ColumnsState = ReturnType<typeof useColumnsState>;

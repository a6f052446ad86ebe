import { CloseButton, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";

/** After the last key, as in the earlier clients. */
const PAUSE_MS = 300;

interface SearchFieldProps {
  label: string;
  value: string;
  search: (value: string) => void;
}

/** A search that begins when the typing pauses. */
export function SearchField({ label, value, search }: SearchFieldProps) {
  const [typed, setTyped] = useState(value);
  const [told, setTold] = useState(value);
  // The value changed from elsewhere, such as by the browser's back button.
  if (value !== told) {
    setTold(value);
    setTyped(value);
  }
  const tell = (text: string) => {
    setTold(text);
    search(text);
  };
  const tellLater = useDebouncedCallback(tell, PAUSE_MS);
  const change = (text: string) => {
    setTyped(text);
    tellLater(text.trim());
  };
  return (
    <TextInput
      type="search"
      aria-label={label}
      placeholder={label}
      leftSection={<IconSearch size={16} aria-hidden />}
      rightSection={typed && <CloseButton size="sm" aria-label="Clear the search" onClick={() => change("")} />}
      value={typed}
      onChange={event => change(event.currentTarget.value)}
    />
  );
}

import { Button, Group, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";

interface PathFieldProps {
  /** The folder that is looked into; what is typed begins with it. */
  folder: string | null;
  open: (path: string) => void;
}

/** Takes the path of a folder or a file, for those who know it. */
export function PathField({ folder, open }: PathFieldProps) {
  const [typed, setTyped] = useState(folder ?? "");
  const path = typed.trim();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (path !== "") open(path);
  };
  return (
    <form onSubmit={submit}>
      <Group gap="xs" wrap="nowrap" align="flex-end">
        <TextInput
          label="Path"
          placeholder="/media/films/Film.mkv"
          flex={1}
          value={typed}
          onChange={event => setTyped(event.currentTarget.value)}
        />
        <Button type="submit" variant="default" disabled={path === ""}>
          Open
        </Button>
      </Group>
    </form>
  );
}

import { Anchor } from "@mantine/core";
import { IconError404 } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { Empty } from "../ui/empty.tsx";

/** An address that leads nowhere. */
export function NotFound() {
  return (
    <Empty icon={IconError404} title="There is no such page">
      The address leads nowhere. Go to the{" "}
      <Anchor component={Link} to="/library">
        library
      </Anchor>{" "}
      or pick a page from the navigation.
    </Empty>
  );
}

import { Button } from "@mantine/core";
import { IconError404 } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { Empty } from "../ui/empty.tsx";
import { Page } from "../ui/page.tsx";

/** An address that leads nowhere. */
export function NotFound() {
  return (
    <Page title="Not found">
      <Empty
        icon={IconError404}
        title="There is no such page"
        actions={
          <Button component={Link} to="/library">
            Go to the library
          </Button>
        }
      >
        The address leads nowhere. Pick a page from the navigation.
      </Empty>
    </Page>
  );
}

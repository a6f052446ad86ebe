import { Button } from "@mantine/core";
import { IconFolderPlus, IconMovieOff } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { Empty } from "../../ui/empty.tsx";
import { Page } from "../../ui/page.tsx";
import { filterOf, type LibrarySearch } from "./search.ts";

/** In place of the rows when there is none. */
export function NoMatch({ search, clear }: { search: LibrarySearch; clear: () => void }) {
  const narrowed = Object.keys(filterOf(search)).length > 0;
  if (!narrowed) {
    return (
      <Empty icon={IconMovieOff} title="No media files yet">
        The libraries hold no media file that could be read. A scan finds new ones: start it under Settings, Libraries.
      </Empty>
    );
  }
  return (
    <Empty
      icon={IconMovieOff}
      title="Nothing matches"
      actions={
        <Button variant="default" onClick={clear}>
          Show everything
        </Button>
      }
    >
      No file fits the search and the filters together.
    </Empty>
  );
}

/** In place of the page before the first library. */
export function NoLibrary() {
  return (
    <Page title="Library">
      <Empty
        icon={IconFolderPlus}
        title="There is no library yet"
        actions={
          <Button component={Link} to="/welcome">
            Add a folder
          </Button>
        }
      >
        A library is a folder with films or series. MediaFlow reads it, and changes nothing until you say so.
      </Empty>
    </Page>
  );
}

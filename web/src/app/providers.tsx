import { MantineProvider } from "@mantine/core";
import { ModalsProvider } from "@mantine/modals";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useState } from "react";
import { LiveProvider } from "../live/context.tsx";
import { createQueryClient } from "./queries.ts";
import { createAppRouter } from "./router.tsx";
import { colorScheme, cssVariables, theme } from "./theme.ts";

/** Everything that the pages stand on, from the outside in. */
export function Providers() {
  const [queries] = useState(createQueryClient);
  const [router] = useState(() => createAppRouter(queries));
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      colorSchemeManager={colorScheme}
      defaultColorScheme="dark"
    >
      <QueryClientProvider client={queries}>
        <LiveProvider>
          <ModalsProvider labels={{ confirm: "Yes", cancel: "Cancel" }}>
            <Notifications position="bottom-right" limit={4} />
            <RouterProvider router={router} />
          </ModalsProvider>
        </LiveProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}

import { MantineProvider } from "@mantine/core";
import { ModalsProvider } from "@mantine/modals";
import { Notifications } from "@mantine/notifications";
import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { LiveProvider } from "../live/context.tsx";
import type { Live } from "../live/live.ts";
import { MOST_TOASTS } from "../ui/toast.tsx";
import type { AppRouter } from "./router.tsx";
import { colorScheme, cssVariables, theme } from "./theme.ts";

interface ProvidersProps {
  queries: QueryClient;
  router: AppRouter;
  live: Live;
}

/** Everything that the pages stand on, from the outside in. */
export function Providers({ queries, router, live }: ProvidersProps) {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      colorSchemeManager={colorScheme}
      defaultColorScheme="dark"
    >
      <QueryClientProvider client={queries}>
        <LiveProvider live={live}>
          <ModalsProvider labels={{ confirm: "Yes", cancel: "Cancel" }}>
            <Notifications position="bottom-right" limit={MOST_TOASTS} />
            <RouterProvider router={router} />
          </ModalsProvider>
        </LiveProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}

import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import { librariesQuery } from "../api/libraries.ts";
import { itemsQuery } from "../api/library.ts";
// The page that everybody begins with comes with the frame; the others follow when they are gone to.
import { LibraryPage } from "../features/library/page.tsx";
import { filterOf, orderOf, parseLibrarySearch } from "../features/library/search.ts";
import { parseQueueSearch } from "../features/queue/search.ts";
import { parseQuickSearch } from "../features/quick/search.ts";
import { PageFailure } from "../ui/failure.tsx";
import { PageSkeleton } from "../ui/skeleton.tsx";
import { NotFound } from "./not-found.tsx";
import { Shell } from "./shell.tsx";

const root = createRootRouteWithContext<{ queries: QueryClient }>()({ component: Shell, notFoundComponent: NotFound });

/** Who has a library begins with it; who has none is welcomed. */
const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  loader: async ({ context }) => {
    const libraries = await context.queries.ensureQueryData(librariesQuery);
    throw redirect({ to: libraries.length > 0 ? "/library" : "/welcome", replace: true });
  },
});

const welcome = createRoute({
  getParentRoute: () => root,
  path: "/welcome",
  component: lazyRouteComponent(() => import("../features/welcome/page.tsx"), "WelcomePage"),
});

const library = createRoute({
  getParentRoute: () => root,
  path: "/library",
  validateSearch: parseLibrarySearch,
  loaderDeps: ({ search }) => ({ filter: filterOf(search), order: orderOf(search) }),
  // Asked for here, the first rows are there when the page is drawn for the first time.
  loader: ({ context: { queries }, deps: { filter, order } }) => {
    void queries.prefetchQuery(itemsQuery(filter, order, 1));
    void queries.prefetchQuery(librariesQuery);
  },
  component: LibraryPage,
});

const quick = createRoute({
  getParentRoute: () => root,
  path: "/quick",
  validateSearch: parseQuickSearch,
  component: lazyRouteComponent(() => import("../features/quick/page.tsx"), "QuickPage"),
});

const intelligence = createRoute({
  getParentRoute: () => root,
  path: "/intelligence",
  component: lazyRouteComponent(() => import("../features/intelligence/page.tsx"), "IntelligencePage"),
});

const queue = createRoute({
  getParentRoute: () => root,
  path: "/queue",
  validateSearch: parseQueueSearch,
  component: lazyRouteComponent(() => import("../features/queue/page.tsx"), "QueuePage"),
});

const quarantine = createRoute({
  getParentRoute: () => root,
  path: "/quarantine",
  component: lazyRouteComponent(() => import("../features/quarantine/page.tsx"), "QuarantinePage"),
});

const servers = createRoute({
  getParentRoute: () => root,
  path: "/servers",
  component: lazyRouteComponent(() => import("../features/servers/page.tsx"), "ServersPage"),
});

const settings = createRoute({
  getParentRoute: () => root,
  path: "/settings/{-$tab}",
  component: lazyRouteComponent(() => import("../features/settings/page.tsx"), "SettingsPage"),
});

const logs = createRoute({
  getParentRoute: () => root,
  path: "/logs/{-$tab}",
  component: lazyRouteComponent(() => import("../features/logs/page.tsx"), "LogsPage"),
});

const routes = root.addChildren([
  home,
  welcome,
  library,
  quick,
  intelligence,
  queue,
  quarantine,
  servers,
  settings,
  logs,
]);

export function createAppRouter(queries: QueryClient) {
  return createRouter({
    routeTree: routes,
    context: { queries },
    defaultPreload: "intent",
    defaultPendingComponent: PageSkeleton,
    defaultErrorComponent: ({ error, reset }) => <PageFailure error={error} retry={reset} />,
    scrollRestoration: true,
  });
}

export type AppRouter = ReturnType<typeof createAppRouter>;

declare module "@tanstack/react-router" {
  interface Register {
    router: AppRouter;
  }
}

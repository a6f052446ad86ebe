import { MutationCache, QueryClient } from "@tanstack/react-query";
import { ApiError, messageOf } from "../api/error.ts";
import { showFailure } from "../ui/toast.tsx";

/** What is kept is kept new by the live events, so an answer never becomes stale by itself. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: Number.POSITIVE_INFINITY,
        refetchOnWindowFocus: false,
        // A server that is restarting answers again soon; an answer that says no will not change by asking again.
        retry: (failures, error) => failures < 2 && (!(error instanceof ApiError) || error.status === 0),
      },
      mutations: { retry: false },
    },
    // Every action that fails says so; the API's sentence tells what to do.
    mutationCache: new MutationCache({
      onError: (error, _variables, _result, mutation) => {
        if (!mutation.meta?.isShownInPlace) showFailure(mutation.meta?.title, messageOf(error));
      },
    }),
  });
}

declare module "@tanstack/react-query" {
  interface Register {
    mutationMeta: {
      /** What failed when it does: "The job was not cancelled". */
      title: string;
      /** Whether the form that was sent shows it itself, so that no toast covers its buttons. */
      isShownInPlace?: boolean;
    };
  }
}

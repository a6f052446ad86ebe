import { notifications } from "@mantine/notifications";

/** How long a toast stays, as in the earlier clients. */
const SHOWN_MS = 12_000;

/** Says that something was done. */
export function showDone(message: string): void {
  notifications.show({ message, color: "teal", autoClose: SHOWN_MS, withBorder: true });
}

/** Says what failed and, in the API's own words, why. */
export function showFailure(title: string | undefined, message: string): void {
  notifications.show({
    title: title ?? "That did not work",
    message,
    color: "red",
    autoClose: SHOWN_MS,
    withBorder: true,
  });
}

/**
 * Says that an action was done, when it is. Unlike the callbacks of `mutate` this also happens when the button that was
 * pressed is gone by then; a failure is shown by the query client.
 */
export function sayWhenDone<T>(action: Promise<T>, said: (answer: T) => string): void {
  action.then(
    answer => showDone(said(answer)),
    () => {},
  );
}

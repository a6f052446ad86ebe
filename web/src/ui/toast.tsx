import { Button, Group } from "@mantine/core";
import { type NotificationData, notifications, notificationsStore } from "@mantine/notifications";

/** How long a toast stays, as in the earlier clients. */
const SHOWN_MS = 12_000;
/** Toasts that stand at the same time. */
export const MOST_TOASTS = 4;

/** Something to do from a toast, such as taking back what it tells. */
interface ToastAction {
  label: string;
  run: () => void;
}

/** Shows a toast at once: where there are enough already, the oldest one goes. */
function show(toast: NotificationData): string {
  const shown = notificationsStore.getState().notifications;
  for (const { id } of shown.slice(0, Math.max(0, shown.length - MOST_TOASTS + 1))) if (id) notifications.hide(id);
  return notifications.show({ autoClose: SHOWN_MS, withBorder: true, ...toast });
}

/** Says that something was done. */
export function showDone(message: string, action?: ToastAction): void {
  const id = show({
    color: "teal",
    message: action ? (
      <Group justify="space-between" wrap="nowrap">
        <span>{message}</span>
        <Button
          size="compact-xs"
          variant="light"
          onClick={() => {
            action.run();
            notifications.hide(id);
          }}
        >
          {action.label}
        </Button>
      </Group>
    ) : (
      message
    ),
  });
}

/** Says that something was left out, and why; one thing a line. */
export function showWarning(title: string, message: string): void {
  const styles = { description: { whiteSpace: "pre-line" } } as const;
  show({ title, message, color: "orange", styles });
}

/** Says what failed and, in the API's own words, why. */
export function showFailure(title: string | undefined, message: string): void {
  show({ title: title ?? "That did not work", message, color: "red" });
}

/**
 * Says that an action was done, when it is. Unlike the callbacks of `mutate` this also happens when the button that was
 * pressed is gone by then; a failure is shown by the query client.
 */
export function sayWhenDone<T>(done: Promise<T>, said: (answer: T) => string, action?: ToastAction): void {
  done.then(
    answer => showDone(said(answer), action),
    () => {},
  );
}

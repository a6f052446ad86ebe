import { type DragEvent, useState } from "react";
import { basket } from "./basket.ts";

/** What makes an element take files that are dropped on it. */
export function useFileDrop(dropped?: () => void) {
  // Every child that is entered is entered before the one before is left.
  const [depth, setDepth] = useState(0);
  const take = (event: DragEvent, step: number) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    setDepth(depth => Math.max(0, depth + step));
  };
  return {
    isOver: depth > 0,
    handlers: {
      onDragEnter: (event: DragEvent) => take(event, 1),
      onDragLeave: (event: DragEvent) => take(event, -1),
      onDragOver: (event: DragEvent) => take(event, 0),
      onDrop: (event: DragEvent) => {
        if (!event.dataTransfer.types.includes("Files")) return;
        event.preventDefault();
        setDepth(0);
        const files = [...event.dataTransfer.files];
        if (files.length === 0) return;
        basket.addFiles(files);
        dropped?.();
      },
    },
  };
}

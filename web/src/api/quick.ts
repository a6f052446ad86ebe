import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, bodyOf } from "./client.ts";
import { ApiError, apiError } from "./error.ts";
import { keys } from "./keys.ts";
import type { JobConfig } from "./queue.ts";
import { goToLogin, session } from "./session.ts";
import type { Upload } from "./types.ts";

/** A file outside of any library: one that the server sees, or one that was sent to it. */
export type FileRef = { file_path: string } | { upload_id: string };

/** Folders and media files in a folder of the server's machine; the places to begin for null. */
export function filesQuery(path: string | null) {
  return queryOptions({
    queryKey: [...keys.folders, "files", path],
    queryFn: ({ signal }) =>
      bodyOf(api.GET("/api/folders", { params: { query: { files: true, ...(path !== null && { path }) } }, signal })),
    // Folders change without an event.
    staleTime: 0,
  });
}

/** What is in a single file. */
export function probeQuery(file: FileRef) {
  return queryOptions({
    queryKey: [...keys.quick, "probe", file],
    queryFn: ({ signal }) => bodyOf(api.POST("/api/transcode/probe", { body: file, signal })),
    retry: false,
  });
}

/** What would become of a single file, without doing it. */
export function fileDryRunQuery(file: FileRef, wish: { preset_id: number | null; config: JobConfig | null }) {
  return queryOptions({
    queryKey: [...keys.quick, "dry-run", file, wish],
    queryFn: ({ signal }) => bodyOf(api.POST("/api/transcode/manual/dry-run", { body: { ...file, ...wish }, signal })),
    retry: false,
  });
}

/** Files that were sent, and how much room there is for more. */
export const uploadsQuery = queryOptions({
  queryKey: [...keys.quick, "uploads"],
  queryFn: ({ signal }) => bodyOf(api.GET("/api/transcode/uploads", { signal })),
});

/** The newest jobs of single files. */
export const manualJobsQuery = queryOptions({
  queryKey: [...keys.queue, "manual"],
  queryFn: ({ signal }) => bodyOf(api.GET("/api/transcode/manual", { signal })),
});

/** Queues a single file. */
export function useTranscodeFile() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: FileRef & { preset_id: number | null; config: JobConfig | null; priority: number }) =>
      bodyOf(api.POST("/api/transcode/manual", { body })),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.queue }),
    meta: { title: "The file was not queued" },
  });
}

export function useRemoveUpload() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (upload_id: string) =>
      bodyOf(api.DELETE("/api/transcode/uploads/{upload_id}", { params: { path: { upload_id } } })),
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: keys.quick });
      return queries.invalidateQueries({ queryKey: manualJobsQuery.queryKey });
    },
    meta: { title: "The upload was not removed" },
  });
}

/** Where a job's output is fetched. */
export function outputUrl(jobId: number): string {
  return `/api/transcode/jobs/${jobId}/output`;
}

/** Sends a file as it lies on the user's disk. `fetch` cannot tell how far it is. */
export async function sendFile(file: File, onSent: (bytes: number) => void, signal: AbortSignal): Promise<Upload> {
  const { csrf_token } = await session();
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/api/transcode/uploads?name=${encodeURIComponent(file.name)}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    if (csrf_token) request.setRequestHeader("X-CSRF-Token", csrf_token);
    request.responseType = "json";
    request.upload.onprogress = event => onSent(event.loaded);
    request.onload = () => {
      if (request.status === 201) return resolve(request.response as Upload);
      if (request.status === 401) goToLogin();
      reject(apiError(request.status, request.response));
    };
    request.onerror = () => reject(new ApiError(0, "The connection broke off while the file was sent; add it again."));
    request.onabort = () => reject(new DOMException("The upload was cancelled", "AbortError"));
    signal.addEventListener("abort", () => request.abort());
    if (signal.aborted) return request.onabort(new ProgressEvent("abort"));
    request.send(file);
  });
}

-- Files that came through the browser, and what a job's page shows beyond its attempts.

-- `public_id` names its folder and stands for it outside. The row is there once the file is whole.
CREATE TABLE uploads (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    public_id  TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    size_bytes INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX uploads_public_id ON uploads (public_id);

-- Jobs of an upload. `job_id` is a plain number: clearing the queue must not make an upload forget that it had jobs.
-- `fetched_at` is when the job's output had been sent to the user wholly.
CREATE TABLE upload_jobs (
    job_id     INTEGER PRIMARY KEY,
    upload_id  INTEGER NOT NULL REFERENCES uploads (id) ON DELETE CASCADE,
    fetched_at INTEGER
) STRICT;
CREATE INDEX upload_jobs_upload ON upload_jobs (upload_id);

-- Each time that a job's source was decoded: how long it took, and what was in the file, which the catalog forgets
-- with the replacement.
CREATE TABLE source_reads (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    job_id     INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    started_at INTEGER NOT NULL,
    ended_at   INTEGER,
    info       TEXT    CHECK (json_valid(info))
) STRICT;
CREATE INDEX source_reads_job ON source_reads (job_id);
CREATE INDEX jobs_beside ON jobs (id) WHERE mode = 'beside';

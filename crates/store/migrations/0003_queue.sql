-- What is decided and who does it: jobs, their tasks, the attempts at these, what they made, the space they hold.

-- The lock of a file is the unfinished job on its path. Path, title and content stay as they were when it was queued,
-- whatever becomes of the file's row.
CREATE TABLE jobs (
    id                  INTEGER PRIMARY KEY AUTOINCREMENT,
    public_id           TEXT    NOT NULL,
    file_id             INTEGER REFERENCES files (id) ON DELETE SET NULL,
    storage_id          INTEGER NOT NULL REFERENCES storages (id),
    path                BLOB    NOT NULL,
    path_key            BLOB    NOT NULL,
    title               TEXT    NOT NULL,
    content_size        INTEGER NOT NULL,
    content_edges       TEXT    NOT NULL,
    generation          INTEGER NOT NULL,
    preset              TEXT    NOT NULL,
    settings            TEXT    NOT NULL CHECK (json_valid(settings)),
    policy              TEXT    NOT NULL,
    intent              TEXT    CHECK (json_valid(intent)),
    intent_hash         TEXT,
    mode                TEXT    NOT NULL CHECK (mode IN ('replace', 'beside')),
    forced              INTEGER NOT NULL CHECK (forced IN (0, 1)),
    status              TEXT    NOT NULL,
    ending              TEXT,
    reason              TEXT,
    failure_cause       TEXT,
    priority            INTEGER NOT NULL DEFAULT 0,
    rank                INTEGER NOT NULL DEFAULT 0,
    source_bytes        INTEGER NOT NULL,
    output_bytes        INTEGER,
    cancel_requested_at INTEGER,
    created_at          INTEGER NOT NULL,
    started_at          INTEGER,
    ended_at            INTEGER,
    row_version         INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE UNIQUE INDEX jobs_public_id ON jobs (public_id);
CREATE UNIQUE INDEX jobs_one_unfinished_per_file ON jobs (storage_id, path_key)
    WHERE status NOT IN ('completed', 'failed', 'cancelled');
CREATE INDEX jobs_file ON jobs (file_id);
CREATE INDEX jobs_order ON jobs (status, priority DESC, rank, id);

CREATE TABLE tasks (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    job_id     INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    kind       TEXT    NOT NULL CHECK (kind IN ('fetch', 'encode', 'prove', 'replace')),
    position   INTEGER NOT NULL DEFAULT 0,
    state      TEXT    NOT NULL CHECK (state IN ('running', 'done', 'failed', 'cancelled')),
    started_at INTEGER NOT NULL,
    ended_at   INTEGER
) STRICT;
CREATE UNIQUE INDEX tasks_of_job ON tasks (job_id, kind, position);

-- At most one attempt of a task is unfinished. Whoever holds its token may speak for it; taking it over changes the
-- token, so that a late answer changes nothing.
CREATE TABLE attempts (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    task_id        INTEGER NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    token          INTEGER NOT NULL,
    executor       TEXT    NOT NULL,
    dir            BLOB    NOT NULL,
    state          TEXT    NOT NULL
        CHECK (state IN ('submitted', 'running', 'done', 'failed', 'cancelled', 'superseded')),
    lease_until_at INTEGER NOT NULL,
    argv           TEXT    CHECK (json_valid(argv)),
    outcome        TEXT    CHECK (json_valid(outcome)),
    log_tail       TEXT,
    started_at     INTEGER NOT NULL,
    ended_at       INTEGER
) STRICT;
CREATE INDEX attempts_task ON attempts (task_id);
CREATE UNIQUE INDEX attempts_one_unfinished_per_task ON attempts (task_id) WHERE state IN ('submitted', 'running');

CREATE TABLE artifacts (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    attempt_id INTEGER NOT NULL REFERENCES attempts (id) ON DELETE CASCADE,
    kind       TEXT    NOT NULL,
    hash       TEXT,
    size_bytes INTEGER NOT NULL,
    location   BLOB    NOT NULL,
    created_at INTEGER NOT NULL,
    removed_at INTEGER
) STRICT;
CREATE INDEX artifacts_attempt ON artifacts (attempt_id);

-- Space that running jobs of any process will still need on a volume.
CREATE TABLE disk_reservations (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    job_id     INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    volume     TEXT    NOT NULL,
    size_bytes INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX disk_reservations_job ON disk_reservations (job_id, volume);
CREATE INDEX disk_reservations_volume ON disk_reservations (volume);

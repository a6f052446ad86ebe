-- What happened. Nothing here hangs on a job's row: clearing the queue takes none of it away. `job_id` is a plain
-- number that may point at nothing, which is safe because ids are never reused.

CREATE TABLE proofs (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    job_id        INTEGER NOT NULL,
    output_hash   TEXT    NOT NULL,
    output_bytes  INTEGER NOT NULL,
    content_size  INTEGER NOT NULL,
    content_edges TEXT    NOT NULL,
    intent_hash   TEXT    NOT NULL,
    conclusion    TEXT    NOT NULL CHECK (conclusion IN ('proven', 'not_worth_it', 'rejected')),
    proof         TEXT    NOT NULL CHECK (json_valid(proof)),
    created_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX proofs_job ON proofs (job_id);

-- The replacement journal. `id` is the counter in the replacement's own id. `record` is the whole of what the protocol
-- knows, its state included; the columns beside it are what is searched for. `quarantine` says what became of the
-- original that was put away. `token` is the fencing token of whoever may take steps. `policy` is that of the job, kept
-- here because an undo needs it when the job was cleared.
CREATE TABLE replacements (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    public_id     TEXT    NOT NULL,
    job_id        INTEGER,
    storage_id    INTEGER NOT NULL REFERENCES storages (id),
    kind          TEXT    NOT NULL,
    state         TEXT    NOT NULL,
    token         INTEGER NOT NULL,
    conflict      TEXT,
    original      BLOB    NOT NULL,
    target        BLOB    NOT NULL,
    staging       BLOB    NOT NULL,
    quarantined   BLOB    NOT NULL,
    output_hash   TEXT    NOT NULL,
    output_bytes  INTEGER NOT NULL,
    source_bytes  INTEGER NOT NULL,
    undoes        TEXT,
    policy        TEXT,
    quarantine    TEXT    NOT NULL DEFAULT 'none'
        CHECK (quarantine IN ('none', 'held', 'restoring', 'purging', 'purged', 'restored')),
    held_until_at INTEGER,
    kept_because  TEXT,
    record        TEXT    NOT NULL CHECK (json_valid(record)),
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL,
    row_version   INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE UNIQUE INDEX replacements_public_id ON replacements (public_id);
CREATE INDEX replacements_job ON replacements (job_id);
CREATE INDEX replacements_unfinished ON replacements (storage_id) WHERE state NOT IN ('done', 'abandoned', 'conflict');
CREATE INDEX replacements_quarantine ON replacements (quarantine, held_until_at);

-- Append only: every state a replacement was in, in order.
CREATE TABLE replacement_steps (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    replacement_id INTEGER NOT NULL REFERENCES replacements (id),
    state          TEXT    NOT NULL,
    token          INTEGER NOT NULL,
    detail         TEXT,
    at             INTEGER NOT NULL
) STRICT;
CREATE INDEX replacement_steps_of ON replacement_steps (replacement_id);

-- One row for each job that came to an end: what statistics and learned ratios are made of.
CREATE TABLE outcomes (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    job_id            INTEGER NOT NULL,
    file_id           INTEGER,
    title             TEXT    NOT NULL,
    preset            TEXT    NOT NULL,
    ending            TEXT    NOT NULL,
    reason            TEXT    NOT NULL,
    source_codec      TEXT,
    source_resolution TEXT,
    source_bytes      INTEGER NOT NULL,
    target_codec      TEXT,
    target_resolution TEXT,
    target_bytes      INTEGER,
    encoder           TEXT,
    media_duration_us INTEGER,
    work_duration_us  INTEGER,
    average_fps       REAL,
    created_at        INTEGER NOT NULL
) STRICT;
CREATE INDEX outcomes_codecs ON outcomes (source_codec, target_codec);
CREATE INDEX outcomes_job ON outcomes (job_id);

CREATE TABLE events (
    seq  INTEGER PRIMARY KEY AUTOINCREMENT,
    at   INTEGER NOT NULL,
    name TEXT    NOT NULL,
    body TEXT    NOT NULL CHECK (json_valid(body))
) STRICT;

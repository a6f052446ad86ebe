-- What is worth doing: presets, verdicts, analysis runs and their recommendations.

CREATE TABLE presets (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    name        TEXT    NOT NULL COLLATE NOCASE,
    description TEXT    NOT NULL,
    is_builtin  INTEGER NOT NULL CHECK (is_builtin IN (0, 1)),
    settings    TEXT    NOT NULL CHECK (json_valid(settings)),
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    row_version INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE UNIQUE INDEX presets_name ON presets (name);

-- Bound to content and policy, not to a path or a job: renaming a file or clearing the queue forgets nothing.
CREATE TABLE verdicts (
    content_size  INTEGER NOT NULL,
    content_edges TEXT    NOT NULL,
    policy        TEXT    NOT NULL,
    verdict       TEXT    NOT NULL CHECK (json_valid(verdict)),
    updated_at    INTEGER NOT NULL,
    PRIMARY KEY (content_size, content_edges, policy)
) STRICT, WITHOUT ROWID;

CREATE TABLE analysis_runs (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    library_id      INTEGER REFERENCES libraries (id) ON DELETE SET NULL,
    cause           TEXT    NOT NULL,
    started_at      INTEGER NOT NULL,
    ended_at        INTEGER,
    files           INTEGER NOT NULL DEFAULT 0,
    recommendations INTEGER NOT NULL DEFAULT 0,
    savings_bytes   INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX analysis_runs_library ON analysis_runs (library_id);

-- One per file, kind and generation: a later run renews it under its old id, so that a dismissal lasts until the file
-- changes.
CREATE TABLE recommendations (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id        INTEGER NOT NULL REFERENCES analysis_runs (id) ON DELETE CASCADE,
    file_id       INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE,
    generation    INTEGER NOT NULL,
    kind          TEXT    NOT NULL,
    severity      TEXT    NOT NULL,
    priority      REAL    NOT NULL,
    confidence    REAL    NOT NULL,
    savings_bytes INTEGER NOT NULL,
    title         TEXT    NOT NULL,
    reason        TEXT    NOT NULL,
    preset        TEXT    NOT NULL,
    policy        TEXT    NOT NULL,
    created_at    INTEGER NOT NULL,
    dismissed_at  INTEGER,
    actioned_at   INTEGER
) STRICT;
CREATE UNIQUE INDEX recommendations_subject ON recommendations (file_id, kind, generation);
CREATE INDEX recommendations_run ON recommendations (run_id);
CREATE INDEX recommendations_open ON recommendations (priority DESC, savings_bytes DESC, id)
    WHERE dismissed_at IS NULL AND actioned_at IS NULL;

-- What is there: installation, settings, storages, sources, files, probes, and the catalog above the files.
--
-- Everywhere: ids are never reused (AUTOINCREMENT); `_at` is UTC microseconds; `_bytes` is bytes; a path is raw bytes
-- relative to its storage's root, and `path_key` is what two paths must share to be the same file there.

-- One row. The epoch (64 random bits) also stands in every note beside a quarantined original, so that a database
-- restored from a backup does not replay its journal over files that have moved on.
CREATE TABLE installation (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    epoch      INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- Numbers that only rise: fencing tokens, and the counter in the id of a replacement.
CREATE TABLE counters (
    name  TEXT    PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
    key        TEXT    PRIMARY KEY,
    value      TEXT    NOT NULL CHECK (json_valid(value)),
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A tree of files. Never deleted: quarantine and history refer to it.
CREATE TABLE storages (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    root         BLOB    NOT NULL,
    fold_case    INTEGER NOT NULL CHECK (fold_case IN (0, 1)),
    capabilities TEXT    NOT NULL CHECK (json_valid(capabilities)),
    device       INTEGER,
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX storages_root ON storages (root);

CREATE TABLE sources (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    kind       TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- A folder source has one library with its storage and folder (empty: the storage's root).
CREATE TABLE libraries (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    source_id       INTEGER NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
    storage_id      INTEGER REFERENCES storages (id),
    folder          BLOB    NOT NULL DEFAULT x'',
    title           TEXT    NOT NULL,
    type            TEXT    NOT NULL,
    last_scanned_at INTEGER,
    created_at      INTEGER NOT NULL
) STRICT;
CREATE INDEX libraries_source ON libraries (source_id);
CREATE UNIQUE INDEX libraries_folder ON libraries (storage_id, folder) WHERE storage_id IS NOT NULL;

CREATE TABLE scans (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    library_id INTEGER NOT NULL REFERENCES libraries (id) ON DELETE CASCADE,
    started_at INTEGER NOT NULL,
    ended_at   INTEGER,
    seen       INTEGER NOT NULL DEFAULT 0,
    probed     INTEGER NOT NULL DEFAULT 0,
    missing    INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX scans_library ON scans (library_id);

-- `generation` rises when the content changes; a probe counts only for the generation it was made of.
-- `content_size` and `content_edges` are the content's identity, for media only.
CREATE TABLE files (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    storage_id       INTEGER NOT NULL REFERENCES storages (id),
    path             BLOB    NOT NULL,
    path_key         BLOB    NOT NULL,
    kind             TEXT    NOT NULL CHECK (kind IN ('media', 'sidecar', 'other', 'unreadable')),
    reason           TEXT,
    size_bytes       INTEGER,
    mtime_ns         INTEGER,
    device           INTEGER,
    inode            INTEGER,
    links            INTEGER,
    content_size     INTEGER,
    content_edges    TEXT,
    generation       INTEGER NOT NULL DEFAULT 1,
    last_scan_id     INTEGER,
    first_seen_at    INTEGER NOT NULL,
    last_seen_at     INTEGER NOT NULL,
    missing_since_at INTEGER
) STRICT;
CREATE UNIQUE INDEX files_path ON files (storage_id, path_key);

CREATE TABLE probes (
    file_id    INTEGER PRIMARY KEY REFERENCES files (id) ON DELETE CASCADE,
    generation INTEGER NOT NULL,
    info       TEXT    NOT NULL CHECK (json_valid(info)),
    tool       TEXT    NOT NULL,
    probed_at  INTEGER NOT NULL
) STRICT;

-- What ffprobe wrote, whole, deflated: apart from `probes`, so that a walk over the library does not read it.
CREATE TABLE probe_texts (
    file_id  INTEGER PRIMARY KEY REFERENCES files (id) ON DELETE CASCADE,
    deflated BLOB    NOT NULL
) STRICT;

-- source -> library -> item -> version -> part <-> file. A file may hold several episodes, and a film may lie in
-- several files or versions. `key` is the source's own name for the thing (a rating key, for a folder its path).
CREATE TABLE items (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    library_id INTEGER NOT NULL REFERENCES libraries (id) ON DELETE CASCADE,
    key        TEXT    NOT NULL,
    type       TEXT    NOT NULL,
    title      TEXT    NOT NULL,
    year       INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX items_key ON items (library_id, key);

CREATE TABLE versions (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    item_id INTEGER NOT NULL REFERENCES items (id) ON DELETE CASCADE,
    key     TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX versions_key ON versions (item_id, key);

CREATE TABLE parts (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    version_id INTEGER NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
    position   INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX parts_position ON parts (version_id, position);

CREATE TABLE part_files (
    part_id INTEGER NOT NULL REFERENCES parts (id) ON DELETE CASCADE,
    file_id INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE,
    PRIMARY KEY (part_id, file_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX part_files_file ON part_files (file_id, part_id);

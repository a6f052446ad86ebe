-- What people mark and keep: tags on items, and filters by name.

-- `name_key` is what two names must share to be the same one, whatever the case of their letters. `version` rises whenever
-- other items have the tag: that is how the catalog in memory learns of it.
CREATE TABLE tags (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT    NOT NULL,
    name_key   TEXT    NOT NULL,
    color      TEXT    NOT NULL,
    version    INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX tags_name ON tags (name_key);

CREATE TABLE part_tags (
    tag_id  INTEGER NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
    part_id INTEGER NOT NULL REFERENCES parts (id) ON DELETE CASCADE,
    PRIMARY KEY (tag_id, part_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX part_tags_part ON part_tags (part_id);

CREATE TABLE filter_presets (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT    NOT NULL,
    name_key   TEXT    NOT NULL,
    filter     TEXT    NOT NULL CHECK (json_valid(filter)),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX filter_presets_name ON filter_presets (name_key);

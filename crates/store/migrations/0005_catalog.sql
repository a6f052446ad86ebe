-- What the catalog in memory is loaded from, and how it learns of changes.

-- The filterable columns of a probe, flat, so that a million of them load without reading a million JSON texts.
-- Written with every probe; they count only for the generation they were made of, as the probe does.
CREATE TABLE media_facts (
    file_id           INTEGER PRIMARY KEY REFERENCES files (id) ON DELETE CASCADE,
    generation        INTEGER NOT NULL,
    duration_us       INTEGER,
    container         TEXT    NOT NULL,
    video_codec       TEXT,
    video_profile     TEXT,
    video_bitrate_bps INTEGER,
    width             INTEGER,
    height            INTEGER,
    tier              TEXT,
    frame_rate        REAL,
    hdr_format        TEXT,
    bit_depth         INTEGER,
    audio_codec       TEXT,
    audio_channels    INTEGER,
    audio_layout      TEXT,
    audio_bitrate_bps INTEGER,
    probed_at         INTEGER NOT NULL
) STRICT;

-- The parts whose row in the catalog may have changed, each once, under the number of its last change. A part that is
-- no more stays listed: that is how a reader learns that it went. Triggers write it, so that no writer can forget.
CREATE TABLE catalog_changes (
    seq     INTEGER PRIMARY KEY AUTOINCREMENT,
    part_id INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX catalog_changes_part ON catalog_changes (part_id);

-- Deleting and inserting rather than REPLACE: a conflict clause of the statement that fires a trigger would override it.
CREATE TRIGGER part_files_inserted AFTER INSERT ON part_files BEGIN
    DELETE FROM catalog_changes WHERE part_id = NEW.part_id;
    INSERT INTO catalog_changes (part_id) VALUES (NEW.part_id);
END;

CREATE TRIGGER part_files_deleted AFTER DELETE ON part_files BEGIN
    DELETE FROM catalog_changes WHERE part_id = OLD.part_id;
    INSERT INTO catalog_changes (part_id) VALUES (OLD.part_id);
END;

-- Every scan touches every file's row; only what shows in the catalog is a change of it.
CREATE TRIGGER files_updated AFTER UPDATE OF path, kind, size_bytes, generation, missing_since_at ON files
WHEN OLD.path IS NOT NEW.path OR OLD.kind IS NOT NEW.kind OR OLD.size_bytes IS NOT NEW.size_bytes
    OR OLD.generation IS NOT NEW.generation OR OLD.missing_since_at IS NOT NEW.missing_since_at
BEGIN
    DELETE FROM catalog_changes WHERE part_id IN (SELECT part_id FROM part_files WHERE file_id = NEW.id);
    INSERT INTO catalog_changes (part_id) SELECT part_id FROM part_files WHERE file_id = NEW.id;
END;

CREATE TRIGGER media_facts_inserted AFTER INSERT ON media_facts BEGIN
    DELETE FROM catalog_changes WHERE part_id IN (SELECT part_id FROM part_files WHERE file_id = NEW.file_id);
    INSERT INTO catalog_changes (part_id) SELECT part_id FROM part_files WHERE file_id = NEW.file_id;
END;

CREATE TRIGGER media_facts_updated AFTER UPDATE ON media_facts BEGIN
    DELETE FROM catalog_changes WHERE part_id IN (SELECT part_id FROM part_files WHERE file_id = NEW.file_id);
    INSERT INTO catalog_changes (part_id) SELECT part_id FROM part_files WHERE file_id = NEW.file_id;
END;

CREATE TRIGGER items_updated AFTER UPDATE OF title, year, key ON items
WHEN OLD.title IS NOT NEW.title OR OLD.year IS NOT NEW.year OR OLD.key IS NOT NEW.key
BEGIN
    DELETE FROM catalog_changes WHERE part_id IN (
        SELECT t.id FROM parts t JOIN versions v ON v.id = t.version_id WHERE v.item_id = NEW.id);
    INSERT INTO catalog_changes (part_id)
        SELECT t.id FROM parts t JOIN versions v ON v.id = t.version_id WHERE v.item_id = NEW.id;
END;

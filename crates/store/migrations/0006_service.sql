-- What the line needs as a service: pauses, dry runs, an order that can be changed, answers to recommendations.

-- A dry run is planned and never worked on. `pause_requested_at` is what `cancel_requested_at` is for a cancel.
ALTER TABLE jobs ADD COLUMN is_dry_run INTEGER NOT NULL DEFAULT 0 CHECK (is_dry_run IN (0, 1));
ALTER TABLE jobs ADD COLUMN estimated_bytes INTEGER;
ALTER TABLE jobs ADD COLUMN pause_requested_at INTEGER;
CREATE INDEX jobs_ended ON jobs (ended_at);

-- How long an attempt was held in all, and since when it is held now.
ALTER TABLE attempts ADD COLUMN paused_us INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempts ADD COLUMN paused_at INTEGER;

-- `library_id` is that of the file's first item: lists are narrowed by it, and go with their library.
ALTER TABLE recommendations ADD COLUMN accepted_at INTEGER;
ALTER TABLE recommendations ADD COLUMN library_id INTEGER REFERENCES libraries (id) ON DELETE CASCADE;
UPDATE recommendations SET library_id = (
    SELECT i.library_id FROM part_files pf JOIN parts t ON t.id = pf.part_id JOIN versions v ON v.id = t.version_id
    JOIN items i ON i.id = v.item_id WHERE pf.file_id = recommendations.file_id ORDER BY pf.part_id LIMIT 1);
CREATE INDEX recommendations_library ON recommendations (library_id);

-- What no probe could read is shown with its library, and is rare.
CREATE INDEX files_unreadable ON files (storage_id) WHERE kind = 'unreadable' AND missing_since_at IS NULL;

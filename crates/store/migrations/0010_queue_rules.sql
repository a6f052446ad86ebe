-- When a job's turn may come, what it waits for, and how often it is tried again; and rows that are small enough for a
-- hundred thousand of them.

-- `scheduled_after_at` is what the user asked for. `not_before_at` is the instant that is waited for now, that one or
-- the end of the pause before another try; it is gone once it has come. `away_folder` is the folder that is waited for.
-- `insisted`: nothing that is remembered of the content holds the job back; asked when it is planned at its turn.
ALTER TABLE jobs ADD COLUMN scheduled_after_at INTEGER;
ALTER TABLE jobs ADD COLUMN not_before_at INTEGER;
ALTER TABLE jobs ADD COLUMN away_folder BLOB;
ALTER TABLE jobs ADD COLUMN retries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN insisted INTEGER NOT NULL DEFAULT 0 CHECK (insisted IN (0, 1));

-- A plan is some kilobytes, and only its own job needs it.
CREATE TABLE intents (
    job_id INTEGER PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE,
    intent TEXT    NOT NULL CHECK (json_valid(intent))
) STRICT;
INSERT INTO intents (job_id, intent) SELECT id, intent FROM jobs WHERE intent IS NOT NULL;
ALTER TABLE jobs DROP COLUMN intent;

-- Jobs that were queued with the same settings share them.
CREATE TABLE job_settings (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    settings TEXT    NOT NULL CHECK (json_valid(settings))
) STRICT;
CREATE UNIQUE INDEX job_settings_text ON job_settings (settings);
INSERT INTO job_settings (settings) SELECT DISTINCT settings FROM jobs;
ALTER TABLE jobs ADD COLUMN settings_id INTEGER REFERENCES job_settings (id);
UPDATE jobs SET settings_id = (SELECT s.id FROM job_settings s WHERE s.settings = jobs.settings);
ALTER TABLE jobs DROP COLUMN settings;

-- Ranks with room between them: a job is moved by its own row alone.
UPDATE jobs SET rank = numbered.place * 1048576 FROM (
    SELECT id, row_number() OVER (ORDER BY rank, id) AS place FROM jobs
    WHERE status NOT IN ('completed', 'failed', 'cancelled')) AS numbered
WHERE jobs.id = numbered.id;

-- Lists, counts and sums read an index in its order and nothing else. What has not ended comes before what has.
DROP INDEX jobs_order;
CREATE INDEX jobs_order ON jobs (status, priority DESC, rank, id, source_bytes);
DROP INDEX jobs_ended;
CREATE INDEX jobs_newest ON jobs (status, coalesce(ended_at, 9223372036854775807) DESC, id DESC);

-- Whose turn it is, whatever else waits; what is due next; what waits for a folder.
CREATE INDEX jobs_ready ON jobs (priority DESC, rank, id)
    WHERE status = 'queued' AND not_before_at IS NULL AND away_folder IS NULL;
CREATE INDEX jobs_timed ON jobs (not_before_at) WHERE status = 'queued' AND not_before_at IS NOT NULL;
CREATE INDEX jobs_away ON jobs (away_folder) WHERE away_folder IS NOT NULL;

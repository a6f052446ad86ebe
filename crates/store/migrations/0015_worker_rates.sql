-- What workers were seen to do: how fast files go to them and come back, when they could not be reached, and what was wrong.

-- `upload_bps` and `download_bps` are moving averages of real transfers; a benchmark is one more of them. `problem` is the
-- kind of what `status_reason` says, for programs.
ALTER TABLE workers ADD COLUMN upload_bps INTEGER;
ALTER TABLE workers ADD COLUMN download_bps INTEGER;
ALTER TABLE workers ADD COLUMN problem TEXT;
UPDATE workers SET (upload_bps, download_bps) = (
    SELECT b.upload_bps, b.download_bps FROM worker_benchmarks b
    WHERE b.worker_id = workers.id AND b.status = 'completed' ORDER BY b.id DESC LIMIT 1);

-- Times in which a worker that the user wants could not be reached; the last one may go on.
CREATE TABLE worker_outages (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    worker_id INTEGER NOT NULL REFERENCES workers (id) ON DELETE CASCADE,
    began_at  INTEGER NOT NULL,
    ended_at  INTEGER
) STRICT;
CREATE INDEX worker_outages_worker ON worker_outages (worker_id, began_at);
INSERT INTO worker_outages (worker_id, began_at)
SELECT id, unixepoch() * 1000000 FROM workers WHERE status = 'offline' AND is_enabled;

-- The worker's name as it was then: it may be called otherwise, or be gone.
ALTER TABLE attempts ADD COLUMN worker_name TEXT;
UPDATE attempts SET worker_name = (SELECT w.name FROM workers w WHERE w.id = attempts.worker_id);

-- Jobs whose turn may be now, by what mostly keeps a worker from them: the worker that was asked for, and the settings.
CREATE INDEX jobs_ready_alike ON jobs (preferred_worker_id, settings_id, priority DESC, rank, id)
    WHERE status = 'queued' AND not_before_at IS NULL AND away_folder IS NULL;

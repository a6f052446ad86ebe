-- Machines that encode: this one, and every one that lets us in over SSH; and which of them has a job.

-- `slots` is how many jobs it takes at a time; null for this machine, of which the setting says it. `username` and `port`
-- are null where the SSH configuration of this machine, or the usual one, says them. `via` is the machine to go through,
-- as `user@host:port`. The host keys are those that were shown first, as lines of `authorized_keys`. `hardware`,
-- `path_mappings` and `tools` are JSON. The cloud columns are empty for machines that nobody rented.
CREATE TABLE workers (
    id                   INTEGER PRIMARY KEY AUTOINCREMENT,
    name                 TEXT    NOT NULL,
    role                 TEXT    NOT NULL DEFAULT 'transcode',
    is_local             INTEGER NOT NULL DEFAULT 0 CHECK (is_local IN (0, 1)),
    is_enabled           INTEGER NOT NULL DEFAULT 1 CHECK (is_enabled IN (0, 1)),
    slots                INTEGER CHECK (slots > 0),
    path_mappings        TEXT    NOT NULL DEFAULT '[]' CHECK (json_valid(path_mappings)),
    hourly_cost          REAL,

    address              TEXT    NOT NULL,
    port                 INTEGER,
    username             TEXT,
    key_path             TEXT,
    uses_agent           INTEGER NOT NULL DEFAULT 0 CHECK (uses_agent IN (0, 1)),
    via                  TEXT,
    host_key             TEXT,
    via_host_key         TEXT,
    work_dir             TEXT    NOT NULL,

    status               TEXT    NOT NULL
        CHECK (status IN ('pending', 'online', 'offline', 'provisioning', 'setup_failed')),
    status_reason        TEXT,
    last_seen_at         INTEGER,
    consecutive_failures INTEGER NOT NULL DEFAULT 0,
    set_aside_level      INTEGER NOT NULL DEFAULT 0,
    set_aside_until_at   INTEGER,

    cpu_model            TEXT,
    cpu_cores            INTEGER,
    ram_bytes            INTEGER,
    gpu_model            TEXT,
    os                   TEXT,
    arch                 TEXT,
    hardware             TEXT    NOT NULL DEFAULT '[]' CHECK (json_valid(hardware)),
    ffmpeg_version       TEXT,
    tools                TEXT    CHECK (json_valid(tools)),
    provision_log        TEXT,
    performance_score    REAL,
    last_benchmark_at    INTEGER,

    cloud_provider       TEXT,
    cloud_instance_id    TEXT,
    cloud_plan           TEXT,
    cloud_region         TEXT,
    cloud_created_at     INTEGER,
    cloud_auto_teardown  INTEGER NOT NULL DEFAULT 1 CHECK (cloud_auto_teardown IN (0, 1)),
    cloud_idle_minutes   INTEGER NOT NULL DEFAULT 30,
    cloud_status         TEXT,
    cloud_idle_since_at  INTEGER,

    created_at           INTEGER NOT NULL,
    updated_at           INTEGER NOT NULL,
    row_version          INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE UNIQUE INDEX workers_name ON workers (name COLLATE NOCASE);
CREATE UNIQUE INDEX workers_one_local ON workers (is_local) WHERE is_local;

INSERT INTO workers (name, is_local, address, work_dir, status, created_at, updated_at)
VALUES ('This machine', 1, 'localhost', '', 'online', unixepoch() * 1000000, unixepoch() * 1000000);

-- What must be readable to us and to nobody who has only the database: encrypted, with `name` bound to it, so that no row
-- can be put in another one's place. The key lies in a file beside the database.
CREATE TABLE secrets (
    name       TEXT    PRIMARY KEY,
    sealed     BLOB    NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

-- How fast a worker was at one time. `encoders` is a JSON list of what its encoders gave.
CREATE TABLE worker_benchmarks (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    worker_id         INTEGER NOT NULL REFERENCES workers (id) ON DELETE CASCADE,
    status            TEXT    NOT NULL CHECK (status IN ('running', 'completed', 'failed')),
    upload_bps        INTEGER,
    download_bps      INTEGER,
    latency_us        INTEGER,
    test_bytes        INTEGER NOT NULL,
    encoders          TEXT    NOT NULL DEFAULT '[]' CHECK (json_valid(encoders)),
    performance_score REAL,
    error             TEXT,
    started_at        INTEGER NOT NULL,
    ended_at          INTEGER
) STRICT;
CREATE INDEX worker_benchmarks_worker ON worker_benchmarks (worker_id, id);

-- `worker_id` is who has it, or had it last; `worker_reason` says why that one, for a person; `source_arrived` whether
-- it has a whole copy of the source.
ALTER TABLE jobs ADD COLUMN worker_id INTEGER REFERENCES workers (id) ON DELETE SET NULL;
ALTER TABLE jobs ADD COLUMN preferred_worker_id INTEGER REFERENCES workers (id) ON DELETE SET NULL;
ALTER TABLE jobs ADD COLUMN transfer_mode TEXT;
ALTER TABLE jobs ADD COLUMN worker_reason TEXT;
ALTER TABLE jobs ADD COLUMN source_arrived INTEGER NOT NULL DEFAULT 0 CHECK (source_arrived IN (0, 1));
CREATE INDEX jobs_worker ON jobs (status, worker_id) WHERE worker_id IS NOT NULL;
CREATE INDEX jobs_preferred ON jobs (status, preferred_worker_id, worker_id) WHERE preferred_worker_id IS NOT NULL;

ALTER TABLE attempts ADD COLUMN worker_id INTEGER REFERENCES workers (id) ON DELETE SET NULL;
CREATE INDEX attempts_worker ON attempts (worker_id) WHERE worker_id IS NOT NULL;

-- A plain number, as all that outcomes keep. What was done before, this machine did.
ALTER TABLE outcomes ADD COLUMN worker_id INTEGER;
UPDATE outcomes SET worker_id = 1;
CREATE INDEX outcomes_speed ON outcomes (worker_id, id) WHERE average_fps > 0;
CREATE INDEX outcomes_speed_of_encoder ON outcomes (worker_id, encoder, id) WHERE average_fps > 0;
CREATE INDEX outcomes_speed_of_tier ON outcomes (worker_id, encoder, source_resolution, id) WHERE average_fps > 0;
UPDATE jobs SET worker_id = 1 WHERE started_at IS NOT NULL;
UPDATE attempts SET worker_id = 1;

-- The machine that a storage lies on; null for this one. A plain number: history still names the storages of a machine that
-- was removed. The same root on two machines is two storages.
ALTER TABLE storages ADD COLUMN worker_id INTEGER;
DROP INDEX storages_root;
CREATE UNIQUE INDEX storages_root ON storages (coalesce(worker_id, 0), root);

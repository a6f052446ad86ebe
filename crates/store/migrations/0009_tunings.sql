-- The CRF that a job's encodes take instead of its frozen plan's: found by a search, or lowered after one fell short.
CREATE TABLE tunings (
    job_id INTEGER PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE,
    tuning TEXT    NOT NULL CHECK (json_valid(tuning))
) STRICT;

-- A source is also read to find the CRF for a quality, which takes its time, too.
ALTER TABLE source_reads ADD COLUMN purpose TEXT NOT NULL DEFAULT 'decode' CHECK (purpose IN ('decode', 'search'));

-- Who decodes and encodes the pictures of an attempt, as it was chosen for its worker, and what it is instead of.
ALTER TABLE attempts ADD COLUMN encoded_by TEXT CHECK (json_valid(encoded_by));

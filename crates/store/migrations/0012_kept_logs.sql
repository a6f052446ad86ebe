-- What ffmpeg said in a job's last encode, once the job is cleared away; until then its attempt has it.
ALTER TABLE outcomes ADD COLUMN log_tail TEXT;

-- The door: who may use the server, and who did what. Nothing here can be turned back into what was typed or handed
-- out: the password is an argon2 hash, tokens and keys are hashes of 256 random bits.

-- At most one row; none while there is no password.
CREATE TABLE password (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    hash       TEXT    NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

-- `password_mark` tells under which password the session began: under another one it is no session any more.
CREATE TABLE sessions (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    token_hash    TEXT    NOT NULL UNIQUE,
    password_mark TEXT    NOT NULL,
    address       TEXT,
    created_at    INTEGER NOT NULL,
    used_at       INTEGER NOT NULL,
    idle_until_at INTEGER NOT NULL,
    ends_at       INTEGER NOT NULL
) STRICT;

-- `prefix` is the beginning of the key, by which its owner tells it from others.
CREATE TABLE api_keys (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT    NOT NULL UNIQUE,
    prefix     TEXT    NOT NULL,
    key_hash   TEXT    NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    used_at    INTEGER
) STRICT;

-- `refused` marks what was turned away: strangers can cause such rows, so only the newest of them are kept.
CREATE TABLE audit_log (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    action  TEXT    NOT NULL,
    refused INTEGER NOT NULL CHECK (refused IN (0, 1)),
    actor   TEXT    NOT NULL,
    address TEXT,
    detail  TEXT
) STRICT;
CREATE INDEX audit_log_refused ON audit_log (id) WHERE refused = 1;

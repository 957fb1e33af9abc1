-- The scans, as in PostgreSQL. Times are microseconds since 1970. SQLite can't make a UUID version
-- 7 by itself, so a row that plain SQL inserts gets one of version 4.
CREATE TABLE scan (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid BLOB NOT NULL UNIQUE DEFAULT (
    CAST(randomblob(6) || x'40' || randomblob(1) || x'80' || randomblob(7) AS BLOB)),
  key TEXT,
  code TEXT NOT NULL CHECK (length(code) BETWEEN 1 AND 7089),
  aim TEXT,
  symbology TEXT,
  source TEXT NOT NULL DEFAULT 'import',
  device TEXT,
  station TEXT NOT NULL DEFAULT '',
  operator TEXT,
  scanned_at INTEGER NOT NULL DEFAULT (
    CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)),
  stored_at INTEGER NOT NULL DEFAULT (
    CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)),
  collected_at INTEGER,
  voided_at INTEGER,
  code_read TEXT,
  reason TEXT
) STRICT;

CREATE INDEX scan_scanned_at ON scan (scanned_at);

-- The name that seed 000 knows.
CREATE VIEW codigo_bipado AS SELECT id, code AS codigo_barra FROM scan WHERE voided_at IS NULL;

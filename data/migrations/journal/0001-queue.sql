-- What was accepted, until it is stored and collected, or too old. One sequence of numbers counts
-- all that happens: a scan's own seq is that of its acceptance, later ones are in the table event.
-- Times are microseconds since 1970, 0 for none.
CREATE TABLE scan (
  seq INTEGER PRIMARY KEY,
  uuid BLOB NOT NULL,
  accepted_at INTEGER, -- NULL: not accepted here, only voided or restored
  changed_at INTEGER NOT NULL,
  place INTEGER,       -- in the queue: 0 free to be stored, 1 held, 2 rejected, 3 removed; NULL: stored
  collecting INTEGER,  -- 1 waits for it, 2 collected and the store is to be told; NULL: over
  id INTEGER NOT NULL,
  state INTEGER NOT NULL,
  source INTEGER NOT NULL,
  key TEXT,
  code TEXT,
  aim TEXT,
  symbology TEXT,
  device TEXT,
  station TEXT,
  operator TEXT,
  code_read TEXT,
  reason TEXT,
  scanned_at INTEGER NOT NULL,
  stored_at INTEGER NOT NULL,
  collected_at INTEGER NOT NULL,
  voided_at INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX scan_uuid ON scan (uuid);
CREATE INDEX scan_place ON scan (place) WHERE place IS NOT NULL;
CREATE INDEX scan_collecting ON scan (collecting) WHERE collecting IS NOT NULL;

CREATE TABLE event (
  seq INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  kind INTEGER NOT NULL, -- BipeEventKind; with 16 added, restored into the queue (journal/replay.h)
  scan INTEGER NOT NULL -- its seq
) STRICT;

-- What clients have named themselves, with the record as it was when it was accepted.
CREATE TABLE client_key (
  seq INTEGER PRIMARY KEY, -- the scan's
  key TEXT NOT NULL UNIQUE,
  at INTEGER NOT NULL,
  record TEXT NOT NULL
) STRICT;

-- One row: the highest number that was let go; it is never given again.
CREATE TABLE gone (
  seq INTEGER NOT NULL
) STRICT;

INSERT INTO gone VALUES (0);

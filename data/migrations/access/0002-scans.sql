-- How many scans were taken from the holder of a token.
ALTER TABLE access_grant ADD COLUMN n_scans INTEGER NOT NULL DEFAULT 0;

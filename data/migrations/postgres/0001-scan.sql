-- The scans. A table that seed 000 has left is adopted in place: its rows keep their ids and get
-- what they lack; without one, an empty one goes the same way.

CREATE TABLE IF NOT EXISTS codigo_bipado (id serial PRIMARY KEY, codigo_barra varchar(250));

ALTER TABLE codigo_bipado RENAME TO scan;
ALTER TABLE scan RENAME COLUMN codigo_barra TO code;

DO $$
BEGIN
  EXECUTE format('ALTER SEQUENCE %s RENAME TO scan_id_seq', pg_get_serial_sequence('scan', 'id'));
END
$$;
ALTER SEQUENCE scan_id_seq AS bigint;

-- UUID version 7 for rows that plain SQL inserts: 48 bits of milliseconds before random ones, whose
-- version 4 (0100) becomes 7 (0111). One expression, so that the planner can take it inline.
CREATE OR REPLACE FUNCTION scan_new_uuid() RETURNS uuid LANGUAGE sql VOLATILE AS $$
  SELECT encode(
    set_bit(set_bit(
      overlay(uuid_send(gen_random_uuid()) PLACING
              substring(int8send((date_part('epoch', clock_timestamp()) * 1000)::bigint) FROM 3)
              FROM 1 FOR 6),
      52, 1), 53, 1),
    'hex')::uuid
$$;

-- One statement, so that a big table is written once. The defaults are those of the adopted rows.
ALTER TABLE scan
  ALTER COLUMN id TYPE bigint,
  ALTER COLUMN code TYPE text,
  ADD COLUMN uuid uuid NOT NULL UNIQUE DEFAULT scan_new_uuid(),
  ADD COLUMN key text,
  ADD COLUMN aim text,
  ADD COLUMN symbology text,
  ADD COLUMN source text NOT NULL DEFAULT 'import',
  ADD COLUMN device text,
  ADD COLUMN station text NOT NULL DEFAULT 'codigo_bipado',
  ADD COLUMN operator text,
  ADD COLUMN scanned_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN stored_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN collected_at timestamptz,
  ADD COLUMN voided_at timestamptz,
  ADD COLUMN code_read text,
  ADD COLUMN reason text;

-- Adopted rows are excepted, and NOT VALID alone would not do that: a later UPDATE of an empty one,
-- to void it, would be checked.
ALTER TABLE scan
  ALTER COLUMN station SET DEFAULT '',
  ADD CONSTRAINT scan_code_check CHECK (
    (code IS NOT NULL AND char_length(code) BETWEEN 1 AND 7089)
    OR (source = 'import' AND station = 'codigo_bipado')) NOT VALID;

CREATE INDEX scan_scanned_at ON scan (scanned_at);

-- What the seed's own INSERT and SELECT see.
CREATE VIEW codigo_bipado AS SELECT id, code AS codigo_barra FROM scan WHERE voided_at IS NULL;

-- For the setting search-index: finds a part of a code without reading every row.
DO $$
BEGIN
  IF to_regclass('scan_code_search') IS NULL THEN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE INDEX scan_code_search ON scan USING gin (code gin_trgm_ops);
  END IF;
END
$$;

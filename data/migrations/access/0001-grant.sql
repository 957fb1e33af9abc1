-- To whom tokens were given. Neither the tokens nor the key that signs them are in here.
-- Times are microseconds since 1970, 0 for never.
CREATE TABLE access_grant (
  jti TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  scopes INTEGER NOT NULL, -- BipeScope flags
  issued_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER NOT NULL,
  revoked_at INTEGER NOT NULL
) STRICT;

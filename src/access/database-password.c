#include "config.h"

#include "access/database-password.h"

#include "access/keyring.h"
#include "access/password-file.h"

/* The window's start waits for the service for as long, at most. */
#define SERVICE_TIMEOUT_MS 2000

static BipeKeyringItem
describe (const char *url)
{
  return (BipeKeyringItem){ "io.github.bipe.Bipe.DatabasePassword",
                            "Bipe: password of the database", "url", url };
}

static char *
make_path (const char *data_dir)
{
  return g_build_filename (data_dir, "database.password", NULL);
}

char *
bipe_database_password_load (const char *data_dir, const char *url, gboolean uses_keyring)
{
  const BipeKeyringItem item = describe (url);
  g_autofree char *path = make_path (data_dir);
  char *password = bipe_password_file_read (path, url);

  if (password != NULL || !uses_keyring)
    return password;
  switch (bipe_keyring_load (&item, SERVICE_TIMEOUT_MS, &password))
    {
    case BIPE_KEYRING_LOCKED:
      g_warning ("The database's password is in the keyring, which is locked");
      break;
    case BIPE_KEYRING_SILENT:
      g_message ("The secret service does not answer: it may have the database's password");
      break;
    case BIPE_KEYRING_DONE:
    case BIPE_KEYRING_NONE:
    default:
      break;
    }
  return password;
}

gboolean
bipe_database_password_keep (const char *data_dir,
                             const char *url,
                             const char *password,
                             gboolean uses_keyring,
                             GError **error)
{
  const BipeKeyringItem item = describe (url);
  g_autofree char *path = make_path (data_dir);
  gboolean is_kept = FALSE;

  if (uses_keyring && password[0] == '\0')
    bipe_keyring_forget (&item, SERVICE_TIMEOUT_MS);
  else if (uses_keyring)
    is_kept = bipe_keyring_keep (&item, password, SERVICE_TIMEOUT_MS) == BIPE_KEYRING_DONE;
  /* One place: what the other has would be of an earlier day. */
  return bipe_password_file_write (path, url, is_kept || password[0] == '\0' ? NULL : password,
                                   error);
}

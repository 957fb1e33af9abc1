#include "config.h"

#include "access/secret.h"

#include <glib/gi18n-lib.h>

#include "access/key-file.h"
#include "access/key-service.h"
#include "base/error.h"

/* The window's start waits for the service for as long, at most. */
#define SERVICE_TIMEOUT_MS 2000

/* The file decides once it is there: otherwise a service that is back again would end all tokens
 * that were given meanwhile. */
static GBytes *
load_or_make (const char *path, GError **error)
{
  g_autoptr(GBytes) key = NULL;

  if (!bipe_key_file_read (path, &key, error))
    return NULL;
  return key != NULL ? g_steal_pointer (&key) : bipe_key_file_make (path, error);
}

GBytes *
bipe_secret_load (const char *file, const char *data_dir, BipeSecretKeyring keyring, GError **error)
{
  g_autofree char *path = g_build_filename (data_dir, "secret.key", NULL);
  g_autoptr(GBytes) key = NULL;

  if (file[0] != '\0')
    return load_or_make (file, error);
  if (keyring == BIPE_SECRET_KEYRING_UNUSED)
    return load_or_make (path, error);
  if (!bipe_key_file_read (path, &key, error))
    return NULL;
  if (key != NULL)
    return g_steal_pointer (&key);

  switch (bipe_key_service_load (data_dir, keyring == BIPE_SECRET_KEYRING_MADE, SERVICE_TIMEOUT_MS,
                                 &key))
    {
    case BIPE_KEYRING_DONE:
      return g_steal_pointer (&key);
    case BIPE_KEYRING_LOCKED:
      g_set_error (
          error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE,
          _ ("the signing key is in the keyring, which is locked. Unlock it and start again"));
      return NULL;
    case BIPE_KEYRING_SILENT:
      g_message ("The secret service does not answer: the signing key is kept in %s", path);
      break;
    case BIPE_KEYRING_NONE:
    default:
      break;
    }
  return bipe_key_file_make (path, error);
}

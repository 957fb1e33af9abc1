#include "config.h"

#include "access/key-service.h"

#include "access/key-file.h"
#include "access/keyring.h"
#include "access/secret.h"

/* Secrets are texts: this one is in base64. */
static GBytes *
decode (const char *text)
{
  gsize length = 0;
  g_autofree guchar *bytes = g_base64_decode (text, &length);

  return length == BIPE_SECRET_SIZE ? bipe_key_new_copy (bytes) : NULL;
}

static GBytes *
make (const BipeKeyringItem *item, guint timeout_ms)
{
  g_autoptr(GBytes) key = bipe_key_new (NULL);
  char *text;
  gboolean is_kept;

  if (key == NULL)
    return NULL;
  text = g_base64_encode (g_bytes_get_data (key, NULL), BIPE_SECRET_SIZE);
  is_kept = bipe_keyring_keep (item, text, timeout_ms) == BIPE_KEYRING_DONE;
  bipe_keyring_wipe_and_free (text);
  return is_kept ? g_steal_pointer (&key) : NULL;
}

BipeKeyringOutcome
bipe_key_service_load (const char *data_dir, gboolean makes, guint timeout_ms, GBytes **key)
{
  const BipeKeyringItem item
      = { "io.github.bipe.Bipe.SigningKey", "Bipe: signing key", "data-dir", data_dir };
  char *text = NULL;
  BipeKeyringOutcome outcome = bipe_keyring_load (&item, timeout_ms, &text);

  if (outcome == BIPE_KEYRING_DONE)
    *key = decode (text);
  else if (outcome == BIPE_KEYRING_NONE && makes)
    *key = make (&item, timeout_ms);
  bipe_keyring_wipe_and_free (text);
  if (outcome == BIPE_KEYRING_LOCKED || outcome == BIPE_KEYRING_SILENT)
    return outcome;
  return *key != NULL ? BIPE_KEYRING_DONE : BIPE_KEYRING_NONE;
}

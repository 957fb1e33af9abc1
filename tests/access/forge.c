#include "config.h"

#include "forge.h"

#include <string.h>

static char *
encode (const void *bytes, gsize length)
{
  char *text = g_base64_encode (bytes, length);

  g_strdelimit (text, "+", '-');
  g_strdelimit (text, "/", '_');
  text[strcspn (text, "=")] = '\0';
  return text;
}

char *
forge (const char *header,
       const char *claims,
       GChecksumType digest,
       const void *key,
       gsize key_size)
{
  g_autofree char *head = encode (header, strlen (header));
  g_autofree char *body = encode (claims, strlen (claims));
  g_autofree char *message = g_strdup_printf ("%s.%s", head, body);
  GHmac *hmac = g_hmac_new (digest, key, key_size);
  guint8 bytes[64];
  gsize size = sizeof bytes;
  g_autofree char *signature = NULL;

  g_hmac_update (hmac, (const guint8 *)message, -1);
  g_hmac_get_digest (hmac, bytes, &size);
  g_hmac_unref (hmac);
  signature = encode (bytes, size);
  return g_strdup_printf ("%s.%s", message, signature);
}

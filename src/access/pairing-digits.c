#include "config.h"

#include "access/pairing-digits.h"

#include <string.h>

GBytes *
bipe_pairing_read_hex (const char *text, gsize least, gsize most)
{
  gsize length = strlen (text);
  g_autofree guint8 *bytes = NULL;

  if (length % 2 != 0 || length / 2 < least || length / 2 > most)
    return NULL;
  bytes = g_malloc (length / 2);
  for (gsize i = 0; i < length; i += 2)
    {
      int high = g_ascii_xdigit_value (text[i]), low = g_ascii_xdigit_value (text[i + 1]);

      if (high < 0 || low < 0)
        return NULL;
      bytes[i / 2] = (guint8)(high << 4 | low);
    }
  return g_bytes_new_take (g_steal_pointer (&bytes), length / 2);
}

void
bipe_pairing_print_hex (const guint8 *bytes, gsize size, char *text)
{
  static const char digits[] = "0123456789abcdef";

  for (gsize i = 0; i < size; i++)
    {
      text[2 * i] = digits[bytes[i] >> 4];
      text[2 * i + 1] = digits[bytes[i] & 15];
    }
  text[2 * size] = '\0';
}

gboolean
bipe_pairing_is_equal (const guint8 *a, const guint8 *b, gsize size)
{
  guint8 difference = 0;

  for (gsize i = 0; i < size; i++)
    difference |= a[i] ^ b[i];
  return difference == 0;
}

void
bipe_pairing_compute_digits (const guint8 *code, GBytes *nonce, GBytes *fingerprint, char digits[7])
{
  GHmac *hmac = g_hmac_new (G_CHECKSUM_SHA256, code, BIPE_PAIRING_CODE_SIZE);
  gsize nonce_size, size = 32;
  const guint8 *bytes = g_bytes_get_data (nonce, &nonce_size);
  guint8 digest[32];
  const guint8 *at;
  guint32 number;

  g_hmac_update (hmac, bytes, (gssize)nonce_size);
  g_hmac_update (hmac, g_bytes_get_data (fingerprint, NULL), BIPE_PAIRING_FINGERPRINT_SIZE);
  g_hmac_get_digest (hmac, digest, &size);
  g_hmac_unref (hmac);

  at = digest + (digest[31] & 15);
  number = ((guint32)at[0] & 127) << 24 | (guint32)at[1] << 16 | (guint32)at[2] << 8 | at[3];
  g_snprintf (digits, 7, "%06u", number % 1000000);
}

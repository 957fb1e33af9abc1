/* token.c: a token as it came, and header and claims, one a line, as if they were signed with the
 * key. */
#include "config.h"

#include "access/token.h"

#include <string.h>

#include "access/scopes.h"
#include "target.h"

#define KEY "0123456789abcdef0123456789abcdef"
#define NOW (G_GINT64_CONSTANT (1500) * G_USEC_PER_SEC)

static void
append_part (GString *token, const void *bytes, gsize length)
{
  g_autofree char *part = g_base64_encode (bytes, length);

  g_strdelimit (part, "+", '-');
  g_strdelimit (part, "/", '_');
  part[strcspn (part, "=")] = '\0';
  g_string_append (token, part);
}

static char *
sign (const char *header, const char *claims)
{
  GString *token = g_string_new (NULL);
  GHmac *hmac = g_hmac_new (G_CHECKSUM_SHA256, (const guint8 *)KEY, strlen (KEY));
  guint8 digest[32];
  gsize size = sizeof digest;

  append_part (token, header, strlen (header));
  g_string_append_c (token, '.');
  append_part (token, claims, strlen (claims));
  g_hmac_update (hmac, (const guint8 *)token->str, (gssize)token->len);
  g_hmac_get_digest (hmac, digest, &size);
  g_hmac_unref (hmac);
  g_string_append_c (token, '.');
  append_part (token, digest, size);
  return g_string_free (token, FALSE);
}

/* What is let in keeps to the rules, whatever the claims. */
static BipeTokenVerdict
judge (const char *token, gsize length)
{
  g_autoptr(GBytes) key = g_bytes_new_static (KEY, strlen (KEY));
  g_autoptr(BipeGrant) grant = NULL;
  BipeTokenVerdict verdict = bipe_token_decode (token, length, key, NOW, &grant);

  g_assert_cmpint (grant != NULL, ==, verdict == BIPE_TOKEN_VALID);
  if (grant == NULL)
    return verdict;
  g_assert_true (bipe_grant_check_name (grant->name, NULL));
  g_assert_cmpuint (grant->scopes & ~(guint)BIPE_SCOPES_ALL, ==, 0);
  g_assert_cmpuint (grant->scopes, !=, 0);
  g_assert_cmpint (grant->expires_at, >, NOW);
  return verdict;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = size > 0 ? g_strndup ((const char *)data, size) : g_strdup ("");
  g_auto(GStrv) lines = g_strsplit (text, "\n", 2);
  g_autofree char *token = NULL;

  /* Nobody guesses the key. */
  g_assert_cmpint (judge (size > 0 ? (const char *)data : "", size), ==, BIPE_TOKEN_INVALID);
  if (lines[0] == NULL || lines[1] == NULL)
    return 0;
  token = sign (lines[0], lines[1]);
  judge (token, strlen (token));
  return 0;
}

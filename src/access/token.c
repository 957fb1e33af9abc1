/* token.c: a token is first held against its signature as plain bytes, and only one that is ours
 * gets as far as libjwt. Its releases up to 1.15 read the JSON of header and body before they look
 * at the signature, write a byte past an empty part, and compare signatures in a time that tells
 * how far they agree (CVE-2024-25189; Debian has mended that one alone); and all of them let the
 * header choose the algorithm, in whatever case. */
#include "config.h"

#include "access/token.h"

#include <jwt.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

/* 32 bytes in base64url. */
#define SIGNATURE_LENGTH 43
#define SIGNATURE_SIZE 32

static char *
print_claims (const BipeGrant *grant)
{
  GString *claims = g_string_new ("{\"sub\":");

  bipe_json_append_string (claims, grant->name);
  g_string_append (claims, ",\"scopes\":");
  bipe_grant_append_scopes (grant->scopes, claims);
  g_string_append_printf (claims,
                          ",\"iat\":%" G_GINT64_FORMAT ",\"exp\":%" G_GINT64_FORMAT ",\"jti\":",
                          grant->issued_at / G_USEC_PER_SEC, grant->expires_at / G_USEC_PER_SEC);
  bipe_json_append_string (claims, grant->jti);
  g_string_append_c (claims, '}');
  return g_string_free (claims, FALSE);
}

char *
bipe_token_encode (const BipeGrant *grant, GBytes *key)
{
  g_autofree char *claims = print_claims (grant);
  char *token = NULL, *encoded = NULL;
  gsize size;
  const guint8 *bytes = g_bytes_get_data (key, &size);
  jwt_t *jwt = NULL;

  if (jwt_new (&jwt) != 0)
    return NULL;
  if (jwt_set_alg (jwt, JWT_ALG_HS256, bytes, (int)size) == 0
      && jwt_add_grants_json (jwt, claims) == 0)
    encoded = jwt_encode_str (jwt);
  jwt_free (jwt);
  if (encoded != NULL)
    token = g_strdup (encoded);
  free (encoded);
  return token;
}

/* 0 to 63, or −1. */
static int
decode_character (char c)
{
  if (c >= 'A' && c <= 'Z')
    return c - 'A';
  if (c >= 'a' && c <= 'z')
    return c - 'a' + 26;
  if (c >= '0' && c <= '9')
    return c - '0' + 52;
  return c == '-' ? 62 : c == '_' ? 63 : -1;
}

/* Two parts and a signature, none empty, of base64url's letters without padding. The length of what
 * is signed; 0: it is no such thing. */
static gsize
measure_signed (const char *text, gsize length)
{
  gsize signed_length, header;
  guint n_dots = 0;

  if (length > BIPE_TOKEN_MAX || length < SIGNATURE_LENGTH + 4)
    return 0;
  for (gsize i = 0; i < length; i++)
    if (text[i] == '.')
      n_dots++;
    else if (decode_character (text[i]) < 0)
      return 0;
  signed_length = length - SIGNATURE_LENGTH - 1;
  if (n_dots != 2 || text[signed_length] != '.')
    return 0;
  header = (gsize)((const char *)memchr (text, '.', length) - text);
  return header > 0 && header + 1 < signed_length ? signed_length : 0;
}

/* FALSE too where bits are set that stand for nothing: one signature is written in one way. */
static gboolean
decode_signature (const char *text, guint8 bytes[SIGNATURE_SIZE])
{
  guint bits = 0;
  guint32 buffer = 0;
  gsize n = 0;

  for (gsize i = 0; i < SIGNATURE_LENGTH; i++)
    {
      buffer = buffer << 6 | (guint32)decode_character (text[i]);
      bits += 6;
      if (bits >= 8)
        {
          bits -= 8;
          bytes[n++] = (guint8)(buffer >> bits);
        }
    }
  return (buffer & ((1u << bits) - 1)) == 0;
}

/* In the same time wherever they differ. */
static gboolean
is_signed (const char *text, gsize signed_length, GBytes *key)
{
  gsize key_size, size = SIGNATURE_SIZE;
  const guint8 *key_bytes = g_bytes_get_data (key, &key_size);
  GHmac *hmac = g_hmac_new (G_CHECKSUM_SHA256, key_bytes, key_size);
  guint8 given[SIGNATURE_SIZE], expected[SIGNATURE_SIZE];
  guint8 difference = 0;

  g_hmac_update (hmac, (const guint8 *)text, (gssize)signed_length);
  g_hmac_get_digest (hmac, expected, &size);
  g_hmac_unref (hmac);
  if (!decode_signature (text + signed_length + 1, given))
    return FALSE;
  for (gsize i = 0; i < SIGNATURE_SIZE; i++)
    difference |= given[i] ^ expected[i];
  return difference == 0;
}

static gboolean
read_seconds (const json_t *claims, const char *name, gint64 *time)
{
  const json_t *member = json_object_get (claims, name);
  gint64 seconds = json_integer_value (member);

  if (!json_is_integer (member) || seconds <= 0 || seconds >= G_MAXINT64 / G_USEC_PER_SEC)
    return FALSE;
  *time = seconds * G_USEC_PER_SEC;
  return TRUE;
}

/* What the key's owner has signed may still come from another version of this program. */
static gboolean
read_claims (const json_t *claims, BipeGrant *grant)
{
  const char *jti = json_string_value (json_object_get (claims, "jti"));

  grant->name = (char *)json_string_value (json_object_get (claims, "sub"));
  grant->scopes = bipe_grant_read_scopes (json_object_get (claims, "scopes"), NULL);
  return jti != NULL && g_strlcpy (grant->jti, jti, sizeof grant->jti) < sizeof grant->jti
         && grant->name != NULL && bipe_grant_check_name (grant->name, NULL) && grant->scopes != 0
         && read_seconds (claims, "iat", &grant->issued_at)
         && read_seconds (claims, "exp", &grant->expires_at);
}

/* Newer versions of libjwt (1.17) leave the type to us. */
static gboolean
is_of_our_kind (jwt_t *jwt)
{
  const char *type = jwt_get_header (jwt, "typ");

  return jwt_get_alg (jwt) == JWT_ALG_HS256 && g_strcmp0 (jwt_get_header (jwt, "alg"), "HS256") == 0
         && (type == NULL || g_ascii_strcasecmp (type, "JWT") == 0);
}

/* The claims of a token whose header asks for HS256, in just these letters. */
static json_t *
open_token (const char *text, GBytes *key)
{
  gsize size;
  const guint8 *bytes = g_bytes_get_data (key, &size);
  jwt_t *jwt = NULL;
  json_t *claims = NULL;
  char *json;

  if (jwt_decode (&jwt, text, bytes, (int)size) != 0)
    return NULL;
  if (is_of_our_kind (jwt))
    {
      json = jwt_get_grants_json (jwt, NULL);
      if (json != NULL)
        claims = bipe_json_parse (json, strlen (json), NULL);
      free (json);
    }
  jwt_free (jwt);
  return claims;
}

BipeTokenVerdict
bipe_token_decode (const char *text, gsize length, GBytes *key, gint64 now, BipeGrant **grant)
{
  gsize signed_length = measure_signed (text, length);
  g_autofree char *copy = NULL;
  g_autoptr(json_t) claims = NULL;
  BipeGrant read = { 0 };

  *grant = NULL;
  if (signed_length == 0 || !is_signed (text, signed_length, key))
    return BIPE_TOKEN_INVALID;
  copy = g_strndup (text, length);
  claims = open_token (copy, key);
  if (claims == NULL || !read_claims (claims, &read))
    return BIPE_TOKEN_INVALID;
  if (now >= read.expires_at)
    return BIPE_TOKEN_EXPIRED;
  *grant = bipe_grant_new (&read);
  return BIPE_TOKEN_VALID;
}

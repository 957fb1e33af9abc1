/* test-token.c: what is let in, and every way of getting in that is known. */
#include "config.h"

#include <string.h>

#include "access/scopes.h"
#include "access/token.h"
#include "forge.h"

#define KEY "0123456789abcdef0123456789abcde\0" /* 32 bytes: a NUL is one like any other */
#define HEADER "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"
#define CLAIMS "{\"sub\":\"till\",\"scopes\":[\"scan\"],\"iat\":1000,\"exp\":2000,\"jti\":\"one\"}"
#define NOW (G_GINT64_CONSTANT (1500) * G_USEC_PER_SEC)

static GBytes *
new_key (void)
{
  return g_bytes_new_static (KEY, 32);
}

static BipeTokenVerdict
judge (const char *token, gint64 now)
{
  g_autoptr(GBytes) key = new_key ();
  g_autoptr(BipeGrant) grant = NULL;
  BipeTokenVerdict verdict = bipe_token_decode (token, strlen (token), key, now, &grant);

  g_assert_cmpint (grant != NULL, ==, verdict == BIPE_TOKEN_VALID);
  return verdict;
}

static void
test_round_trip (void)
{
  g_autoptr(GBytes) key = new_key ();
  BipeGrant fields = {
    .jti = "0190a0b0-0000-4000-8000-000000000001",
    .name = (char *)"客 \"till\" \\ é",
    .scopes = BIPE_SCOPES_ALL,
    .issued_at = G_GINT64_CONSTANT (1000) * G_USEC_PER_SEC,
    .expires_at = G_GINT64_CONSTANT (2000) * G_USEC_PER_SEC,
  };
  g_autofree char *token = bipe_token_encode (&fields, key);
  g_autoptr(BipeGrant) grant = NULL;

  g_assert_null (strchr (token, '='));
  g_assert_cmpint (bipe_token_decode (token, strlen (token), key, NOW, &grant), ==,
                   BIPE_TOKEN_VALID);
  g_assert_cmpstr (grant->jti, ==, fields.jti);
  g_assert_cmpstr (grant->name, ==, fields.name);
  g_assert_cmpuint (grant->scopes, ==, fields.scopes);
  g_assert_cmpint (grant->issued_at, ==, fields.issued_at);
  g_assert_cmpint (grant->expires_at, ==, fields.expires_at);

  g_assert_cmpint (judge (token, fields.expires_at - 1), ==, BIPE_TOKEN_VALID);
  g_assert_cmpint (judge (token, fields.expires_at), ==, BIPE_TOKEN_EXPIRED);
}

/* The longest name there may be, of the longest characters, leaves room in a token. */
static void
test_longest (void)
{
  g_autoptr(GBytes) key = new_key ();
  g_autoptr(GString) name = g_string_new (NULL);
  BipeGrant fields = { .jti = "0190a0b0-0000-4000-8000-000000000001",
                       .scopes = BIPE_SCOPES_ALL,
                       .issued_at = NOW,
                       .expires_at = 2 * NOW };
  g_autofree char *token = NULL;

  for (guint i = 0; i < BIPE_GRANT_NAME_MAX; i++)
    g_string_append (name, "\360\237\223\246");
  fields.name = name->str;
  token = bipe_token_encode (&fields, key);
  g_assert_cmpuint (strlen (token), <, BIPE_TOKEN_MAX);
  g_assert_cmpint (judge (token, NOW), ==, BIPE_TOKEN_VALID);
}

/* Signed with the right key, so that nothing but what the case is about is wrong. */
static const struct
{
  const char *name;
  const char *header;
  const char *claims;
  BipeTokenVerdict verdict;
} signed_tokens[] = {
  { "as it should be", HEADER, CLAIMS, BIPE_TOKEN_VALID },
  { "another order", "{\"typ\":\"JWT\",\"alg\":\"HS256\"}", CLAIMS, BIPE_TOKEN_VALID },
  { "no type", "{\"alg\":\"HS256\"}", CLAIMS, BIPE_TOKEN_VALID },
  { "another type", "{\"alg\":\"HS256\",\"typ\":\"JWE\"}", CLAIMS, BIPE_TOKEN_INVALID },
  { "alg none", "{\"alg\":\"none\",\"typ\":\"JWT\"}", CLAIMS, BIPE_TOKEN_INVALID },
  { "alg None", "{\"alg\":\"None\"}", CLAIMS, BIPE_TOKEN_INVALID },
  { "alg hs256", "{\"alg\":\"hs256\"}", CLAIMS, BIPE_TOKEN_INVALID },
  { "alg Hs256", "{\"alg\":\"Hs256\"}", CLAIMS, BIPE_TOKEN_INVALID },
  { "alg HS384", "{\"alg\":\"HS384\"}", CLAIMS, BIPE_TOKEN_INVALID },
  { "alg HS512", "{\"alg\":\"HS512\"}", CLAIMS, BIPE_TOKEN_INVALID },
  { "alg RS256", "{\"alg\":\"RS256\"}", CLAIMS, BIPE_TOKEN_INVALID },
  { "alg ES256", "{\"alg\":\"ES256\"}", CLAIMS, BIPE_TOKEN_INVALID },
  { "alg missing", "{\"typ\":\"JWT\"}", CLAIMS, BIPE_TOKEN_INVALID },
  { "alg empty", "{\"alg\":\"\"}", CLAIMS, BIPE_TOKEN_INVALID },
  { "alg null", "{\"alg\":null}", CLAIMS, BIPE_TOKEN_INVALID },
  { "alg a number", "{\"alg\":256}", CLAIMS, BIPE_TOKEN_INVALID },
  { "alg a list", "{\"alg\":[\"HS256\"]}", CLAIMS, BIPE_TOKEN_INVALID },
  { "alg with a blank", "{\"alg\":\"HS256 \"}", CLAIMS, BIPE_TOKEN_INVALID },
  { "header a list", "[\"HS256\"]", CLAIMS, BIPE_TOKEN_INVALID },
  { "header a text", "\"HS256\"", CLAIMS, BIPE_TOKEN_INVALID },
  { "header no JSON", "HS256", CLAIMS, BIPE_TOKEN_INVALID },
  { "header cut off", "{\"alg\":\"HS256\"", CLAIMS, BIPE_TOKEN_INVALID },
  { "claims a list", HEADER, "[1]", BIPE_TOKEN_INVALID },
  { "claims empty", HEADER, "{}", BIPE_TOKEN_INVALID },
  { "claims no JSON", HEADER, "till", BIPE_TOKEN_INVALID },
  { "over", HEADER, "{\"sub\":\"t\",\"scopes\":[\"scan\"],\"iat\":1,\"exp\":1500,\"jti\":\"o\"}",
    BIPE_TOKEN_EXPIRED },
  { "no exp", HEADER, "{\"sub\":\"t\",\"scopes\":[\"scan\"],\"iat\":1,\"jti\":\"o\"}",
    BIPE_TOKEN_INVALID },
  { "exp a text", HEADER,
    "{\"sub\":\"t\",\"scopes\":[\"scan\"],\"iat\":1,\"exp\":\"2000\",\"jti\":\"o\"}",
    BIPE_TOKEN_INVALID },
  { "exp a real", HEADER,
    "{\"sub\":\"t\",\"scopes\":[\"scan\"],\"iat\":1,\"exp\":2000.5,\"jti\":\"o\"}",
    BIPE_TOKEN_INVALID },
  { "exp negative", HEADER,
    "{\"sub\":\"t\",\"scopes\":[\"scan\"],\"iat\":1,\"exp\":-1,\"jti\":\"o\"}",
    BIPE_TOKEN_INVALID },
  { "exp past all bounds", HEADER,
    "{\"sub\":\"t\",\"scopes\":[\"scan\"],\"iat\":1,\"exp\":9223372036854775807,\"jti\":\"o\"}",
    BIPE_TOKEN_INVALID },
  { "iat far away", HEADER,
    "{\"sub\":\"t\",\"scopes\":[\"scan\"],\"iat\":22222222221000,\"exp\":2000,\"jti\":\"o\"}",
    BIPE_TOKEN_INVALID },
  { "no iat", HEADER, "{\"sub\":\"t\",\"scopes\":[\"scan\"],\"exp\":2000,\"jti\":\"o\"}",
    BIPE_TOKEN_INVALID },
  { "no sub", HEADER, "{\"scopes\":[\"scan\"],\"iat\":1,\"exp\":2000,\"jti\":\"o\"}",
    BIPE_TOKEN_INVALID },
  { "sub a number", HEADER,
    "{\"sub\":1,\"scopes\":[\"scan\"],\"iat\":1,\"exp\":2000,\"jti\":\"o\"}", BIPE_TOKEN_INVALID },
  { "sub with a line break", HEADER,
    "{\"sub\":\"a\\nb\",\"scopes\":[\"scan\"],\"iat\":1,\"exp\":2000,\"jti\":\"o\"}",
    BIPE_TOKEN_INVALID },
  { "no jti", HEADER, "{\"sub\":\"t\",\"scopes\":[\"scan\"],\"iat\":1,\"exp\":2000}",
    BIPE_TOKEN_INVALID },
  { "a long jti", HEADER,
    "{\"sub\":\"t\",\"scopes\":[\"scan\"],\"iat\":1,\"exp\":2000,"
    "\"jti\":\"0123456789012345678901234567890123456\"}",
    BIPE_TOKEN_INVALID },
  { "no scopes", HEADER, "{\"sub\":\"t\",\"iat\":1,\"exp\":2000,\"jti\":\"o\"}",
    BIPE_TOKEN_INVALID },
  { "an unknown scope", HEADER,
    "{\"sub\":\"t\",\"scopes\":[\"scan\",\"root\"],\"iat\":1,\"exp\":2000,\"jti\":\"o\"}",
    BIPE_TOKEN_INVALID },
};

static void
test_signed (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (signed_tokens); i++)
    {
      g_autofree char *token
          = forge (signed_tokens[i].header, signed_tokens[i].claims, G_CHECKSUM_SHA256, KEY, 32);

      g_test_message ("%s: %s", signed_tokens[i].name, token);
      g_assert_cmpint (judge (token, NOW), ==, signed_tokens[i].verdict);
    }
}

/* Without the key. What is over must not be told from what is forged. */
static void
test_forged (void)
{
  static const char public_key[] = "-----BEGIN PUBLIC KEY-----\nMIIB…\n-----END PUBLIC KEY-----\n";
  const struct
  {
    const char *name;
    char *token;
  } cases[] = {
    { "another key", forge (HEADER, CLAIMS, G_CHECKSUM_SHA256, "another", 7) },
    { "no key", forge (HEADER, CLAIMS, G_CHECKSUM_SHA256, "", 0) },
    { "a key of NULs", forge (HEADER, CLAIMS, G_CHECKSUM_SHA256, "\0\0\0\0", 4) },
    { "the key and a byte more", forge (HEADER, CLAIMS, G_CHECKSUM_SHA256, KEY "x", 33) },
    { "RS256 with a public key as the secret",
      forge (HEADER, CLAIMS, G_CHECKSUM_SHA256, public_key, sizeof public_key - 1) },
    { "RS256 in the header", forge ("{\"alg\":\"RS256\",\"typ\":\"JWT\"}", CLAIMS,
                                    G_CHECKSUM_SHA256, public_key, sizeof public_key - 1) },
    { "HS384 with the key", forge ("{\"alg\":\"HS384\"}", CLAIMS, G_CHECKSUM_SHA384, KEY, 32) },
    { "HS512 with the key", forge ("{\"alg\":\"HS512\"}", CLAIMS, G_CHECKSUM_SHA512, KEY, 32) },
    { "over, and forged", forge (HEADER, "{\"exp\":1}", G_CHECKSUM_SHA256, "x", 1) },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *token = cases[i].token;

      g_test_message ("%s: %s", cases[i].name, token);
      g_assert_cmpint (judge (token, NOW), ==, BIPE_TOKEN_INVALID);
    }
}

/* H, B and S stand for a token's parts. */
static char *
assemble (const char *shape, GStrv parts)
{
  GString *token = g_string_new (NULL);

  for (; *shape != '\0'; shape++)
    {
      static const char letters[] = "HBS";
      const char *letter = strchr (letters, *shape);

      if (letter != NULL)
        g_string_append (token, parts[letter - letters]);
      else
        g_string_append_c (token, *shape);
    }
  return g_string_free (token, FALSE);
}

/* A good one, changed at each of its places, cut at each, and put together in other ways. */
static void
test_altered (void)
{
  static const char *const shapes[] = { "H.B",    "H.B.",   "H..S",    ".B.S",    "H.B.S.",
                                        "H.B..S", ".H.B.S", "H.B.S=",  "H=.B.S",  "H.B=.S",
                                        " H.B.S", "H.B.S ", "H.B.S\n", "H.B.S\t", "HBS",
                                        "..",     "",       "S.B.H",   "H.B.S+",  "H.B.S/",
                                        "H.H.S",  "B.B.S",  "H.BB.S",  "H.B.SS" };
  g_autofree char *good = forge (HEADER, CLAIMS, G_CHECKSUM_SHA256, KEY, 32);
  g_auto(GStrv) parts = g_strsplit (good, ".", 3);
  gsize length = strlen (good);

  g_assert_cmpint (judge (good, NOW), ==, BIPE_TOKEN_VALID);
  for (gsize i = 0; i < length; i++)
    {
      g_autofree char *changed = g_strdup (good);
      g_autofree char *cut = g_strndup (good, i);

      changed[i] = changed[i] == 'A' ? 'B' : 'A';
      g_assert_cmpint (judge (changed, NOW), ==, BIPE_TOKEN_INVALID);
      g_assert_cmpint (judge (cut, NOW), ==, BIPE_TOKEN_INVALID);
    }
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      g_autofree char *token = assemble (shapes[i], parts);

      g_test_message ("%s", shapes[i]);
      g_assert_cmpint (judge (token, NOW), ==, BIPE_TOKEN_INVALID);
    }
}

/* The last letter of a signature has two bits to spare: they are no second way to write it. */
static void
test_spare_bits (void)
{
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  g_autofree char *token = forge (HEADER, CLAIMS, G_CHECKSUM_SHA256, KEY, 32);
  char *last = token + strlen (token) - 1;
  gsize value = (gsize)(strchr (letters, *last) - letters);

  g_assert_cmpuint (value % 4, ==, 0);
  for (gsize spare = 1; spare < 4; spare++)
    {
      *last = letters[value + spare];
      g_assert_cmpint (judge (token, NOW), ==, BIPE_TOKEN_INVALID);
    }
}

/* A token is as long as it may be, and one byte longer: both signed. */
static void
test_size (void)
{
  g_autofree char *megabyte = g_strnfill (1 << 20, 'A');

  for (guint fill = 2700; fill < 3100; fill++)
    {
      g_autofree char *padding = g_strnfill (fill, 'x');
      g_autofree char *claims
          = g_strdup_printf ("{\"pad\":\"%s\",\"sub\":\"till\",\"scopes\":[\"scan\"],\"iat\":1000,"
                             "\"exp\":2000,\"jti\":\"one\"}",
                             padding);
      g_autofree char *token = forge (HEADER, claims, G_CHECKSUM_SHA256, KEY, 32);

      g_assert_cmpint (judge (token, NOW), ==,
                       strlen (token) <= BIPE_TOKEN_MAX ? BIPE_TOKEN_VALID : BIPE_TOKEN_INVALID);
    }
  g_assert_cmpint (judge (megabyte, NOW), ==, BIPE_TOKEN_INVALID);
}

/* What is forged costs a few microseconds, however it looks. */
static void
test_cost (void)
{
  g_autoptr(GString) deep = g_string_new (NULL);
  g_autofree char *token = NULL;
  gint64 start = g_get_monotonic_time ();

  for (guint i = 0; i < 1400; i++)
    g_string_append (deep, "{\"a\":");
  g_string_truncate (deep, 2900);
  token = forge (HEADER, deep->str, G_CHECKSUM_SHA256, "x", 1);
  g_assert_cmpuint (strlen (token), <=, BIPE_TOKEN_MAX);
  for (guint i = 0; i < 10000; i++)
    judge (token, NOW);
  g_test_message ("%.1f us a forged token of %u bytes",
                  (double)(g_get_monotonic_time () - start) / 10000, (guint)strlen (token));
  g_assert_cmpint (g_get_monotonic_time () - start, <, 5 * G_USEC_PER_SEC);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/token/round-trip", test_round_trip);
  g_test_add_func ("/token/longest", test_longest);
  g_test_add_func ("/token/signed", test_signed);
  g_test_add_func ("/token/forged", test_forged);
  g_test_add_func ("/token/altered", test_altered);
  g_test_add_func ("/token/spare-bits", test_spare_bits);
  g_test_add_func ("/token/size", test_size);
  g_test_add_func ("/token/cost", test_cost);
  return g_test_run ();
}

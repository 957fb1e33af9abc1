/* token.h: a grant as its holder shows it: a JWT (RFC 7519), signed with HS256 and nothing else:
 *
 *   eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9 . eyJzdWIiOiJ0aWxsIDIiLC… . 43 characters
 *   {"alg":"HS256","typ":"JWT"}            {"sub":"till
 * 2","scopes":["scan"],"iat":…,"exp":…,"jti":"…"}
 */
#pragma once

#include "access/grant.h"

G_BEGIN_DECLS

/* Bytes of a token; a longer one is not looked at. */
#define BIPE_TOKEN_MAX 4096

typedef enum
{
  BIPE_TOKEN_VALID,
  BIPE_TOKEN_INVALID,
  BIPE_TOKEN_EXPIRED, /* and signed by us */
} BipeTokenVerdict;

/* Seconds are all that it keeps of the times. NULL: libjwt has failed, which means no memory. */
char *bipe_token_encode (const BipeGrant *grant, GBytes *key) G_GNUC_WARN_UNUSED_RESULT;

/**
 * bipe_token_decode:
 * @now: microseconds since 1970
 * @grant: (out) (nullable): what it says, where it is valid
 *
 * Judges by the signature and the time alone: whether it was revoked is the registry's to say.
 */
BipeTokenVerdict
bipe_token_decode (const char *text, gsize length, GBytes *key, gint64 now, BipeGrant **grant);

G_END_DECLS

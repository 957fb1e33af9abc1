/* router.h: which handler answers which method and path. */
#pragma once

#include "server/exchange.h"

G_BEGIN_DECLS

#define BIPE_BODY_SMALL_MAX 2048

/**
 * BipeRouteBody:
 * @BIPE_BODY_JSON: by its content type
 * @BIPE_BODY_ANY: of any content type or none, as in the seeds
 * @BIPE_BODY_SMALL: JSON, of BIPE_BODY_SMALL_MAX bytes: anybody at all may send it
 * @BIPE_BODY_PICTURE: PNG or JPEG by its content type; of BIPE_DECODER_FILE_MAX bytes
 */
typedef enum
{
  BIPE_BODY_JSON,
  BIPE_BODY_SMALL,
  BIPE_BODY_ANY,
  BIPE_BODY_PICTURE,
} BipeRouteBody;

/**
 * BipeRoute:
 * @pattern: a path; `{…}` stands for one part of it, without a slash and not empty, which the
 * handler gets as the variable
 * @scope: what the client must be allowed; %BIPE_SCOPE_NONE: nothing
 * @takes: what the body must be
 */
struct _BipeRoute
{
  const char *method;
  const char *pattern;
  BipeScope scope;
  BipeRouteBody takes;
  void (*handler) (BipeExchange *exchange);
};

/* All of a station's, ended by one without a method. */
extern const BipeRoute bipe_routes[];

/* Those that are served in @role. */
const BipeRoute *bipe_routes_of (BipeServerRole role);

/* Where the exchange will be led, by its method and path alone; NULL: nowhere. For a layer that has
 * to know before the router's turn. */
const BipeRoute *bipe_router_find (BipeExchange *exchange);

/* Whether @path (decoded) fits @pattern; *variable is the part that the pattern leaves open, or
 * NULL. */
gboolean bipe_router_match (const char *pattern, const char *path, char **variable);

G_END_DECLS

/* router.h: which handler answers which method and path. */
#pragma once

#include "server/exchange.h"

G_BEGIN_DECLS

/**
 * BipeRoute:
 * @pattern: a path; `{…}` stands for one part of it, without a slash and not empty, which the
 * handler gets as the variable
 * @scope: what the client must be allowed; %BIPE_SCOPE_NONE: nothing
 * @takes_any_type: the body needs no content type, as in the seeds
 */
struct _BipeRoute
{
  const char *method;
  const char *pattern;
  BipeScope scope;
  gboolean takes_any_type;
  void (*handler) (BipeExchange *exchange);
};

/* All of a station's, ended by one without a method. */
extern const BipeRoute bipe_routes[];

/* Whether @path (decoded) fits @pattern; *variable is the part that the pattern leaves open, or
 * NULL. */
gboolean bipe_router_match (const char *pattern, const char *path, char **variable);

G_END_DECLS

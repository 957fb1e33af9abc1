/* print-routes.c: what the router serves, a line each: method, pattern, scope. */
#include "config.h"

#include <stdio.h>

#include "server/router.h"

int
main (void)
{
  for (const BipeRoute *route = bipe_routes; route->method != NULL; route++)
    printf ("%s\t%s\t%s\n", route->method, route->pattern, bipe_scope_name (route->scope));
  return 0;
}

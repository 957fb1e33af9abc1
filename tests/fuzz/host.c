/* host.c: the headers Host and Origin, one a line. */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "server/layers/origin.h"
#include "target.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  char *hosts[] = { (char *)"scan.example", NULL };
  const char *const allowed[] = { "https://page.example", NULL };
  g_autoptr(BipeOrigins) origins = bipe_origins_new (allowed, bipe_clock_system ());
  const BipeServerOptions options = { .allowed_hosts = hosts, .origins = origins };
  g_autofree char *text = size > 0 ? g_strndup ((const char *)data, size) : g_strdup ("");
  g_auto(GStrv) lines = g_strsplit (text, "\n", 2);
  const char *host = lines[0] != NULL ? lines[0] : "";
  const char *origin = lines[0] != NULL && lines[1] != NULL ? lines[1] : "";

  /* Nothing that ends a host's name for others may stand in one that is allowed. */
  if (bipe_host_is_allowed (&options, host))
    g_assert_null (strpbrk (host, "/\\@?#, \t\r"));
  if (bipe_origin_is_allowed (&options, origin, NULL, FALSE))
    {
      const char *authority = strstr (origin, "://");

      g_assert_nonnull (authority);
      g_assert_null (strpbrk (authority + 3, "/\\@?#, \t\r"));
    }
  bipe_origin_is_allowed (&options, origin, host, FALSE);
  bipe_origin_is_allowed (&options, origin, host, TRUE);
  bipe_origins_refuse (origins, origin);
  return 0;
}

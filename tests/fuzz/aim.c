/* aim.c: the AIM identifier in front of a code. */
#include "config.h"

#include "base/aim.h"

#include <string.h>

#include "target.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *code = size > 0 ? g_strndup ((const char *)data, size) : g_strdup ("");
  const char *rest = NULL, *symbology = NULL;
  char aim[4] = "";

  if (bipe_aim_parse (code, aim, &rest, &symbology))
    {
      g_assert_cmpuint (strlen (aim), ==, 3);
      g_assert_true (g_str_has_prefix (code, aim));
      g_assert_true (rest == code + 3);
      g_assert_cmpint (rest[0], !=, '\0');
      g_assert_nonnull (symbology);
    }
  else
    {
      g_assert_null (rest);
      g_assert_null (symbology);
      g_assert_cmpstr (aim, ==, "");
    }
  return 0;
}

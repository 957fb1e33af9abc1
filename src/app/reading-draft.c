#include "config.h"

#include "app/reading-draft.h"

#include <glib/gi18n.h>
#include <string.h>

#include "app/format.h"

/* Characters; what the station takes, see base/scan.c. */
#define DEVICE_MAX 200

/* A code is a string, and would end at its first U+0000: its picture stands for it. */
static char *
show_nul (const BipeReading *reading)
{
  GString *shown = g_string_new (NULL);

  for (gsize i = 0; i < reading->length; i++)
    if (reading->text[i] == '\0')
      g_string_append (shown, "␀");
    else
      g_string_append_c (shown, reading->text[i]);
  return g_string_free (shown, FALSE);
}

static char *
cut (const char *text, glong limit)
{
  return g_utf8_strlen (text, -1) > limit ? g_utf8_substring (text, 0, limit) : g_strdup (text);
}

BipeScan *
bipe_reading_draft_new (const BipeReading *reading, const char *device, char **problem)
{
  gboolean has_nul = memchr (reading->text, '\0', reading->length) != NULL;
  g_autofree char *code = show_nul (reading);
  g_autofree char *name = device != NULL ? cut (device, DEVICE_MAX) : NULL;
  g_autoptr(GError) error = NULL;
  const BipeScan fields = {
    .code = code,
    .source = BIPE_SOURCE_CAMERA,
    .symbology = bipe_reading_get_symbology_name (reading),
    .aim = reading->aim[0] != '\0' ? reading->aim : NULL,
    .device = name,
  };

  if (has_nul)
    *problem = g_strdup (_ ("The code has a NUL character (U+0000) in it, which can’t be kept"));
  else if (!bipe_scan_check_code (code, &error))
    *problem = bipe_format_error (error);
  else
    *problem = NULL;
  return bipe_scan_new (&fields);
}

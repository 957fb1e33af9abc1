#include "config.h"

#include "base/error.h"

#include <glib/gi18n.h>

G_DEFINE_QUARK (BipeError, bipe_error)

/* The translation of the empty text is the catalogue's header. */
static const char *
translate_part (const char *part)
{
  return part[0] != '\0' ? _ (part) : part;
}

char *
bipe_error_translate (const char *message)
{
  const char *whole = translate_part (message);
  g_auto(GStrv) parts = NULL;
  char *text;

  if (whole != message)
    return g_strdup (whole);
  parts = g_strsplit (message, ": ", -1);
  text = g_strdup (parts[0] != NULL ? translate_part (parts[0]) : "");
  for (guint i = 1; parts[0] != NULL && parts[i] != NULL; i++)
    {
      g_autofree char *before = text;

      /* Translators: what has happened, and its cause */
      text = g_strdup_printf (_ ("%s: %s"), before, translate_part (parts[i]));
    }
  return text;
}

/* us-keys.h: where the characters are on a US keyboard, as X11 key codes. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define US_SHIFT 50
#define US_CONTROL 37

typedef struct
{
  guint code;
  guint modifier; /* US_SHIFT, US_CONTROL, or 0 */
} UsStroke;

/* Enter is "\r", Tab "\t"; other control characters are Control and their letter or symbol. */
gboolean us_stroke_find (char character, UsStroke *stroke);

G_END_DECLS

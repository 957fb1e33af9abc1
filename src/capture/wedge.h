/* wedge.h: tells a scanner that types like a keyboard from a person who does. Pure: no window, no
 * clock; it sees key codes and their times, and says what is to happen with each.
 *
 * A burst is a run of quick keys. While it is undecided its keys are held back; when it ends, all
 * of them are either a code or are given back in their order. One thread. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _BipeWedge BipeWedge;

/**
 * BipeWedgeKey:
 * @code: the hardware's key code as X11 counts: Linux' own plus 8
 * @symbol: what the session's layout makes of it; read only with the layout `session`
 * @time: milliseconds since any moment; may wrap
 * @is_press: pressed, or released
 * @in_text: a text field has the focus
 * @is_control: Control is down; read only with the layout `session`
 * @is_shortcut: Alt or Super is down: never part of a code
 */
typedef struct
{
  guint code;
  guint symbol;
  guint32 time;
  gboolean is_press;
  gboolean in_text;
  gboolean is_control;
  gboolean is_shortcut;
} BipeWedgeKey;

/**
 * BipeWedgeVerdict:
 * @BIPE_WEDGE_PASS: not ours; goes its way, behind those that are held, even if they are dropped
 * @BIPE_WEDGE_HOLD: keep it until the burst ends
 * @BIPE_WEDGE_SWALLOW: drop it
 *
 * What is to happen with the key just fed.
 */
typedef enum
{
  BIPE_WEDGE_PASS,
  BIPE_WEDGE_HOLD,
  BIPE_WEDGE_SWALLOW,
} BipeWedgeVerdict;

/**
 * BipeWedgeEnd:
 * @BIPE_WEDGE_NONE: no burst has ended
 * @BIPE_WEDGE_TYPED: it was a person: give the held keys back, before the key just fed
 * @BIPE_WEDGE_SCANNED: it was a code: drop the held keys
 * @BIPE_WEDGE_UNREAD: a scanner's burst, but no whole code for certain: drop the held keys, show it
 *
 * What has become of the keys held before this call.
 */
typedef enum
{
  BIPE_WEDGE_NONE,
  BIPE_WEDGE_TYPED,
  BIPE_WEDGE_SCANNED,
  BIPE_WEDGE_UNREAD,
} BipeWedgeEnd;

/**
 * bipe_wedge_new:
 * @layout: the layout that the scanners are set to, by its XKB name (`us`), or `session`: take
 *   each key's @symbol
 *
 * Returns: (nullable): %NULL with BIPE_ERROR_SETTING where there is no such layout
 */
BipeWedge *bipe_wedge_new (const char *layout, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bipe_wedge_free (BipeWedge *self);

/* Says what is to happen with @key; and in @end, with those held so far. */
BipeWedgeVerdict bipe_wedge_feed (BipeWedge *self, const BipeWedgeKey *key, BipeWedgeEnd *end);

/* How many milliseconds after the newest key bipe_wedge_expire() is due if no other key comes; 0:
 * nothing is held. */
guint bipe_wedge_get_patience (BipeWedge *self);

/* Silence: the burst, if there is one, ends here. */
BipeWedgeEnd bipe_wedge_expire (BipeWedge *self);

/* The focus has left: releases may have been missed, so all keys count as up. */
void bipe_wedge_forget_keys (BipeWedge *self);

/* The burst that ended last, until the next ends: its text, and its keys with their times
 * ("+24@0 -24@4 …": pressed, released, key code, milliseconds since the first). */
const char *bipe_wedge_get_text (BipeWedge *self);
const char *bipe_wedge_get_trace (BipeWedge *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeWedge, bipe_wedge_free)

G_END_DECLS

/* wedge.c: keys with pauses. The first byte chooses the layout; then three bytes are a key:
 * its code, its state, and the pause before it (from 128 on in steps of 16 ms). */
#include "config.h"

#include "capture/wedge.h"

#include "base/scan.h"
#include "target.h"

#define IS_RELEASE 0x01
#define IN_TEXT 0x02
#define IS_CONTROL 0x04
#define IS_SHORTCUT 0x08
#define IS_LATE 0x10 /* the window's timer comes first */
#define LOSES_FOCUS 0x20
#define IS_HIGH 0xc0 /* bits 8 and 9 of the code, or another set of symbols */

typedef struct
{
  BipeWedge *wedge;
  guint n_held;
  guint32 now;
} Lab;

static void
settle (Lab *lab, BipeWedgeEnd end)
{
  if (end == BIPE_WEDGE_NONE)
    return;
  lab->n_held = 0;
  g_assert_true (g_utf8_validate (bipe_wedge_get_text (lab->wedge), -1, NULL));
  g_assert_cmpint (g_utf8_strlen (bipe_wedge_get_text (lab->wedge), -1), <=, BIPE_SCAN_CODE_MAX);
  g_assert_nonnull (bipe_wedge_get_trace (lab->wedge));
}

static void
expire (Lab *lab)
{
  BipeWedgeEnd end = bipe_wedge_expire (lab->wedge);

  g_assert_true (end != BIPE_WEDGE_NONE || lab->n_held == 0);
  settle (lab, end);
  g_assert_cmpuint (bipe_wedge_get_patience (lab->wedge), ==, 0);
}

static void
feed (Lab *lab, const guint8 bytes[3])
{
  static const guint symbol_sets[] = { 0, 0xff00, 0xfe00, 0x01002000 };
  const BipeWedgeKey key = { .code = bytes[0] | (guint)(bytes[1] & IS_HIGH) << 4,
                             .symbol = symbol_sets[bytes[1] >> 6] | bytes[0],
                             .time = lab->now,
                             .is_press = !(bytes[1] & IS_RELEASE),
                             .in_text = (bytes[1] & IN_TEXT) != 0,
                             .is_control = (bytes[1] & IS_CONTROL) != 0,
                             .is_shortcut = (bytes[1] & IS_SHORTCUT) != 0 };
  BipeWedgeEnd end = BIPE_WEDGE_NONE;
  BipeWedgeVerdict verdict = bipe_wedge_feed (lab->wedge, &key, &end);

  settle (lab, end);
  lab->n_held += verdict == BIPE_WEDGE_HOLD;
  g_assert_true (lab->n_held == 0 || bipe_wedge_get_patience (lab->wedge) > 0);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  /* A layout takes long to load, so few of the corpus have one. */
  const char *layout = size > 0 && data[0] % 8 == 0 ? "us" : "session";
  Lab lab = { .wedge = bipe_wedge_new (layout, NULL), .now = G_MAXUINT32 - 500 };

  g_assert_nonnull (lab.wedge);
  for (gsize i = 1; i + 3 <= size; i += 3)
    {
      lab.now += data[i + 2] < 128 ? data[i + 2] : (data[i + 2] - 128u) * 16;
      if (data[i + 1] & IS_LATE)
        expire (&lab);
      if (data[i + 1] & LOSES_FOCUS)
        bipe_wedge_forget_keys (lab.wedge);
      feed (&lab, data + i);
    }
  expire (&lab);
  bipe_wedge_free (lab.wedge);
  return 0;
}

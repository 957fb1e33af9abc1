#include "config.h"

#include "app/earcon.h"

#include <math.h>

#define RATE BIPE_EARCON_RATE

/* Frequency 0 is silence; 0 ms end a melody. */
typedef struct
{
  double hertz;
  guint ms;
} Tone;

#define MELODY_MAX 6

/* What is kept is high, what is not is low; what goes falls, what comes rises. */
static const Tone melodies[BIPE_N_NEWS][MELODY_MAX] = {
  [BIPE_NEWS_KEPT] = { { 2093, 90 } },
  [BIPE_NEWS_DUPLICATE] = { { 2093, 60 }, { 0, 40 }, { 2093, 60 } },
  [BIPE_NEWS_REFUSED] = { { 440, 160 }, { 0, 60 }, { 311, 320 } },
  [BIPE_NEWS_OFFLINE] = { { 988, 130 }, { 784, 130 }, { 523, 260 } },
  [BIPE_NEWS_ONLINE] = { { 523, 110 }, { 784, 110 }, { 1047, 200 } },
};

/* Sine with two overtones, so that small loudspeakers give it, too; 5 ms ramps, so that none
 * clicks. */
static void
append_tone (GByteArray *samples, const Tone *tone)
{
  guint n = RATE * tone->ms / 1000;
  guint ramp = RATE * 5 / 1000;

  for (guint i = 0; i < n; i++)
    {
      double phase = 2 * G_PI * tone->hertz * i / RATE;
      double wave = (sin (phase) + sin (2 * phase) / 3 + sin (3 * phase) / 5) / 1.6;
      double gain = 0.5 * MIN (1.0, (double)MIN (i, n - i) / ramp);
      gint16 sample = (gint16)(wave * gain * G_MAXINT16);

      g_byte_array_append (samples, (const guint8 *)&sample, sizeof sample);
    }
}

GBytes *
bipe_earcon_create (BipeNewsKind kind)
{
  GByteArray *samples = g_byte_array_new ();

  for (guint i = 0; i < MELODY_MAX && melodies[kind][i].ms > 0; i++)
    append_tone (samples, &melodies[kind][i]);
  return g_byte_array_free_to_bytes (samples);
}

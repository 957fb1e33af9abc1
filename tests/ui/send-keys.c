/* send-keys.c: a scanner, or a person, at the keyboard of an X display: sends hardware key codes by
 * XTest, whatever the layout makes of them.
 *
 * Reads one text a line, with C escapes (`\035` is GS), and types each as on a US keyboard: Shift
 * around what needs it, Control around control characters (GS is Control and `]`).
 *
 *   send-keys --gap-min=1 --gap-max=40 < codes          a scanner, Enter behind each code
 *   send-keys --gap-median=160 --gap-floor=60 < words   a person, log-normal pauses
 *
 * Prints how late the latest key was, in milliseconds, for a machine that was too busy. */
#include "config.h"

#include <X11/XKBlib.h>
#include <X11/extensions/XTest.h>
#include <glib.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/capture/us-keys.h"

#define HOLD_MS 30 /* a person's finger on the key */

static double gap_min = 5;
static double gap_max = 5;
static double gap_median;
static double gap_sigma = 0.4;
static double gap_floor = 60;
static double pause_ms;
static gint64 seed = 1;
static char *suffix;
static gboolean caps_lock;
static gboolean shift_turn;

static const GOptionEntry entries[] = {
  { "gap-min", 0, 0, G_OPTION_ARG_DOUBLE, &gap_min, "Shortest pause before a key (5)", "MS" },
  { "gap-max", 0, 0, G_OPTION_ARG_DOUBLE, &gap_max, "Longest one (5); each text has its own",
    "MS" },
  { "gap-median", 0, 0, G_OPTION_ARG_DOUBLE, &gap_median, "A person: log-normal pauses", "MS" },
  { "gap-sigma", 0, 0, G_OPTION_ARG_DOUBLE, &gap_sigma, "Their spread (0.4)", "SIGMA" },
  { "gap-floor", 0, 0, G_OPTION_ARG_DOUBLE, &gap_floor, "The shortest of them (60)", "MS" },
  { "pause", 0, 0, G_OPTION_ARG_DOUBLE, &pause_ms, "More of a pause before each text", "MS" },
  { "suffix", 0, 0, G_OPTION_ARG_STRING, &suffix, "enter (default), tab, none", "KEY" },
  { "seed", 0, 0, G_OPTION_ARG_INT64, &seed, "Of the pauses", "N" },
  { "caps-lock", 0, 0, G_OPTION_ARG_NONE, &caps_lock, "Switch Caps Lock on first", NULL },
  { "shift-turn", 0, 0, G_OPTION_ARG_NONE, &shift_turn, "A pause behind Shift, too", NULL },
  { NULL },
};

static Display *display;
static GRand *dice;
static double latest;

/* A normal deviate, by Box and Muller. */
static double
roll_normal (void)
{
  double radius = sqrt (-2 * log (1 - g_rand_double (dice)));

  return radius * cos (2 * G_PI * g_rand_double (dice));
}

/* From the release of one key to the press of the next. */
static double
roll_gap (double scanner_gap)
{
  return gap_median > 0 ? MAX (gap_floor, gap_median * exp (gap_sigma * roll_normal ())) - HOLD_MS
                        : scanner_gap;
}

static void
wait_ms (double ms)
{
  gint64 due = g_get_monotonic_time () + (gint64)(ms * 1000);

  XSync (display, False);
  g_usleep ((gulong)(ms * 1000));
  latest = MAX (latest, (double)(g_get_monotonic_time () - due) / 1000);
}

static void
fake (guint code, gboolean is_press)
{
  XTestFakeKeyEvent (display, code, is_press, CurrentTime);
}

static void
type_stroke (UsStroke stroke, double gap)
{
  if (stroke.modifier != 0)
    {
      fake (stroke.modifier, TRUE);
      if (shift_turn)
        wait_ms (gap);
    }
  fake (stroke.code, TRUE);
  if (gap_median > 0)
    wait_ms (HOLD_MS);
  fake (stroke.code, FALSE);
  if (stroke.modifier != 0)
    fake (stroke.modifier, FALSE);
  XFlush (display);
}

static gboolean
type_text (const char *text)
{
  double scanner_gap = g_rand_double_range (dice, gap_min, gap_max + 0.001);
  UsStroke stroke;

  wait_ms (pause_ms);
  for (const char *c = text; *c != '\0'; c++)
    {
      double gap = roll_gap (scanner_gap);

      if (!us_stroke_find (*c, &stroke))
        return FALSE;
      wait_ms (gap);
      type_stroke (stroke, gap);
    }
  if (!g_str_equal (suffix, "none"))
    {
      wait_ms (roll_gap (scanner_gap));
      us_stroke_find (g_str_equal (suffix, "tab") ? '\t' : '\r', &stroke);
      type_stroke (stroke, 0);
    }
  return TRUE;
}

int
main (int argc, char *argv[])
{
  g_autoptr(GOptionContext) context = g_option_context_new (NULL);
  g_autoptr(GError) error = NULL;
  char line[65536];

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return 2;
    }
  suffix = suffix != NULL ? suffix : g_strdup ("enter");
  dice = g_rand_new_with_seed ((guint32)seed);

  display = XOpenDisplay (NULL);
  if (display == NULL)
    {
      g_printerr ("no display\n");
      return 1;
    }
  if (caps_lock)
    XkbLockModifiers (display, XkbUseCoreKbd, LockMask, LockMask);

  while (fgets (line, sizeof line, stdin) != NULL)
    {
      g_autofree char *text = NULL;

      line[strcspn (line, "\n")] = '\0';
      text = g_strcompress (line);

      if (!type_text (text))
        {
          g_printerr ("no key for “%s”\n", line);
          return 1;
        }
    }
  XSync (display, False);
  g_print ("late %.1f\n", latest);

  XCloseDisplay (display);
  g_rand_free (dice);
  g_free (suffix);
  return 0;
}

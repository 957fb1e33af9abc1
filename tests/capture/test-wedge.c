/* test-wedge.c: scripts of keys through the machine. A script says what is typed how; the harness
 * does what a window would: holds, gives back, drops, and lets time run out. */
#include "config.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/scan.h"
#include "capture/wedge.h"
#include "tests/capture/us-keys.h"

typedef struct
{
  BipeWedgeKey key;
  gboolean passes; /* only waits for its turn */
} Held;

typedef struct
{
  BipeWedge *wedge;
  GRand *dice;
  GArray *held;   /* Held */
  GArray *passed; /* BipeWedgeKey, in the order in which the window gets them */
  GArray *typed;  /* BipeWedgeKey: what a person has sent */
  GString *log;   /* "scanned TEXT\n", "unread TEXT\n" */
  guint32 now;
  guint32 newest_press;
} Lab;

static Lab *
lab_new (const char *layout)
{
  g_autoptr(GError) error = NULL;
  Lab *lab = g_new0 (Lab, 1);

  lab->wedge = bipe_wedge_new (layout, &error);
  g_assert_no_error (error);
  lab->dice = g_rand_new_with_seed ((guint32)g_test_rand_int ());
  lab->held = g_array_new (FALSE, FALSE, sizeof (Held));
  lab->passed = g_array_new (FALSE, FALSE, sizeof (BipeWedgeKey));
  lab->typed = g_array_new (FALSE, FALSE, sizeof (BipeWedgeKey));
  lab->log = g_string_new (NULL);
  lab->now = G_MAXUINT32 - 500; /* so that each script sees the clock wrap */
  return lab;
}

static void
lab_free (Lab *lab)
{
  g_array_unref (lab->held);
  g_array_unref (lab->passed);
  g_array_unref (lab->typed);
  g_string_free (lab->log, TRUE);
  g_rand_free (lab->dice);
  bipe_wedge_free (lab->wedge);
  g_free (lab);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Lab, lab_free)

static void
settle (Lab *lab, BipeWedgeEnd end)
{
  if (end == BIPE_WEDGE_NONE)
    return;
  for (guint i = 0; i < lab->held->len; i++)
    {
      const Held *held = &g_array_index (lab->held, Held, i);

      if (end == BIPE_WEDGE_TYPED || held->passes)
        g_array_append_val (lab->passed, held->key);
    }
  if (end != BIPE_WEDGE_TYPED)
    g_string_append_printf (lab->log, "%s %s\n", end == BIPE_WEDGE_SCANNED ? "scanned" : "unread",
                            bipe_wedge_get_text (lab->wedge));
  g_array_set_size (lab->held, 0);
}

/* A key that comes when its time is up may be seen before or after the window's timer. */
static void
lab_feed (Lab *lab, BipeWedgeKey key)
{
  guint patience = bipe_wedge_get_patience (lab->wedge);
  BipeWedgeVerdict verdict;
  BipeWedgeEnd end;

  if (patience > 0 && key.time - lab->newest_press >= patience && g_rand_boolean (lab->dice))
    settle (lab, bipe_wedge_expire (lab->wedge));
  if (key.is_press)
    lab->newest_press = key.time;

  verdict = bipe_wedge_feed (lab->wedge, &key, &end);
  settle (lab, end);
  if (verdict == BIPE_WEDGE_PASS && lab->held->len == 0)
    g_array_append_val (lab->passed, key);
  else if (verdict != BIPE_WEDGE_SWALLOW)
    {
      const Held held = { key, verdict == BIPE_WEDGE_PASS };

      g_array_append_val (lab->held, held);
    }
}

static void
lab_wait (Lab *lab, guint32 ms)
{
  guint patience = bipe_wedge_get_patience (lab->wedge);

  lab->now += ms;
  if (patience > 0 && lab->now - lab->newest_press >= patience)
    settle (lab, bipe_wedge_expire (lab->wedge));
}

typedef struct
{
  guint gap;
  gboolean in_text;
  gboolean shift_turn; /* Shift takes a turn of its own */
  gboolean is_person;  /* what is sent must arrive */
} Hand;

static void
send_key (Lab *lab, const Hand *hand, guint code, gboolean is_press)
{
  BipeWedgeKey key = {
    .code = code,
    .time = lab->now,
    .is_press = is_press,
    .in_text = hand->in_text,
  };

  if (hand->is_person)
    g_array_append_val (lab->typed, key);
  lab_feed (lab, key);
}

static guint
roll_gap (Lab *lab, const Hand *hand)
{
  double normal;

  if (!hand->is_person || hand->gap != 0)
    return hand->gap;
  normal = sqrt (-2 * log (1 - g_rand_double (lab->dice)))
           * cos (2 * G_PI * g_rand_double (lab->dice));
  return (guint)MAX (60, 160 * exp (0.5 * normal));
}

static void
send (Lab *lab, const Hand *hand, const char *text)
{
  UsStroke stroke;

  for (const char *c = text; *c != '\0'; c++)
    {
      guint gap = roll_gap (lab, hand);

      g_assert_true (us_stroke_find (*c, &stroke));
      if (c != text)
        lab->now += gap;
      if (stroke.modifier != 0)
        {
          send_key (lab, hand, stroke.modifier, TRUE);
          lab->now += hand->shift_turn ? gap : 0;
        }
      send_key (lab, hand, stroke.code, TRUE);
      lab->now += MIN (hand->gap / 2, 1);
      send_key (lab, hand, stroke.code, FALSE);
      lab->now -= MIN (hand->gap / 2, 1);
      if (stroke.modifier != 0)
        send_key (lab, hand, stroke.modifier, FALSE);
    }
}

/* Keys as a trace has them, "+24@0 -24@4", from now on. */
static void
replay (Lab *lab, const Hand *hand, const char *trace)
{
  g_auto(GStrv) events = g_strsplit (trace, " ", -1);
  guint32 start = lab->now;

  for (guint i = 0; events[i] != NULL; i++)
    {
      char *rest;
      guint code = (guint)g_ascii_strtoull (events[i] + 1, &rest, 10);

      lab->now = start + (guint32)g_ascii_strtoull (rest + 1, NULL, 10);
      send_key (lab, hand, code, events[i][0] == '+');
    }
}

static void
assert_log (Lab *lab, const char *expected)
{
  lab_wait (lab, 1000);
  g_assert_cmpstr (lab->log->str, ==, expected);
  g_string_truncate (lab->log, 0);
}

/* What a person has sent, and nothing else, has arrived in its order. */
static void
assert_passed (Lab *lab)
{
  lab_wait (lab, 1000);
  g_assert_cmpuint (lab->held->len, ==, 0);
  g_assert_cmpmem (lab->passed->data, lab->passed->len * sizeof (BipeWedgeKey), lab->typed->data,
                   lab->typed->len * sizeof (BipeWedgeKey));
}

/* --- Tables -------------------------------------------------------------------------------- */

#define CODE "4006381333931"

/* `typed` cases must arrive as they were sent, `log` and `unread` ones must leave no key behind. */
static const struct
{
  const char *name;
  const char *keys;
  Hand hand;
  const char *log; /* NULL: it was typed */
} bursts[] = {
  { "enter", CODE "\r", { .gap = 1 }, "scanned " CODE "\n" },
  { "tab", CODE "\t", { .gap = 1 }, "scanned " CODE "\n" },
  { "no-time", CODE "\r", { .gap = 0 }, "scanned " CODE "\n" },
  { "mixed-case", "aBcDeFGh\r", { .gap = 8 }, "scanned aBcDeFGh\n" },
  { "symbols",
    "!@#$%^&*()_+{}|:\"<>?~`-=[]\\;',./ x\r",
    { .gap = 8 },
    "scanned !@#$%^&*()_+{}|:\"<>?~`-=[]\\;',./ x\n" },
  { "gs",
    "]d2010400638133393110a\03521b\r",
    { .gap = 8 },
    "scanned ]d2010400638133393110a\03521b\n" },
  { "leading-gs", "\0350104\r", { .gap = 100 }, "scanned \0350104\n" },
  { "rs-eot", "[)>\03606\0359N\036\004\r", { .gap = 8 }, "scanned [)>\03606\0359N\036\004\n" },
  { "shift-turn", "aBcDeFGh\r", { .gap = 40, .shift_turn = TRUE }, "scanned aBcDeFGh\n" },
  { "shift-turn-in-text",
    "ABcdEF\r",
    { .gap = 40, .shift_turn = TRUE, .in_text = TRUE },
    "scanned ABcdEF\n" },
  { "slow-scanner", CODE "\r", { .gap = 100 }, "scanned " CODE "\n" },
  { "slowest-scanner", CODE "\r", { .gap = 120 }, "scanned " CODE "\n" },
  { "in-text", CODE "\r", { .gap = 1, .in_text = TRUE }, "scanned " CODE "\n" },
  { "in-text-slow", CODE "\r", { .gap = 40, .in_text = TRUE }, "scanned " CODE "\n" },
  { "in-text-short", "123\r", { .gap = 40, .in_text = TRUE }, "scanned 123\n" },
  { "in-text-two", "12\r", { .gap = 10, .in_text = TRUE }, "scanned 12\n" },
  { "one", "1\r", { .gap = 10 }, "scanned 1\n" },
  { "no-suffix", CODE, { .gap = 10 }, "scanned " CODE "\n" },
  { "no-suffix-in-text", CODE, { .gap = 10, .in_text = TRUE }, "scanned " CODE "\n" },
  { "no-suffix-slow", CODE, { .gap = 80 }, "unread " CODE "\n" },
  { "back-to-back",
    "1234\r5678\rabcd\r",
    { .gap = 1 },
    "scanned 1234\nscanned 5678\nscanned abcd\n" },
  { "prefix-in-text", "]E0" CODE "\r", { .gap = 55, .in_text = TRUE }, "scanned ]E0" CODE "\n" },
  { "two-enters", CODE "\r\r", { .gap = 5 }, "scanned " CODE "\n" },

  { "typing", "hello\r", { .gap = 160, .in_text = TRUE, .is_person = TRUE }, NULL },
  { "typing-fast", CODE "\r", { .gap = 60, .in_text = TRUE, .is_person = TRUE }, NULL },
  { "typing-faster", "fast\r", { .gap = 55, .in_text = TRUE, .is_person = TRUE }, NULL },
  { "typing-nowhere", "hello\r", { .gap = 160, .is_person = TRUE }, NULL },
  { "rolled", "er", { .gap = 20, .in_text = TRUE, .is_person = TRUE }, NULL },
  { "rolled-nowhere", "er", { .gap = 20, .is_person = TRUE }, NULL },
  { "one-in-text", "1\r", { .gap = 10, .in_text = TRUE, .is_person = TRUE }, NULL },
  { "enter-alone", "\r", { .gap = 1, .is_person = TRUE }, NULL },
  { "enters", "\r\r\r", { .gap = 30, .is_person = TRUE }, NULL },
  { "tabs", "\t\t\t", { .gap = 30, .in_text = TRUE, .is_person = TRUE }, NULL },
  { "space", " ", { .gap = 1, .is_person = TRUE }, NULL },
  { "spaces", "  \r", { .gap = 20, .is_person = TRUE }, NULL },
  { "shortcut", "\006", { .gap = 1, .is_person = TRUE }, NULL },
  { "shortcuts", "\001\003\026\r", { .gap = 30, .in_text = TRUE, .is_person = TRUE }, NULL },
};

static void
test_burst (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr(Lab) lab = lab_new ("us");

  send (lab, &bursts[i].hand, bursts[i].keys);
  assert_log (lab, bursts[i].log != NULL ? bursts[i].log : "");
  assert_passed (lab);
}

/* Where `passes` is given, so many keys must reach the window. */
static const struct
{
  const char *name;
  const char *layout;
  const char *trace;
  Hand hand;
  const char *log;
  guint passes;
} traces[] = {
  { "scanner-reports",
    "us",
    "+50@0 +38@0 -38@8 -50@8 +11@16 -11@24 +50@32 +56@32 -56@40 -50@40 +36@48 -36@56",
    { .in_text = TRUE },
    "scanned A2B\n",
    0 },
  { "rollover",
    "us",
    "+10@0 +11@5 -10@7 +12@10 -11@12 +36@15 -12@17 -36@20",
    { .in_text = TRUE },
    "scanned 123\n",
    0 },
  { "keypad",
    "us",
    "+87@0 -87@1 +88@4 -88@5 +90@8 -90@9 +104@12 -104@13",
    { .gap = 0 },
    "scanned 120\n",
    0 },
  { "control-m",
    "us",
    "+10@0 -10@1 +11@4 -11@5 +12@8 -12@9 +37@12 +58@12 -58@13 -37@13",
    { .gap = 0 },
    "scanned 123\n",
    0 },
  { "german",
    "de",
    "+108@0 +24@0 -24@1 -108@1 +52@4 -52@5 +29@8 -29@9 +36@12 -36@13",
    { .in_text = TRUE },
    "scanned @yz\n",
    0 },
  /* The scanner's own Caps Lock is the session's business, and no part of the code. */
  { "caps-lock",
    "us",
    "+38@0 -38@1 +66@2 -66@3 +56@4 -56@5 +54@8 -54@9 +36@12 -36@13",
    { .gap = 0 },
    "scanned abc\n",
    2 },
  /* Escape takes everything before it along. */
  { "escape", "us", "+38@0 -38@1 +56@4 -56@5 +9@8 -9@9", { .gap = 0 }, "", 6 },
  { "auto-repeat",
    "us",
    "+38@0 +38@500 +38@530 +38@560 +38@590 +38@620 +38@650 +38@680 -38@700 +36@720 -36@730",
    { .in_text = TRUE },
    "",
    11 },
  { "auto-repeat-at-once",
    "us",
    "+38@0 +38@30 +38@60 +38@90 +38@120 +38@150 -38@155 +36@160",
    { .in_text = TRUE },
    "",
    8 },
  { "shift-alone", "us", "+50@0 -50@400", { .in_text = TRUE }, "", 2 },
  { "late-enter",
    "us",
    "+10@0 -10@1 +11@4 -11@5 +12@8 -12@9 +13@12 -13@13 +36@400 -36@401 +36@900 -36@901",
    { .gap = 0 },
    "scanned 1234\n",
    2 },
  /* Busy machine: the burst is known to be quick by then. */
  { "stall",
    "us",
    "+10@0 -10@1 +11@4 -11@5 +12@8 -12@9 +13@12 -13@13 +14@110 -14@111 +36@115",
    { .in_text = TRUE },
    "scanned 12345\n",
    0 },
  /* Its first key has been given back: too late for a whole code, too quick for a person. */
  { "split-in-text",
    "us",
    "+10@0 -10@1 +11@70 -11@71 +12@71 -12@72 +13@72 -13@73 +14@73 -14@74 +15@74 -15@75 "
    "+16@75 -16@76 +36@76 -36@77",
    { .in_text = TRUE },
    "unread 234567\n",
    2 },
  { "split",
    "us",
    "+10@0 -10@1 +11@300 -11@301 +12@302 -12@303 +13@304 -13@305 +36@306 -36@307",
    { .gap = 0 },
    "unread 234\n",
    2 },
  { "stall-at-first",
    "us",
    "+10@0 -10@1 +11@240 -11@241 +12@242 -12@243 +13@244 -13@245 +36@246 -36@247",
    { .gap = 0 },
    "scanned 1234\n",
    0 },
  { "unknown-code", "us", "+2000@0 -2000@1", { .gap = 0 }, "", 2 },
};

static void
test_trace (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr(Lab) lab = lab_new (traces[i].layout);

  replay (lab, &traces[i].hand, traces[i].trace);
  assert_log (lab, traces[i].log);
  g_assert_cmpuint (lab->passed->len, ==, traces[i].passes);
}

/* --- Single ones --------------------------------------------------------------------------- */

static void
test_kept_trace (void)
{
  g_autoptr(Lab) lab = lab_new ("us");

  send (lab, &(Hand){ .gap = 70 }, "abcD");
  assert_log (lab, "unread abcD\n");
  g_assert_cmpstr (bipe_wedge_get_trace (lab->wedge), ==,
                   "+38@0 -38@1 +56@70 -56@71 +54@140 -54@141 +50@210 +40@210 -40@211 -50@210");
}

static void
test_longest (void)
{
  g_autoptr(Lab) lab = lab_new ("us");
  g_autofree char *code = g_strnfill (BIPE_SCAN_CODE_MAX + 1, 'A');
  g_autofree char *unread = g_strdup_printf ("unread %.*s\n", BIPE_SCAN_CODE_MAX, code);
  g_autofree char *scanned = g_strdup_printf ("scanned %.*s\n", BIPE_SCAN_CODE_MAX, code);

  send (lab, &(Hand){ .gap = 1, .in_text = TRUE }, code);
  send (lab, &(Hand){ .gap = 1, .in_text = TRUE }, "\r");
  assert_log (lab, unread);

  code[BIPE_SCAN_CODE_MAX] = '\0';
  send (lab, &(Hand){ .gap = 1, .in_text = TRUE }, code);
  send (lab, &(Hand){ .gap = 1, .in_text = TRUE }, "\r");
  assert_log (lab, scanned);
  assert_passed (lab);
}

static void
test_session_layout (void)
{
  g_autoptr(Lab) lab = lab_new ("session");
  /* 0xe9 is é, 0xff0d Return; the key codes mean nothing. */
  static const guint symbols[] = { 'A', 0xe9, ']', '1', 0xff0d };

  for (guint i = 0; i < G_N_ELEMENTS (symbols); i++)
    for (int is_press = 1; is_press >= 0; is_press--)
      lab_feed (lab, (BipeWedgeKey){ .code = 24 + i,
                                     .symbol = symbols[i],
                                     .time = lab->now + i,
                                     .is_press = is_press,
                                     .is_control = symbols[i] == ']' });
  assert_log (lab, "scanned A\303\251\0351\n");
}

static void
test_unknown_layout (void)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (bipe_wedge_new ("no-such-layout", &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_SETTING);
}

static void
test_alt (void)
{
  g_autoptr(Lab) lab = lab_new ("us");

  for (guint32 i = 0; i < 6; i++)
    lab_feed (lab,
              (BipeWedgeKey){
                  .code = 24 + i, .time = lab->now + i, .is_press = TRUE, .is_shortcut = TRUE });
  assert_log (lab, "");
  g_assert_cmpuint (lab->passed->len, ==, 6);
}

static void
test_forget_keys (void)
{
  g_autoptr(Lab) lab = lab_new ("us");

  replay (lab, &(Hand){ .gap = 0 }, "+50@0 +10@0"); /* never released here */
  lab_wait (lab, 600);
  bipe_wedge_forget_keys (lab->wedge);
  send (lab, &(Hand){ .gap = 1 }, "1a2b\r");
  assert_log (lab, "scanned 1a2b\n");
}

static void
test_learned_rhythm (void)
{
  g_autoptr(Lab) lab = lab_new ("us");
  const Hand scanner = { .gap = 80 };
  const Hand scanner_in_text = { .gap = 80, .in_text = TRUE };

  send (lab, &scanner_in_text, CODE "\r");
  assert_log (lab, "");

  for (guint i = 0; i < 3; i++)
    send (lab, &scanner, CODE "\r");
  assert_log (lab, "scanned " CODE "\nscanned " CODE "\nscanned " CODE "\n");

  g_array_set_size (lab->passed, 0);
  send (lab, &scanner_in_text, CODE "\r");
  assert_log (lab, "scanned " CODE "\n");

  /* A person of the same average is no scanner: scanners are steady. */
  replay (lab, &(Hand){ .in_text = TRUE, .is_person = TRUE },
          "+38@0 -38@20 +39@65 -39@85 +40@160 -40@180 +41@225 -41@245 +42@320 -42@340 "
          "+43@385 -43@405 +36@480 -36@500");
  assert_log (lab, "");
  assert_passed (lab);
}

/* --- Random -------------------------------------------------------------------------------- */

static char *
roll_text (Lab *lab, const char *alphabet, gint32 least, gint32 most)
{
  GString *text = g_string_new (NULL);
  gint32 length = g_rand_int_range (lab->dice, least, most + 1);

  for (gint32 i = 0; i < length; i++)
    g_string_append_c (text, alphabet[g_rand_int_range (lab->dice, 0, (gint32)strlen (alphabet))]);
  return g_string_free (text, FALSE);
}

/* Scans and typed words by turns, with any rhythm that is promised: each scan exact, and of the
 * keys exactly the person's arrive. */
static void
test_random (void)
{
  static const char *const alphabets[] = {
    "0123456789",
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "aA1!@#$%^&*()_+{}|:\"<>?~`-=[]\\;',./ ",
    "01\035aZ]",
  };
  g_autoptr(Lab) lab = lab_new ("us");

  for (guint round = 0; round < 5000; round++)
    {
      gboolean in_text = g_rand_boolean (lab->dice);
      gboolean is_person = in_text && g_rand_boolean (lab->dice);
      const Hand hand = {
        .gap = is_person ? 0 : (guint)g_rand_int_range (lab->dice, 0, in_text ? 41 : 101),
        .in_text = in_text,
        .shift_turn = g_rand_boolean (lab->dice),
        .is_person = is_person,
      };
      g_autofree char *text
          = is_person ? roll_text (lab, alphabets[g_rand_int_range (lab->dice, 0, 3)], 1, 12)
                      : roll_text (lab, alphabets[g_rand_int_range (lab->dice, 0, 4)], 3, 30);
      g_autofree char *keys
          = g_strconcat (text, "x", g_rand_boolean (lab->dice) ? "\r" : "\t", NULL);
      g_autofree char *log = g_strdup_printf ("scanned %sx\n", text);

      send (lab, &hand, keys);
      assert_log (lab, is_person ? "" : log);
    }
  assert_passed (lab);
}

/* Any keys in any order at any time: nothing crashes, and no key is lost, doubled or overtaken. */
static void
test_noise (void)
{
  g_autoptr(Lab) lab = lab_new ("us");

  for (guint round = 0; round < 200000; round++)
    {
      lab->now += (guint32)g_rand_int_range (lab->dice, 0, g_rand_boolean (lab->dice) ? 5 : 300);
      lab_feed (lab, (BipeWedgeKey){
                         .code = (guint)g_rand_int_range (lab->dice, 0, 140),
                         .time = lab->now,
                         .is_press = g_rand_boolean (lab->dice),
                         .in_text = g_rand_boolean (lab->dice),
                         .is_shortcut = g_rand_int_range (lab->dice, 0, 20) == 0,
                     });
      if (g_rand_int_range (lab->dice, 0, 1000) == 0)
        bipe_wedge_forget_keys (lab->wedge);
      g_string_truncate (lab->log, 0);
    }
  lab_wait (lab, 1000);
  g_assert_cmpuint (lab->held->len, ==, 0);

  for (guint i = 1; i < lab->passed->len; i++)
    g_assert_cmpint ((gint32)(g_array_index (lab->passed, BipeWedgeKey, i).time
                              - g_array_index (lab->passed, BipeWedgeKey, i - 1).time),
                     >=, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (bursts); i++)
    {
      g_autofree char *path = g_strconcat ("/wedge/burst/", bursts[i].name, NULL);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_burst);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (traces); i++)
    {
      g_autofree char *path = g_strconcat ("/wedge/trace/", traces[i].name, NULL);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_trace);
    }
  g_test_add_func ("/wedge/kept-trace", test_kept_trace);
  g_test_add_func ("/wedge/longest", test_longest);
  g_test_add_func ("/wedge/session-layout", test_session_layout);
  g_test_add_func ("/wedge/unknown-layout", test_unknown_layout);
  g_test_add_func ("/wedge/alt", test_alt);
  g_test_add_func ("/wedge/forget-keys", test_forget_keys);
  g_test_add_func ("/wedge/learned-rhythm", test_learned_rhythm);
  g_test_add_func ("/wedge/random", test_random);
  g_test_add_func ("/wedge/noise", test_noise);
  return g_test_run ();
}

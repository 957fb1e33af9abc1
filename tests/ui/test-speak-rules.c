#include "config.h"

#include <string.h>

#include "app/recent-codes.h"
#include "app/speak-rules.h"
#include "app/store-watch.h"

#define S G_TIME_SPAN_SECOND

static const struct
{
  const char *code;
  const char *text; /* NULL: no rule fits */
} rule_cases[] = {
  { "400638", "first" },      { "4006", "first" },  { "14006", NULL },    { "A1Z", "three" },
  { "AéZ", "three" },         { "A12Z", NULL },     { "silent one", "" }, { "exact", "exact" },
  { "exactly", "ends in y" }, { "y", "ends in y" }, { "", NULL },         { "[x]", "brackets" },
};

static void
test_rules (void)
{
  g_autoptr(GVariant) variant = g_variant_ref_sink (g_variant_new_parsed (
      "[('4006*', 'first'), ('', 'never'), ('A?Z', 'three'), ('silent*', ''), ('exact', 'exact'),"
      " ('40*', 'too late'), ('*y', 'ends in y'), ('[x]', 'brackets')]"));
  g_autoptr(BipeSpeakRules) rules = bipe_speak_rules_new (variant);
  g_autoptr(BipeSpeakRules) none = bipe_speak_rules_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (rule_cases); i++)
    {
      g_test_message ("“%s”", rule_cases[i].code);
      g_assert_cmpstr (bipe_speak_rules_find (rules, rule_cases[i].code), ==, rule_cases[i].text);
      g_assert_null (bipe_speak_rules_find (none, rule_cases[i].code));
    }
}

static char *
repeat (const char *text, guint n)
{
  GString *string = g_string_new (NULL);

  while (n-- > 0)
    g_string_append (string, text);
  return g_string_free (string, FALSE);
}

/* Too many, too long; and a pattern that could go astray in a long code. */
static void
test_rule_bounds (void)
{
  g_autofree char *longest = repeat ("é", BIPE_SPEAK_RULE_LENGTH_MAX);
  g_autofree char *too_long = repeat ("é", BIPE_SPEAK_RULE_LENGTH_MAX + 1);
  g_autofree char *stars = repeat ("*a", BIPE_SPEAK_RULE_LENGTH_MAX / 2 - 1);
  g_autofree char *astray = g_strconcat (stars, "*b", NULL);
  g_autofree char *code = repeat ("a", 7089);
  g_autoptr(GVariant) variant = NULL;
  g_autoptr(BipeSpeakRules) rules = NULL;
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE (BIPE_SPEAK_RULES_TYPE));
  g_variant_builder_add (&builder, "(ss)", too_long, "a");
  g_variant_builder_add (&builder, "(ss)", "x", too_long);
  g_variant_builder_add (&builder, "(ss)", longest, longest);
  g_variant_builder_add (&builder, "(ss)", astray, "b");
  for (guint i = 2; i < BIPE_SPEAK_RULES_MAX; i++)
    g_variant_builder_add (&builder, "(ss)", "last but one", "b");
  g_variant_builder_add (&builder, "(ss)", "past", "c");
  variant = g_variant_ref_sink (g_variant_builder_end (&builder));
  rules = bipe_speak_rules_new (variant);
  g_assert_null (bipe_speak_rules_find (rules, too_long));
  g_assert_null (bipe_speak_rules_find (rules, "x"));
  g_assert_cmpstr (bipe_speak_rules_find (rules, longest), ==, longest);
  g_assert_null (bipe_speak_rules_find (rules, code));
  g_assert_cmpstr (bipe_speak_rules_find (rules, "last but one"), ==, "b");
  g_assert_null (bipe_speak_rules_find (rules, "past"));
}

static const struct
{
  const char *code;
  gint64 at;
  gint64 window;
  gboolean is_again;
} recent_cases[] = {
  { "a", 0, 10 * S, FALSE },          { "b", 0, 10 * S, FALSE },      { "a", 10 * S, 10 * S, TRUE },
  { "a", 20 * S, 10 * S, TRUE }, /* since it came last */
  { "a", 30 * S + 1, 10 * S, FALSE }, { "b", 31 * S, 10 * S, FALSE }, { "b", 31 * S, 0, FALSE },
  { "b", 32 * S, 10 * S, TRUE },      { "B", 32 * S, 10 * S, FALSE },
};

static void
test_recent (void)
{
  g_autoptr(BipeRecentCodes) recent = bipe_recent_codes_new ();

  for (guint i = 0; i < G_N_ELEMENTS (recent_cases); i++)
    {
      g_test_message ("%u: %s", i, recent_cases[i].code);
      g_assert_cmpint (bipe_recent_codes_add (recent, recent_cases[i].code, recent_cases[i].at,
                                              recent_cases[i].window),
                       ==, recent_cases[i].is_again);
    }
}

/* The one that came longest ago makes room. */
static void
test_recent_bound (void)
{
  g_autoptr(BipeRecentCodes) recent = bipe_recent_codes_new ();

  g_assert_false (bipe_recent_codes_add (recent, "kept", 0, S));
  g_assert_false (bipe_recent_codes_add (recent, "oldest", 0, S));
  g_assert_true (bipe_recent_codes_add (recent, "kept", 0, S));
  for (guint i = 0; i < BIPE_RECENT_CODES_MAX - 1; i++)
    {
      g_autofree char *code = g_strdup_printf ("%u", i);

      g_assert_false (bipe_recent_codes_add (recent, code, 0, S));
    }
  g_assert_true (bipe_recent_codes_add (recent, "kept", 0, S));
  g_assert_false (bipe_recent_codes_add (recent, "oldest", 0, S));
}

/* A state (c, n, f) and how many wait, of which so many are held; "s" a scan is stored, "g" events
 * were lost, "t" it is time. News: . nothing, G gone, r returning, R returned, T told by time. */
static const struct
{
  const char *name;
  const char *steps;
  const char *news;
  gint64 n_delivered;
} watch_cases[] = {
  { "it is there from the start", "c0 n0 s s n0", ".....", 0 },
  { "away from the start", "c0 f0", ".G", 0 },
  { "and still", "c0 f0 f3 f9", ".G..", 0 },
  { "back, nothing waits", "n0 f0 n0", ".GR", 0 },
  { "back, two wait", "n0 f2 n2 s n1 s n0", ".Gr...R", 2 },
  { "stored before it is told", "n0 f2 s s n0", ".G..R", 2 },
  { "what is held does not count", "n0 f5+3 n5+3 s s n3+3", ".Gr..R", 2 },
  { "tried again, between", "n0 f1 c1 f1 c1 n1 s n0", ".G...r.R", 1 },
  { "gone again before all is told", "n0 f2 n2 s f1 n1 s n0", ".Gr.Gr.R", 1 },
  { "too many to wait for", "n0 f9 n9 s t s n7 n0", ".Gr.T...", 1 },
  { "no time for nothing", "n0 t f1 t", "..G.", 0 },
  { "events were lost", "n0 f2 g n2 s n0", ".G.r.R", -1 },
  { "before, that does not matter", "n0 g f1 n1 s n0", "..Gr.R", 1 },
};

static BipeEvent *
make_event (const char *step)
{
  BipeStatus fields = { .store = "store", .n_queued = g_ascii_strtoll (step + 1, NULL, 10) };
  const char *held = strchr (step, '+');
  g_autoptr(BipeStatus) status = NULL;
  BipeScan scan_fields = { .code = "1", .station = "s", .state = BIPE_SCAN_STORED };
  g_autoptr(BipeScan) scan = bipe_scan_new (&scan_fields);

  if (step[0] == 's')
    return bipe_event_new (1, 1, BIPE_EVENT_STORED, scan);
  fields.n_held = held != NULL ? g_ascii_strtoll (held + 1, NULL, 10) : 0;
  fields.store_state = step[0] == 'n'   ? BIPE_STORE_ONLINE
                       : step[0] == 'f' ? BIPE_STORE_OFFLINE
                                        : BIPE_STORE_CONNECTING;
  status = bipe_status_new (&fields);
  return bipe_event_new_status (1, status);
}

static char
take_step (BipeStoreWatch *watch, const char *step)
{
  static const char news[] = { [BIPE_STORE_WATCH_NOTHING] = '.',
                               [BIPE_STORE_WATCH_GONE] = 'G',
                               [BIPE_STORE_WATCH_RETURNING] = 'r',
                               [BIPE_STORE_WATCH_RETURNED] = 'R' };
  g_autoptr(BipeEvent) event = NULL;

  if (step[0] == 't')
    return bipe_store_watch_settle (watch) ? 'T' : '.';
  if (step[0] == 'g')
    {
      bipe_store_watch_lose (watch);
      return '.';
    }
  event = make_event (step);
  return news[bipe_store_watch_take (watch, event)];
}

static void
test_watch (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (watch_cases); i++)
    {
      g_auto(GStrv) steps = g_strsplit (watch_cases[i].steps, " ", -1);
      BipeStoreWatch watch = { 0 };
      gint64 n_delivered = 0;

      g_test_message ("%s", watch_cases[i].name);
      g_assert_cmpint (g_strv_length (steps), ==, strlen (watch_cases[i].news));
      for (guint k = 0; steps[k] != NULL; k++)
        {
          char news = take_step (&watch, steps[k]);

          g_assert_cmpint (news, ==, watch_cases[i].news[k]);
          if (news == 'R' || news == 'T')
            n_delivered = watch.n_delivered;
        }
      g_assert_cmpint (n_delivered, ==, watch_cases[i].n_delivered);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/speak-rules/table", test_rules);
  g_test_add_func ("/speak-rules/bounds", test_rule_bounds);
  g_test_add_func ("/recent-codes/table", test_recent);
  g_test_add_func ("/recent-codes/bound", test_recent_bound);
  g_test_add_func ("/store-watch/table", test_watch);
  return g_test_run ();
}

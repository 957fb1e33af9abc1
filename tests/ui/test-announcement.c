#include "config.h"

#include <libintl.h>
#include <string.h>

#include "app/announcement-queue.h"
#include "app/announcement.h"
#include "app/earcon.h"
#include "test-locale.h"

#define LONG "11111111112222222222333333333344444444445555555555666666666677777777778888"

/* The interface speaks English here. */
static const struct
{
  BipeNews news;
  gboolean is_mute; /* speak is off */
  gboolean skips_scans;
  guint n_last;
  const char *language;
  const char *text; /* NULL: no words */
  const char *spoken;
} cases[] = {
  { { BIPE_NEWS_KEPT, "4006381333931" }, .text = "3 9 3 1", .spoken = "en" },
  { { BIPE_NEWS_KEPT, "4006381333931" }, .n_last = 6, .text = "3 3 3 9 3 1", .spoken = "en" },
  { { BIPE_NEWS_KEPT, "4006381333931" }, .language = "pt", .text = "3 9 3 1", .spoken = "pt" },
  { { BIPE_NEWS_KEPT, "4006381333931" },
    .language = "zh-CN",
    .text = "3 9 3 1",
    .spoken = "zh-CN" },
  { { BIPE_NEWS_KEPT, "42" }, .text = "4 2", .spoken = "en" },
  { { BIPE_NEWS_KEPT, "a-1\035b/2" }, .text = "A, 1 B, 2", .spoken = "en" },
  { { BIPE_NEWS_KEPT, "12a" }, .text = "1 2 A", .spoken = "en" },
  { { BIPE_NEWS_KEPT, "x你好é" }, .text = "X, 你, 好, É", .spoken = "en" },
  { { BIPE_NEWS_KEPT, "--- ///" }, .text = NULL },
  { { BIPE_NEWS_KEPT, "4006381333931" }, .is_mute = TRUE, .text = NULL },
  { { BIPE_NEWS_KEPT, "4006381333931" }, .skips_scans = TRUE, .text = NULL },
  { { BIPE_NEWS_KEPT, "SHELF-12" }, .text = "shelf L, F, 1 2", .spoken = "en" },
  { { BIPE_NEWS_KEPT, "SHELF-123456" }, .language = "pt", .text = "shelf 3 4 5 6", .spoken = "pt" },
  { { BIPE_NEWS_KEPT, "BOX {last}" },
    .text = "box B, O, X, L, A, S, T and L, A, S, T",
    .spoken = "en" },
  { { BIPE_NEWS_KEPT, "QUIET" }, .text = NULL },
  { { BIPE_NEWS_DUPLICATE, "QUIET" }, .text = NULL },
  { { BIPE_NEWS_DUPLICATE, "SHELF-12" }, .text = "duplicate", .spoken = "en" },
  { { BIPE_NEWS_DUPLICATE, "12" }, .skips_scans = TRUE, .text = NULL },
  { { BIPE_NEWS_DUPLICATE, "12" }, .language = "pt", .text = "duplicate", .spoken = "en" },
  { { BIPE_NEWS_DUPLICATE, "12" }, .language = "en-GB", .text = "duplicate", .spoken = "en-GB" },
  { { BIPE_NEWS_REFUSED }, .text = "rejected", .spoken = "en" },
  { { BIPE_NEWS_REFUSED }, .skips_scans = TRUE, .text = "rejected", .spoken = "en" },
  { { BIPE_NEWS_REFUSED }, .is_mute = TRUE, .text = NULL },
  { { BIPE_NEWS_OFFLINE }, .language = "zh", .text = "offline", .spoken = "en" },
  { { BIPE_NEWS_ONLINE, .n_delivered = 37 }, .text = "back online, 37 delivered", .spoken = "en" },
  { { BIPE_NEWS_ONLINE, .n_delivered = 1 }, .text = "back online, 1 delivered", .spoken = "en" },
  { { BIPE_NEWS_ONLINE, .n_delivered = 0 }, .text = "back online", .spoken = "en" },
  { { BIPE_NEWS_ONLINE, .n_delivered = -1 }, .text = "back online", .spoken = "en" },
};

static BipeSpeakRules *
make_rules (void)
{
  g_autoptr(GVariant) rules = g_variant_ref_sink (g_variant_new_parsed (
      "[('SHELF-*', 'shelf {last}'), ('BOX*', 'box {code} and {last}'), ('QUIET', ''),"
      " ('REPEAT*', %s)]",
      "{code}{code}{code}{code}{code}{code}{code}{code}{code}{code}{code}{code}"));

  return bipe_speak_rules_new (rules);
}

static BipeDiction
make_diction (const BipeSpeakRules *rules)
{
  return (BipeDiction){ .has_earcons = TRUE,
                        .speaks = TRUE,
                        .speaks_scans = TRUE,
                        .n_last = 4,
                        .language = "",
                        .rules = rules };
}

static void
test_words (void)
{
  g_autoptr(BipeSpeakRules) rules = make_rules ();

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      BipeDiction diction = make_diction (rules);
      g_autoptr(BipeAnnouncement) announcement = NULL;
      g_autoptr(BipeAnnouncement) mute = NULL;

      g_test_message ("%u: %s", i, cases[i].text != NULL ? cases[i].text : "nothing");
      diction.speaks = !cases[i].is_mute;
      diction.speaks_scans = !cases[i].skips_scans;
      diction.n_last = cases[i].n_last > 0 ? cases[i].n_last : 4;
      diction.language = cases[i].language != NULL ? cases[i].language : "";
      announcement = bipe_announcement_new (&cases[i].news, &diction);
      g_assert_nonnull (announcement);
      g_assert_true (announcement->has_earcon);
      g_assert_cmpstr (announcement->text, ==, cases[i].text);
      if (cases[i].text != NULL)
        g_assert_cmpstr (announcement->language, ==, cases[i].spoken);
      g_assert_cmpint (announcement->is_important, ==, cases[i].news.kind >= BIPE_NEWS_REFUSED);

      /* Without earcons what has no words is not heard at all. */
      diction.has_earcons = FALSE;
      mute = bipe_announcement_new (&cases[i].news, &diction);
      g_assert_cmpint (mute == NULL, ==, cases[i].text == NULL);
    }
}

static void
test_bounds (void)
{
  g_autoptr(BipeSpeakRules) rules = make_rules ();
  BipeDiction diction = make_diction (rules);
  BipeNews repeated = { BIPE_NEWS_KEPT, "REPEAT" LONG };
  BipeNews whole = { BIPE_NEWS_KEPT, "BOX" LONG };
  g_autoptr(BipeAnnouncement) cut = bipe_announcement_new (&repeated, &diction);
  g_autoptr(BipeAnnouncement) last = bipe_announcement_new (&whole, &diction);

  g_assert_cmpint (g_utf8_strlen (cut->text, -1), ==, BIPE_ANNOUNCEMENT_TEXT_MAX);
  /* 64 of its digits: the first ten 1s are left out. */
  g_assert_true (g_str_has_prefix (last->text, "box 1 1 2 2") == FALSE);
  g_assert_cmpint (strlen (last->text), ==, strlen ("box  and 8 8 8 8") + 127);
}

/* What is said in the other languages is translated. BIPE_TEST_LOCALES: where the catalogues are.
 */
static void
test_languages (void)
{
  static const struct
  {
    const char *language;
    const char *code;
  } languages[] = { { "pt_BR", "pt-BR" }, { "zh_CN", "zh" } };
  g_autoptr(BipeSpeakRules) rules = make_rules ();
  BipeDiction diction = make_diction (rules);
  BipeNews news = { BIPE_NEWS_ONLINE, .n_delivered = 37 };

  if (g_getenv ("BIPE_TEST_LOCALES") == NULL)
    {
      g_test_skip ("no catalogues");
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (languages); i++)
    {
      g_autoptr(BipeAnnouncement) announcement = NULL;

      g_setenv ("LANGUAGE", languages[i].language, TRUE);
      textdomain (GETTEXT_PACKAGE); /* has gettext look at it anew */
      announcement = bipe_announcement_new (&news, &diction);
      g_test_message ("%s: %s", languages[i].language, announcement->text);
      g_assert_cmpstr (bipe_announcement_get_own_language (), ==, languages[i].code);
      g_assert_cmpstr (announcement->language, ==, languages[i].code);
      g_assert_cmpstr (announcement->text, !=, "back online, 37 delivered");
      g_assert_nonnull (strstr (announcement->text, "37"));
    }
  g_setenv ("LANGUAGE", "en", TRUE);
  textdomain (GETTEXT_PACKAGE);
}

/* Each is short, loud, without a click at its ends, and another one. */
static void
test_earcons (void)
{
  for (guint kind = 0; kind < BIPE_N_NEWS; kind++)
    {
      g_autoptr(GBytes) earcon = bipe_earcon_create ((BipeNewsKind)kind);
      gsize size;
      const gint16 *samples = g_bytes_get_data (earcon, &size);
      gsize n = size / 2;
      int peak = 0;

      for (gsize i = 0; i < n; i++)
        peak = MAX (peak, ABS (samples[i]));
      g_assert_cmpint (n, >, BIPE_EARCON_RATE * 80 / 1000);
      g_assert_cmpint (n, <, BIPE_EARCON_RATE * 600 / 1000);
      g_assert_cmpint (peak, >, 10000);
      g_assert_cmpint (peak, <, G_MAXINT16);
      g_assert_cmpint (ABS (samples[0]), <, 500);
      g_assert_cmpint (ABS (samples[n - 1]), <, 500);
      for (guint other = 0; other < kind; other++)
        {
          g_autoptr(GBytes) another = bipe_earcon_create ((BipeNewsKind)other);

          g_assert_false (g_bytes_equal (earcon, another));
        }
    }
}

/* --- The queue: what is pushed, by its letter (K, D plain; R, F, O important), what comes of it,
 * and what is heard and what waits then. "." is the end of what is heard. */
static const struct
{
  const char *name;
  const char *steps;
  const char *results; /* N now, C cut, L later; "." for an end */
  const char *heard;   /* in the end: current and waiting, "-" for none */
} queues[] = {
  { "one", "K", "N", "K-" },
  { "one, over", "K.", "N.", "--" },
  { "the newest waits", "KDK", "NCC", "KK" },
  { "and is next", "KD.", "NC.", "D-" },
  { "a refusal cuts a scan", "KR", "NC", "KR" },
  { "and is not dropped for one", "KRKD", "NCLL", "KR" },
  { "nor cut by one", "RK", "NL", "RK" },
  { "a scan waits for it, the newest", "RKD", "NLL", "RD" },
  { "an important one takes its place", "RKF", "NLL", "RF" },
  { "and keeps it", "RFK", "NLL", "RF" },
  { "the newest of two important ones", "RFO", "NLL", "RO" },
  { "all over", "KRK..", "NCL..", "--" },
  { "anew", "KR..K", "NC..N", "K-" },
};

static const struct
{
  char letter;
  BipeNewsKind kind;
} letters[] = {
  { 'K', BIPE_NEWS_KEPT },    { 'D', BIPE_NEWS_DUPLICATE }, { 'R', BIPE_NEWS_REFUSED },
  { 'F', BIPE_NEWS_OFFLINE }, { 'O', BIPE_NEWS_ONLINE },
};

static BipeAnnouncement *
make_announcement (char letter, const BipeDiction *diction)
{
  for (guint i = 0; i < G_N_ELEMENTS (letters); i++)
    if (letters[i].letter == letter)
      {
        BipeNews news = { letters[i].kind, .code = "1" };

        return bipe_announcement_new (&news, diction);
      }
  g_assert_not_reached ();
}

static char
read_current (BipeAnnouncementQueue *queue)
{
  const BipeAnnouncement *current = bipe_announcement_queue_get_current (queue);

  return current != NULL ? letters[current->kind].letter : '-';
}

static void
test_queue (void)
{
  static const char results[]
      = { [BIPE_ANNOUNCE_LATER] = 'L', [BIPE_ANNOUNCE_NOW] = 'N', [BIPE_ANNOUNCE_CUT] = 'C' };
  g_autoptr(BipeSpeakRules) rules = make_rules ();
  BipeDiction diction = make_diction (rules);

  for (guint i = 0; i < G_N_ELEMENTS (queues); i++)
    {
      g_autoptr(BipeAnnouncementQueue) queue = bipe_announcement_queue_new ();
      g_autoptr(BipeAnnouncementQueue) dropped = bipe_announcement_queue_new ();
      gboolean is_plain, waits;

      g_test_message ("%s", queues[i].name);
      for (guint step = 0; queues[i].steps[step] != '\0'; step++)
        if (queues[i].steps[step] == '.')
          bipe_announcement_queue_advance (queue);
        else
          g_assert_cmpint (results[bipe_announcement_queue_push (
                               queue, make_announcement (queues[i].steps[step], &diction))],
                           ==, queues[i].results[step]);
      is_plain = queues[i].heard[0] == 'K' || queues[i].heard[0] == 'D';
      waits = queues[i].heard[1] != '-';
      g_assert_cmpint (bipe_announcement_queue_is_current_stale (queue), ==, is_plain && waits);
      g_assert_cmpint (read_current (queue), ==, queues[i].heard[0]);
      bipe_announcement_queue_advance (queue);
      g_assert_cmpint (read_current (queue), ==, queues[i].heard[1]);

      bipe_announcement_queue_push (dropped, make_announcement ('K', &diction));
      bipe_announcement_queue_push (dropped, make_announcement ('R', &diction));
      bipe_announcement_queue_drop_waiting (dropped);
      g_assert_cmpint (read_current (dropped), ==, 'K');
      bipe_announcement_queue_advance (dropped);
      g_assert_cmpint (read_current (dropped), ==, '-');
    }
}

int
main (int argc, char **argv)
{
  g_setenv ("LANGUAGE", "en", TRUE);
  test_locale_use ();
  if (g_getenv ("BIPE_TEST_LOCALES") != NULL)
    {
      bindtextdomain (GETTEXT_PACKAGE, g_getenv ("BIPE_TEST_LOCALES"));
      bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
      textdomain (GETTEXT_PACKAGE);
    }
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/announcement/words", test_words);
  g_test_add_func ("/announcement/bounds", test_bounds);
  g_test_add_func ("/announcement/languages", test_languages);
  g_test_add_func ("/announcement/earcons", test_earcons);
  g_test_add_func ("/announcement/queue", test_queue);
  return g_test_run ();
}

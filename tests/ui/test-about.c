/* test-about.c: what is new, read from the metainfo, and what is sent to somebody who helps. */
#include "app/about.h"
#include "base/settings.h"

static const struct
{
  const char *name;
  const char *metainfo;
  const char *news;
} releases[] = {
  { "paragraph",
    "<component><releases><release version=\"2\"><description><p>New &amp; good</p></description>"
    "</release></releases></component>",
    "<p>New &amp; good</p>" },
  { "list",
    "<component><description><p>What it is</p></description><releases><release version=\"2\">"
    "<description><p>All:</p><ul><li>one</li><li>two</li></ul></description></release></releases>"
    "</component>",
    "<p>All:</p><ul><li>one</li><li>two</li></ul>" },
  { "the newest alone",
    "<releases><release version=\"2\"><description><p>two</p></description></release>"
    "<release version=\"1\"><description><p>one</p></description></release></releases>",
    "<p>two</p>" },
  { "empty",
    "<releases><release version=\"2\"><description><p></p></description></release></releases>",
    "<p></p>" },
  { "none", "<component/>", NULL },
  { "half of it", "<releases><release><description><p>half", NULL },
};

static void
test_news (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autofree char *news = bipe_about_read_news (releases[i].metainfo, -1);

  g_assert_cmpstr (news, ==, releases[i].news);
}

/* Without a station, and without a display. */
static void
test_facts (void)
{
  g_auto(GStrv) environment = g_strsplit ("BIPE_DATABASE_URL=postgresql://ana:Geheim@h/bench "
                                           "BIPE_PORT=5001 BIPE_SPEECH_TOKEN=Verborgen",
                                           " ", -1);
  g_auto(GStrv) addresses = g_strsplit ("https://192.0.2.1:5001", " ", -1);
  g_autofree char *problem = g_strdup ("half of it");
  const BipeReach reach = { .addresses = addresses, .is_open = TRUE, .problem = problem };
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeSettings) settings = bipe_settings_new (NULL, &error);
  BipeAboutFacts facts = { .versions = "library 1.2.3", .settings = settings, .reach = &reach };
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  g_assert_true (bipe_settings_load_environment (settings, environment, &error));
  text = bipe_about_describe (&facts);

  g_assert_true (g_utf8_validate (text, -1, NULL));
  g_assert_nonnull (strstr (text, "library 1.2.3\n"));
  g_assert_nonnull (strstr (text, "Station: does not run\n"));
  g_assert_nonnull (strstr (text, "Server: https://192.0.2.1:5001, open to the network\n"));
  g_assert_nonnull (strstr (text, "Its problem: half of it\n"));
  g_assert_nonnull (strstr (text, "port = 5001  (BIPE_PORT)\n"));
  g_assert_nonnull (strstr (text, "speech-token = ***  (BIPE_SPEECH_TOKEN)\n"));
  g_assert_nonnull (strstr (text, "database-url = postgresql://"));
  g_assert_null (strstr (text, "Geheim"));
  g_assert_null (strstr (text, "Verborgen"));
  /* Those that are as they come are left out. */
  g_assert_null (strstr (text, "queue-limit"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (releases); i++)
    {
      g_autofree char *path = g_strconcat ("/about/news/", releases[i].name, NULL);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_news);
    }
  g_test_add_func ("/about/facts", test_facts);
  return g_test_run ();
}

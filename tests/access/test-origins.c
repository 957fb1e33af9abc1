#include "config.h"

#include <string.h>

#include "access/origins.h"
#include "base/error.h"

typedef struct
{
  BipeClock *clock;
  BipeOrigins *origins;
} Fixture;

static void
result_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **)user_data = g_object_ref (result);
}

static void
run_idle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

/* NULL: nobody is to be asked about, and who waited for it was cancelled. */
static char *
await (Fixture *self)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  char *origin;

  bipe_origins_await_async (self->origins, cancellable, result_cb, &result);
  run_idle ();
  g_cancellable_cancel (cancellable);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  origin = bipe_origins_await_finish (self->origins, result, &error);
  if (origin == NULL)
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  else
    g_assert_no_error (error);
  return origin;
}

static void
assert_next (Fixture *self, const char *expected)
{
  g_autofree char *origin = await (self);

  g_assert_cmpstr (origin, ==, expected);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->clock = bipe_clock_new_manual (0);
  self->origins = bipe_origins_new (data, self->clock);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  run_idle ();
  g_assert_finalize_object (self->origins);
  bipe_clock_free (self->clock);
}

static const char *const none[] = { NULL };
static const char *const some[] = { "https://shop.example", "https://Till.example:8443", NULL };
static const char *const all[] = { "https://shop.example", "*", NULL };

static void
test_have (Fixture *self, gconstpointer data)
{
  static const struct
  {
    const char *origin;
    gboolean is_among_some;
  } cases[] = {
    { "https://shop.example", TRUE },
    { "HTTPS://Shop.Example", TRUE },
    { "https://till.example:8443", TRUE },
    { "https://till.example", FALSE },
    { "http://shop.example", FALSE },
    { "https://shop.example:443", FALSE },
    { "https://shop.example.evil", FALSE },
    { "https://www.shop.example", FALSE },
    { "null", FALSE },
    { "*", FALSE },
    { "", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].origin);
      g_assert_cmpint (bipe_origins_have (self->origins, cases[i].origin), ==,
                       data == all || (data == some && cases[i].is_among_some));
    }
}

/* What may be shown, and what is only refused. */
static void
test_form (Fixture *self, gconstpointer data)
{
  static const struct
  {
    const char *origin;
    gboolean is_shown;
  } cases[] = {
    { "https://shop.example", TRUE },
    { "http://192.0.2.1:8080", TRUE },
    { "http://[2001:db8::1]", TRUE },
    { "http://[::ffff:192.0.2.1]:65535", TRUE },
    { "chrome-extension://abcdefghijklmnop", TRUE },
    { "null", TRUE },
    { "NULL", FALSE },
    { "", FALSE },
    { "*", FALSE },
    { "https", FALSE },
    { "https:", FALSE },
    { "https://", FALSE },
    { "file://", FALSE },
    { "://shop.example", FALSE },
    { "1http://shop.example", FALSE },
    { "https:/shop.example", FALSE },
    { "https://shop.example/", FALSE },
    { "https://shop.example:", FALSE },
    { "https://shop.example:x", FALSE },
    { "https://shop.example:123456", FALSE },
    { "https://shop.example:80:80", FALSE },
    { "https://user@shop.example", FALSE },
    { "https://shop.example,https://evil.example", FALSE },
    { "https://shop.example https://evil.example", FALSE },
    { "https://shop.example\n", FALSE },
    { "https://shop.example<b>", FALSE },
    { "https://sh\xc3\xb6p.example", FALSE },
    { "https://[", FALSE },
    { "https://[]", FALSE },
    { "https://[::1", FALSE },
    { "https://[::1]x", FALSE },
    { "https://[shop.example]", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].origin);
      bipe_origins_refuse (self->origins, cases[i].origin);
      assert_next (self, cases[i].is_shown ? cases[i].origin : NULL);
    }
}

static void
test_length (Fixture *self, gconstpointer data)
{
  g_autofree char *fill = g_strnfill (BIPE_ORIGINS_LENGTH_MAX - strlen ("https://"), 'a');
  g_autofree char *longest = g_strconcat ("https://", fill, NULL);
  g_autofree char *longer = g_strconcat (longest, "a", NULL);

  bipe_origins_refuse (self->origins, longer);
  assert_next (self, NULL);
  bipe_origins_refuse (self->origins, longest);
  assert_next (self, longest);
}

/* Each once a run, the first first, however it is spelt. */
static void
test_once (Fixture *self, gconstpointer data)
{
  bipe_origins_refuse (self->origins, "https://B.example");
  bipe_origins_refuse (self->origins, "https://a.example");
  bipe_origins_refuse (self->origins, "https://b.example");
  assert_next (self, "https://b.example");
  assert_next (self, "https://a.example");
  assert_next (self, NULL);
  bipe_clock_advance (self->clock, G_TIME_SPAN_DAY);
  bipe_origins_refuse (self->origins, "https://a.example");
  bipe_origins_refuse (self->origins, "HTTPS://B.EXAMPLE");
  assert_next (self, NULL);
}

static void
test_log (Fixture *self, gconstpointer data)
{
  g_assert_true (bipe_origins_refuse (self->origins, "https://a.example"));
  g_assert_false (bipe_origins_refuse (self->origins, "https://A.example"));
  bipe_clock_advance (self->clock, 30 * G_USEC_PER_SEC);
  g_assert_true (bipe_origins_refuse (self->origins, "https://b.example"));
  bipe_clock_advance (self->clock, 30 * G_USEC_PER_SEC - 1);
  g_assert_false (bipe_origins_refuse (self->origins, "https://a.example"));
  bipe_clock_advance (self->clock, 1);
  g_assert_true (bipe_origins_refuse (self->origins, "https://a.example"));
  g_assert_false (bipe_origins_refuse (self->origins, "https://b.example"));

  /* What is none shares one line a minute. */
  g_assert_true (bipe_origins_refuse (self->origins, "file://"));
  g_assert_false (bipe_origins_refuse (self->origins, "nonsense"));
  bipe_clock_advance (self->clock, G_TIME_SPAN_MINUTE);
  g_assert_true (bipe_origins_refuse (self->origins, "nonsense"));
}

/* 1,000 of them: as many are asked about and told as are remembered, and one line for the rest. */
static void
test_flood (Fixture *self, gconstpointer data)
{
  guint n_told = 0;

  for (guint round = 0; round < 3; round++)
    for (guint i = 0; i < 1000; i++)
      {
        g_autofree char *origin = g_strdup_printf ("https://x%u.example", i);

        n_told += bipe_origins_refuse (self->origins, origin);
        g_assert_false (bipe_origins_have (self->origins, origin));
      }
  g_assert_cmpuint (n_told, ==, BIPE_ORIGINS_MAX + 1);
  for (guint i = 0; i < BIPE_ORIGINS_MAX; i++)
    {
      g_autofree char *origin = g_strdup_printf ("https://x%u.example", i);

      assert_next (self, origin);
    }
  assert_next (self, NULL);
}

static void
test_allow (Fixture *self, gconstpointer data)
{
  bipe_origins_refuse (self->origins, "https://a.example");
  bipe_origins_refuse (self->origins, "null");
  assert_next (self, "https://a.example");
  bipe_origins_allow (self->origins, "https://a.example");
  bipe_origins_allow (self->origins, "https://a.example");
  run_idle ();
  g_assert_true (bipe_origins_have (self->origins, "https://A.example"));
  g_assert_false (bipe_origins_have (self->origins, "null"));
  g_assert_false (bipe_origins_have (self->origins, "https://b.example"));
}

/* Who waits when it comes, who has waited longest first; who was cancelled takes nothing away. */
static void
test_await (Fixture *self, gconstpointer data)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GAsyncResult) cancelled = NULL, first = NULL, second = NULL, late = NULL;
  g_autoptr(GError) error = NULL, late_error = NULL;
  g_autofree char *nothing = NULL, *origin = NULL, *next = NULL, *nothing_late = NULL;

  bipe_origins_await_async (self->origins, cancellable, result_cb, &cancelled);
  bipe_origins_await_async (self->origins, NULL, result_cb, &first);
  bipe_origins_await_async (self->origins, NULL, result_cb, &second);
  run_idle ();
  g_assert_null (cancelled);
  g_cancellable_cancel (cancellable);
  while (cancelled == NULL)
    g_main_context_iteration (NULL, TRUE);
  nothing = bipe_origins_await_finish (self->origins, cancelled, &error);
  g_assert_null (nothing);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  bipe_origins_refuse (self->origins, "https://a.example");
  run_idle ();
  g_assert_nonnull (first);
  g_assert_null (second);
  origin = bipe_origins_await_finish (self->origins, first, NULL);
  g_assert_cmpstr (origin, ==, "https://a.example");
  bipe_origins_refuse (self->origins, "https://b.example");
  run_idle ();
  next = bipe_origins_await_finish (self->origins, second, NULL);
  g_assert_cmpstr (next, ==, "https://b.example");

  /* Cancelled before it asks. */
  bipe_origins_refuse (self->origins, "https://c.example");
  bipe_origins_await_async (self->origins, cancellable, result_cb, &late);
  while (late == NULL)
    g_main_context_iteration (NULL, TRUE);
  nothing_late = bipe_origins_await_finish (self->origins, late, &late_error);
  g_assert_null (nothing_late);
  g_assert_error (late_error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_next (self, "https://c.example");
}

static void
test_too_many_wait (Fixture *self, gconstpointer data)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  GAsyncResult *results[9] = { NULL };
  guint n_refused = 0;

  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    bipe_origins_await_async (self->origins, cancellable, result_cb, &results[i]);
  run_idle ();
  g_assert_nonnull (results[8]);
  g_cancellable_cancel (cancellable);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autofree char *origin = NULL;

      while (results[i] == NULL)
        g_main_context_iteration (NULL, TRUE);
      origin = bipe_origins_await_finish (self->origins, results[i], &error);
      n_refused += g_error_matches (error, BIPE_ERROR, BIPE_ERROR_CONFLICT);
      g_object_unref (results[i]);
    }
  g_assert_cmpuint (n_refused, ==, 1);
}

/* The window's side. */
static gpointer
use_elsewhere (gpointer data)
{
  Fixture *self = data;
  g_autoptr(GMainContext) context = g_main_context_new ();
  g_autoptr(GAsyncResult) result = NULL;
  g_autofree char *origin = NULL;

  g_main_context_push_thread_default (context);
  bipe_origins_await_async (self->origins, NULL, result_cb, &result);
  while (result == NULL)
    g_main_context_iteration (context, TRUE);
  origin = bipe_origins_await_finish (self->origins, result, NULL);
  bipe_origins_allow (self->origins, origin);
  g_clear_object (&result);
  g_main_context_pop_thread_default (context);
  return NULL;
}

static void
test_threads (Fixture *self, gconstpointer data)
{
  GThread *thread;

  /* As in the engine's loop: the context is never anybody else's. */
  g_assert_true (g_main_context_acquire (NULL));
  thread = g_thread_new ("elsewhere", use_elsewhere, self);
  bipe_origins_refuse (self->origins, "https://a.example");
  while (!bipe_origins_have (self->origins, "https://a.example"))
    g_main_context_iteration (NULL, TRUE);
  g_thread_join (thread);
  g_main_context_release (NULL);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    gconstpointer data;
    void (*test) (Fixture *self, gconstpointer data);
  } tests[] = {
    { "/origins/none", none, test_have },
    { "/origins/some", some, test_have },
    { "/origins/all", all, test_have },
    { "/origins/form", NULL, test_form },
    { "/origins/length", NULL, test_length },
    { "/origins/once", NULL, test_once },
    { "/origins/log", NULL, test_log },
    { "/origins/flood", NULL, test_flood },
    { "/origins/allow", NULL, test_allow },
    { "/origins/await", NULL, test_await },
    { "/origins/too-many-wait", NULL, test_too_many_wait },
    { "/origins/threads", NULL, test_threads },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, tests[i].data, set_up, tests[i].test, tear_down);
  return g_test_run ();
}

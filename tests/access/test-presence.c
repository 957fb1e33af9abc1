#include "config.h"

#include "access/presence.h"

typedef struct
{
  BipePresence *presence;
  BipePresenceEntry *entries[3];
  guint n_disconnected[3];
} Fixture;

typedef struct
{
  Fixture *fixture;
  guint index;
} Guest;

static void
disconnect_cb (gpointer user_data)
{
  Guest *guest = user_data;
  Fixture *self = guest->fixture;

  self->n_disconnected[guest->index]++;
  bipe_presence_leave (g_steal_pointer (&self->entries[guest->index]));
}

static void
keep_cb (gpointer user_data)
{
  ((Guest *)user_data)->fixture->n_disconnected[((Guest *)user_data)->index]++;
}

static void
result_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **)user_data = g_object_ref (result);
}

static GPtrArray *
list (Fixture *self)
{
  g_autoptr(GAsyncResult) result = NULL;

  bipe_presence_list_async (self->presence, result_cb, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return bipe_presence_list_finish (self->presence, result);
}

static void
run_idle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->presence = bipe_presence_new ();
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->entries); i++)
    g_clear_pointer (&self->entries[i], bipe_presence_leave);
  run_idle ();
  g_assert_finalize_object (self->presence);
}

static BipeGrant *
new_grant (const char *name)
{
  BipeGrant fields = { .jti = "0190a0b0-0000-4000-8000-000000000001", .name = (char *)name };

  return bipe_grant_new (&fields);
}

static void
test_list (Fixture *self, gconstpointer data)
{
  g_autoptr(BipeGrant) grant = new_grant ("till");
  g_autoptr(GPtrArray) none = list (self), two = NULL, one = NULL;
  gint64 before = g_get_real_time ();
  const BipeVisitor *visitor;
  guint64 second;

  g_assert_cmpuint (none->len, ==, 0);
  self->entries[0]
      = bipe_presence_enter (self->presence, "Socket.IO", "192.0.2.1", grant, disconnect_cb, NULL);
  self->entries[1]
      = bipe_presence_enter (self->presence, "events", "::1", NULL, disconnect_cb, NULL);
  bipe_presence_count_scans (self->entries[0], 2);
  bipe_presence_count_scans (self->entries[0], 1);
  /* The registry renames in its place. */
  g_free (grant->name);
  grant->name = g_strdup ("door");

  two = list (self);
  g_assert_cmpuint (two->len, ==, 2);
  visitor = two->pdata[0];
  g_assert_cmpstr (visitor->address, ==, "192.0.2.1");
  g_assert_cmpstr (visitor->kind, ==, "Socket.IO");
  g_assert_cmpstr (visitor->jti, ==, grant->jti);
  g_assert_cmpstr (visitor->name, ==, "door");
  g_assert_cmpuint (visitor->n_scans, ==, 3);
  g_assert_cmpint (visitor->since, >=, before);
  visitor = two->pdata[1];
  second = visitor->id;
  g_assert_cmpstr (visitor->jti, ==, "");
  g_assert_cmpstr (visitor->name, ==, "");
  g_assert_cmpuint (visitor->n_scans, ==, 0);
  g_assert_cmpuint (second, !=, ((BipeVisitor *)two->pdata[0])->id);

  g_clear_pointer (&self->entries[0], bipe_presence_leave);
  one = list (self);
  g_assert_cmpuint (one->len, ==, 1);
  g_assert_cmpuint (((BipeVisitor *)one->pdata[0])->id, ==, second);
}

static void
test_disconnect (Fixture *self, gconstpointer data)
{
  Guest guests[] = { { self, 0 }, { self, 1 }, { self, 2 } };
  g_autoptr(GPtrArray) visitors = NULL;
  guint64 ids[3];

  for (guint i = 0; i < G_N_ELEMENTS (guests); i++)
    self->entries[i] = bipe_presence_enter (self->presence, "Socket.IO", "::1", NULL,
                                            i == 2 ? keep_cb : disconnect_cb, &guests[i]);
  visitors = list (self);
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    ids[i] = ((BipeVisitor *)visitors->pdata[i])->id;

  bipe_presence_disconnect (self->presence, ids[1]);
  g_assert_cmpuint (self->n_disconnected[1], ==, 0); /* never from within */
  run_idle ();
  g_assert_cmpuint (self->n_disconnected[1], ==, 1);
  g_assert_nonnull (self->entries[0]);
  g_assert_null (self->entries[1]);

  /* Who has left, nobody at all, and one that takes its time. */
  bipe_presence_disconnect (self->presence, ids[1]);
  bipe_presence_disconnect (self->presence, 0);
  bipe_presence_disconnect (self->presence, ids[2]);
  bipe_presence_disconnect (self->presence, ids[2]);
  run_idle ();
  g_assert_cmpuint (self->n_disconnected[0], ==, 0);
  g_assert_cmpuint (self->n_disconnected[1], ==, 1);
  g_assert_cmpuint (self->n_disconnected[2], ==, 1);

  /* One who leaves before his turn comes. */
  bipe_presence_disconnect (self->presence, ids[0]);
  g_clear_pointer (&self->entries[0], bipe_presence_leave);
  run_idle ();
  g_assert_cmpuint (self->n_disconnected[0], ==, 0);
}

static gpointer
use_elsewhere (gpointer data)
{
  Fixture *self = data;
  g_autoptr(GMainContext) context = g_main_context_new ();
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GPtrArray) visitors = NULL;

  g_main_context_push_thread_default (context);
  bipe_presence_list_async (self->presence, result_cb, &result);
  while (result == NULL)
    g_main_context_iteration (context, TRUE);
  visitors = bipe_presence_list_finish (self->presence, result);
  bipe_presence_disconnect (self->presence, ((BipeVisitor *)visitors->pdata[0])->id);
  g_clear_object (&result);
  g_main_context_pop_thread_default (context);
  return NULL;
}

static void
test_threads (Fixture *self, gconstpointer data)
{
  Guest guest = { self, 0 };
  GThread *thread;

  self->entries[0]
      = bipe_presence_enter (self->presence, "WebSocket", "::1", NULL, disconnect_cb, &guest);
  thread = g_thread_new ("elsewhere", use_elsewhere, self);
  while (self->entries[0] != NULL)
    g_main_context_iteration (NULL, TRUE);
  g_thread_join (thread);
  g_assert_cmpuint (self->n_disconnected[0], ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/presence/list", Fixture, NULL, set_up, test_list, tear_down);
  g_test_add ("/presence/disconnect", Fixture, NULL, set_up, test_disconnect, tear_down);
  g_test_add ("/presence/threads", Fixture, NULL, set_up, test_threads, tear_down);
  return g_test_run ();
}

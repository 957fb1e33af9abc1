#include "config.h"

#include <glib/gstdio.h>
#include <gtk/gtk.h>

#include "access/scopes.h"
#include "app/client-list.h"
#include "base/clock.h"

#define KEY "0123456789abcdef0123456789abcdef"

typedef struct
{
  char *folder;
  BipeClock *clock;
  BipeRegistry *registry;
  BipePresence *presence;
  BipeClientList *list;
  GListModel *rows;
  guint n_changes; /* of rows */
} Fixture;

static void
items_changed_cb (GListModel *rows, guint position, guint removed, guint added, gpointer user_data)
{
  ((Fixture *)user_data)->n_changes++;
}

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr(GBytes) key = g_bytes_new_static (KEY, sizeof KEY - 1);
  g_autoptr(GError) error = NULL;
  g_autofree char *path = NULL;

  self->folder = g_dir_make_tmp ("bipe-clients-XXXXXX", &error);
  g_assert_no_error (error);
  path = g_build_filename (self->folder, "access.db", NULL);
  self->clock = bipe_clock_new_manual (g_get_real_time ());
  self->registry = bipe_registry_open (path, key, self->clock, &error);
  g_assert_no_error (error);
  self->presence = bipe_presence_new ();
  self->list = bipe_client_list_new (self->registry, self->presence);
  g_object_get (self->list, "rows", &self->rows, NULL);
  g_signal_connect (self->rows, "items-changed", G_CALLBACK (items_changed_cb), self);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_autoptr(GDir) dir = g_dir_open (self->folder, 0, NULL);
  const char *name;

  /* What the list still asks for is answered first, and lets it go. */
  bipe_registry_close (self->registry);
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_signal_handlers_disconnect_by_data (self->rows, self);
  g_object_unref (self->rows);
  g_assert_finalize_object (self->list);
  g_assert_finalize_object (self->presence);
  g_assert_finalize_object (self->registry);
  bipe_clock_free (self->clock);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (self->folder, name, NULL);

      g_unlink (path);
    }
  g_rmdir (self->folder);
  g_free (self->folder);
}

static void
result_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **)user_data = g_object_ref (result);
}

static GAsyncResult *
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return *result;
}

static BipeGrant *
issue (Fixture *self, const char *name)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *token = NULL;
  BipeGrant *grant = NULL;

  bipe_clock_advance (self->clock, G_USEC_PER_SEC); /* what is as old has no order */
  bipe_registry_issue_async (self->registry, name, BIPE_SCOPE_SCAN, 10, result_cb, &result);
  token = bipe_registry_issue_finish (self->registry, wait_for (&result), &grant, &error);
  g_assert_no_error (error);
  return grant;
}

static void
revoke_token (Fixture *self, const char *jti)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(BipeGrant) grant = NULL;

  bipe_registry_revoke_async (self->registry, jti, result_cb, &result);
  grant = bipe_registry_revoke_finish (self->registry, wait_for (&result), NULL);
  g_assert_nonnull (grant);
}

static void
told_cb (gboolean *is_told)
{
  *is_told = TRUE;
}

static void
refresh (Fixture *self)
{
  gboolean is_told = FALSE;
  gulong handler
      = g_signal_connect_swapped (self->list, "notify::n-rows", G_CALLBACK (told_cb), &is_told);

  /* The first answer may be to an older question. */
  for (guint turn = 0; turn < 2; turn++)
    {
      is_told = FALSE;
      bipe_client_list_refresh (self->list);
      while (!is_told)
        g_main_context_iteration (NULL, TRUE);
    }
  g_signal_handler_disconnect (self->list, handler);
}

/* One line a row: its heading in brackets; or its title, "+" where it is connected, "-" where its
 * token is over, "?" where that can be taken back. */
static char *
print_rows (Fixture *self)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (self->rows); i++)
    {
      g_autoptr(BipeClientItem) item = g_list_model_get_item (self->rows, i);
      g_autofree char *heading = NULL, *title = NULL;
      gboolean is_connected, is_over, can_restore;

      g_object_get (item, "heading", &heading, "title", &title, "is-connected", &is_connected,
                    "is-over", &is_over, "can-restore", &can_restore, NULL);
      if (heading != NULL)
        g_string_append_printf (out, "[%s]\n", heading);
      else
        g_string_append_printf (out, "%s%s%s%s\n", title, is_connected ? "+" : "",
                                is_over ? "-" : "", can_restore ? "?" : "");
    }
  return g_string_free (out, FALSE);
}

static void
assert_rows (Fixture *self, const char *expected)
{
  g_autofree char *rows = NULL;

  refresh (self);
  rows = print_rows (self);
  g_assert_cmpstr (rows, ==, expected);
}

static void
end_cb (gpointer user_data)
{
  BipePresenceEntry **entry = user_data;

  bipe_presence_leave (g_steal_pointer (entry));
}

static void
test_rows (Fixture *self, gconstpointer data)
{
  g_autoptr(BipeGrant) phone = NULL, till = NULL;
  BipePresenceEntry *first = NULL, *second = NULL, *third = NULL;

  assert_rows (self, "");
  phone = issue (self, "phone");
  till = issue (self, "till");
  assert_rows (self, "[Devices With a Token]\ntill\nphone\n");

  first = bipe_presence_enter (self->presence, "WebSocket", "192.0.2.7", phone, end_cb, &first);
  second = bipe_presence_enter (self->presence, "Socket.IO", "127.0.0.1", NULL, end_cb, &second);
  third = bipe_presence_enter (self->presence, "events", "192.0.2.7", phone, end_cb, &third);
  assert_rows (self, "[Connected (3)]\nphone+\nWithout a token+\nphone+\n"
                     "[Devices With a Token]\ntill\nphone+\n");
  g_assert_cmpstr (bipe_client_list_find_grant (self->list, phone->jti)->name, ==, "phone");
  g_assert_null (bipe_client_list_find_grant (self->list, "nobody"));

  bipe_client_list_disconnect (self->list, phone->jti);
  assert_rows (self, "[Connected (1)]\nWithout a token+\n[Devices With a Token]\ntill\nphone\n");
  g_assert_null (first);
  g_assert_null (third);

  revoke_token (self, till->jti);
  bipe_presence_leave (second);
  assert_rows (self, "[Devices With a Token]\ntill-?\nphone\n");
}

/* Rows keep their focus and their menus because the model says nothing where nothing has changed,
 * and because what stays stays the same object. */
static void
test_stable (Fixture *self, gconstpointer data)
{
  g_autoptr(BipeGrant) phone = issue (self, "phone");
  g_autoptr(BipeGrant) till = NULL;
  g_autoptr(BipeClientItem) visitor = NULL, device = NULL, visitor_later = NULL,
                             device_later = NULL;
  BipePresenceEntry *early = NULL, *late = NULL, *last = NULL;

  early = bipe_presence_enter (self->presence, "events", "192.0.2.6", NULL, end_cb, &early);
  late = bipe_presence_enter (self->presence, "events", "192.0.2.7", phone, end_cb, &late);
  refresh (self);
  visitor = g_list_model_get_item (self->rows, 2);
  device = g_list_model_get_item (self->rows, 4);

  self->n_changes = 0;
  bipe_presence_count_scans (late, 3);
  refresh (self);
  g_assert_cmpuint (self->n_changes, ==, 0);

  till = issue (self, "till");
  last = bipe_presence_enter (self->presence, "events", "192.0.2.8", NULL, end_cb, &last);
  bipe_presence_leave (early);
  assert_rows (self, "[Connected (2)]\nphone+\nWithout a token+\n"
                     "[Devices With a Token]\ntill\nphone+\n");
  visitor_later = g_list_model_get_item (self->rows, 1);
  device_later = g_list_model_get_item (self->rows, 5);
  g_assert_true (visitor == visitor_later);
  g_assert_true (device == device_later);
  g_assert_cmpuint (self->n_changes, ==, 3); /* one left, one came, one device */
  bipe_presence_leave (late);
  bipe_presence_leave (last);
}

/* A device says its name itself. */
static void
test_name (Fixture *self, gconstpointer data)
{
  bipe_grant_unref (issue (self, "a\xe2\x80\xae"
                                 "b"));
  assert_rows (self, "[Devices With a Token]\na<U+202E>b\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/client-list/rows", Fixture, NULL, set_up, test_rows, tear_down);
  g_test_add ("/client-list/stable", Fixture, NULL, set_up, test_stable, tear_down);
  g_test_add ("/client-list/name", Fixture, NULL, set_up, test_name, tear_down);
  return g_test_run ();
}

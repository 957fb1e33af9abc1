/* camera-portal.c: is there a camera → may we use it → the connection to it. libportal waits for
 * the bus in the first and the last step, so these run on threads of GLib's pool. It gets no
 * cancellable: libportal 0.6 connects to it and never disconnects (it asks a GTask that has none).
 */
#include "config.h"

#include "capture/camera-portal.h"

#include <glib/gi18n-lib.h>
#include <libportal/portal.h>
#include <unistd.h>

#include "base/error.h"

struct _BipeCameraPortal
{
  GObject parent_instance;

  XdpPortal *portal;
  gboolean is_cancelled;
};

G_DEFINE_FINAL_TYPE (BipeCameraPortal, bipe_camera_portal, G_TYPE_OBJECT)

enum
{
  ANSWERED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
answer (BipeCameraPortal *self, BipeCameraState state, int remote, const char *problem)
{
  if (!self->is_cancelled)
    g_signal_emit (self, signals[ANSWERED], 0, state, remote, problem);
  else if (remote >= 0)
    close (remote);
}

static void
fail (BipeCameraPortal *self, const GError *error)
{
  g_autofree char *problem
      = g_strdup_printf (_ ("the desktop can't be asked for the camera: %s"), error->message);

  answer (self, BIPE_CAMERA_FAILED, -1, problem);
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BipeCameraPortal *self = BIPE_CAMERA_PORTAL (source);
  int remote = (int)g_task_propagate_int (G_TASK (result), NULL);

  if (remote >= 0)
    answer (self, BIPE_CAMERA_STARTING, remote, NULL);
  else
    answer (self, BIPE_CAMERA_FAILED, -1,
            _ ("the desktop allows the camera but does not give it: restart its session"));
}

static void
open_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  BipeCameraPortal *self = source;

  g_task_return_int (task, xdp_portal_open_pipewire_remote_for_camera (self->portal));
}

static void
run (BipeCameraPortal *self, GTaskThreadFunc func, GAsyncReadyCallback callback)
{
  g_autoptr(GTask) task = g_task_new (self, NULL, callback, NULL);

  g_task_set_source_tag (task, run);
  g_task_run_in_thread (task, func);
}

static void
accessed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(BipeCameraPortal) self = user_data;
  g_autoptr(GError) error = NULL;

  if (xdp_portal_access_camera_finish (XDP_PORTAL (source), result, &error))
    run (self, open_thread, opened_cb);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    answer (self, BIPE_CAMERA_REFUSED, -1,
            _ ("the camera was refused: allow it in the system's settings, at Privacy, Camera"));
  else
    fail (self, error);
}

static void
found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BipeCameraPortal *self = BIPE_CAMERA_PORTAL (source);
  g_autoptr(GError) error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    xdp_portal_access_camera (self->portal, NULL, XDP_CAMERA_FLAG_NONE, NULL, accessed_cb,
                              g_object_ref (self));
  else if (error != NULL)
    fail (self, error);
  else
    answer (self, BIPE_CAMERA_NONE, -1, _ ("there is no camera: plug one in"));
}

/* libportal ends the program where there is no bus. */
static void
find_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  BipeCameraPortal *self = source;
  g_autoptr(GError) error = NULL;
  g_autoptr(GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, &error);

  if (bus == NULL)
    {
      g_task_return_new_error (task, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE, "%s", error->message);
      return;
    }
  self->portal = xdp_portal_new ();
  g_task_return_boolean (task, xdp_portal_is_camera_present (self->portal));
}

static void
bipe_camera_portal_finalize (GObject *object)
{
  BipeCameraPortal *self = BIPE_CAMERA_PORTAL (object);

  g_clear_object (&self->portal);

  G_OBJECT_CLASS (bipe_camera_portal_parent_class)->finalize (object);
}

static void
bipe_camera_portal_class_init (BipeCameraPortalClass *class)
{
  G_OBJECT_CLASS (class)->finalize = bipe_camera_portal_finalize;

  signals[ANSWERED]
      = g_signal_new ("answered", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                      G_TYPE_NONE, 3, G_TYPE_INT, G_TYPE_INT, G_TYPE_STRING);
}

static void
bipe_camera_portal_init (BipeCameraPortal *self)
{
}

gboolean
bipe_camera_portal_is_needed (void)
{
  return xdp_portal_running_under_sandbox ();
}

BipeCameraPortal *
bipe_camera_portal_new (void)
{
  BipeCameraPortal *self = g_object_new (BIPE_TYPE_CAMERA_PORTAL, NULL);

  run (self, find_thread, found_cb);
  return self;
}

void
bipe_camera_portal_cancel (BipeCameraPortal *self)
{
  self->is_cancelled = TRUE;
}

#include "config.h"

#include "capture/camera-list.h"

#include <gio/gio.h>
#include <unistd.h>

typedef struct
{
  GstDevice *device;
  char *name;
} Camera;

static void
camera_free (gpointer data)
{
  Camera *self = data;

  gst_object_unref (self->device);
  g_free (self->name);
  g_free (self);
}

/* One of the two tells of the cameras; both may take their time to start and to stop. */
typedef struct
{
  GstDeviceMonitor *monitor;   /* the system's */
  GstDeviceProvider *provider; /* the remote's */
  int remote;                  /* −1: none */
  gboolean is_lasting;
} Lookout;

static void
lookout_free (gpointer data)
{
  Lookout *self = data;

  if (self->monitor != NULL)
    gst_device_monitor_stop (self->monitor);
  g_clear_object (&self->monitor);
  if (self->provider != NULL)
    {
      gst_device_provider_stop (self->provider);
      if (!gst_device_provider_is_started (self->provider))
        g_object_set (self->provider, "fd", -1, NULL); /* there is only one of it */
    }
  g_clear_object (&self->provider);
  if (self->remote >= 0)
    close (self->remote);
  g_free (self);
}

struct _BipeCameraList
{
  GObject parent_instance;

  Lookout *lookout; /* the opening task's, then ours */
  gboolean is_ready;
  GSource *watch;
  GPtrArray *cameras; /* of Camera */
};

G_DEFINE_FINAL_TYPE (BipeCameraList, bipe_camera_list, G_TYPE_OBJECT)

enum
{
  CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static const Camera *
find_device (GPtrArray *cameras, GstDevice *device)
{
  for (guint i = 0; i < cameras->len; i++)
    {
      const Camera *camera = cameras->pdata[i];

      if (camera->device == device)
        return camera;
    }
  return NULL;
}

static const Camera *
find_name (GPtrArray *cameras, const char *name)
{
  for (guint i = 0; i < cameras->len; i++)
    {
      const Camera *camera = cameras->pdata[i];

      if (g_str_equal (camera->name, name))
        return camera;
    }
  return NULL;
}

static void
add_camera (GPtrArray *cameras, GstDevice *device, const char *name)
{
  Camera *camera = g_new0 (Camera, 1);

  camera->device = gst_object_ref (device);
  camera->name = g_strdup (name);
  g_ptr_array_add (cameras, camera);
}

static void
add_new_camera (GPtrArray *cameras, GstDevice *device)
{
  g_autofree char *given = gst_device_get_display_name (device);
  gboolean is_named = given != NULL && g_strstrip (given)[0] != '\0';
  g_autofree char *plain = g_utf8_make_valid (is_named ? given : "Camera", -1);
  g_autofree char *name = g_strdup (plain);

  for (guint n = 2; find_name (cameras, name) != NULL; n++)
    {
      g_free (name);
      name = g_strdup_printf ("%s (%u)", plain, n);
    }
  add_camera (cameras, device, name);
}

static gboolean
gives_pictures (GstDevice *device)
{
  return gst_device_has_classes (device, "Video/Source");
}

/* One that stays keeps its name, whatever goes. */
static void
refresh (BipeCameraList *self)
{
  GPtrArray *cameras = g_ptr_array_new_with_free_func (camera_free);
  GList *devices = self->lookout->monitor != NULL
                       ? gst_device_monitor_get_devices (self->lookout->monitor)
                       : gst_device_provider_get_devices (self->lookout->provider);

  for (guint i = 0; i < self->cameras->len; i++)
    {
      const Camera *camera = self->cameras->pdata[i];

      if (g_list_find (devices, camera->device) != NULL)
        add_camera (cameras, camera->device, camera->name);
    }
  for (GList *item = devices; item != NULL && cameras->len < BIPE_CAMERA_LIST_MAX;
       item = item->next)
    if (find_device (cameras, item->data) == NULL && gives_pictures (item->data))
      add_new_camera (cameras, item->data);

  g_list_free_full (devices, gst_object_unref);
  g_ptr_array_unref (self->cameras);
  self->cameras = cameras;
}

static gboolean
message_cb (GstBus *bus, GstMessage *message, gpointer user_data)
{
  BipeCameraList *self = user_data;

  switch ((int)GST_MESSAGE_TYPE (message))
    {
    case GST_MESSAGE_DEVICE_ADDED:
    case GST_MESSAGE_DEVICE_REMOVED:
    case GST_MESSAGE_DEVICE_CHANGED:
      refresh (self);
      g_signal_emit (self, signals[CHANGED], 0);
      break;
    default:
      break;
    }
  return G_SOURCE_CONTINUE;
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BipeCameraList *self = BIPE_CAMERA_LIST (source);
  g_autoptr(GstBus) bus = NULL;

  self->lookout = g_task_propagate_pointer (G_TASK (result), NULL);
  self->is_ready = TRUE;
  if (self->lookout->monitor != NULL)
    bus = gst_device_monitor_get_bus (self->lookout->monitor);
  else if (self->lookout->provider != NULL)
    bus = gst_device_provider_get_bus (self->lookout->provider);
  if (bus != NULL)
    {
      self->watch = gst_bus_create_watch (bus);
      g_source_set_callback (self->watch, G_SOURCE_FUNC (message_cb), self, NULL);
      g_source_attach (self->watch, g_task_get_context (G_TASK (result)));
      refresh (self);
    }
  g_signal_emit (self, signals[CHANGED], 0);
}

#define PIPEWIRE_PROVIDER "pipewiredeviceprovider"

/* Before 1.0 (0.3.65 was seen to) PipeWire's provider stops without its own lock, and now and then
 * something is freed twice. One more start, that no stop makes up for, keeps it from stopping. */
static gboolean
keep_provider (int remote)
{
  g_autoptr(GstPlugin) plugin = gst_registry_find_plugin (gst_registry_get (), "pipewire");
  GstDeviceProvider *provider;

  if (plugin == NULL || !g_str_has_prefix (gst_plugin_get_version (plugin), "0."))
    return FALSE;
  provider = gst_device_provider_factory_get_by_name (PIPEWIRE_PROVIDER);
  if (provider == NULL)
    return FALSE;
  if (!gst_device_provider_is_started (provider))
    {
      g_object_set (provider, "fd", remote, NULL);
      gst_device_provider_start (provider);
    }
  gst_object_unref (provider); /* the plugin has another reference */
  return TRUE;
}

/* Where GStreamer or the provider is missing there are no cameras. */
static void
open_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Lookout *lookout = g_new0 (Lookout, 1);
  g_autoptr(GError) error = NULL;

  lookout->remote = GPOINTER_TO_INT (task_data);
  if (!gst_init_check (NULL, NULL, &error))
    {
      g_message ("no camera can be found: %s", error->message);
      g_task_return_pointer (task, lookout, lookout_free);
      return;
    }
  lookout->is_lasting = keep_provider (lookout->remote);
  if (lookout->remote < 0)
    {
      lookout->monitor = gst_device_monitor_new ();
      gst_device_monitor_add_filter (lookout->monitor, "Video/Source", NULL);
      if (!gst_device_monitor_start (lookout->monitor))
        g_clear_object (&lookout->monitor);
    }
  else if ((lookout->provider = gst_device_provider_factory_get_by_name (PIPEWIRE_PROVIDER))
           != NULL)
    {
      if (!gst_device_provider_is_started (lookout->provider))
        g_object_set (lookout->provider, "fd", lookout->remote, NULL);
      if (!gst_device_provider_start (lookout->provider))
        g_clear_object (&lookout->provider);
    }
  g_task_return_pointer (task, lookout, lookout_free);
}

static void
close_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  lookout_free (task_data);
  g_task_return_boolean (task, TRUE);
}

/* May run on any thread: the last reference can be a pipeline's. */
static void
bipe_camera_list_dispose (GObject *object)
{
  BipeCameraList *self = BIPE_CAMERA_LIST (object);

  if (self->watch != NULL)
    g_source_destroy (self->watch);
  g_clear_pointer (&self->watch, g_source_unref);
  if (self->lookout != NULL)
    {
      g_autoptr(GTask) task = g_task_new (NULL, NULL, NULL, NULL);

      g_task_set_source_tag (task, bipe_camera_list_dispose);
      g_task_set_task_data (task, g_steal_pointer (&self->lookout), NULL);
      g_task_run_in_thread (task, close_thread);
    }

  G_OBJECT_CLASS (bipe_camera_list_parent_class)->dispose (object);
}

static void
bipe_camera_list_finalize (GObject *object)
{
  g_ptr_array_unref (BIPE_CAMERA_LIST (object)->cameras);

  G_OBJECT_CLASS (bipe_camera_list_parent_class)->finalize (object);
}

static void
bipe_camera_list_class_init (BipeCameraListClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->dispose = bipe_camera_list_dispose;
  object_class->finalize = bipe_camera_list_finalize;

  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
bipe_camera_list_init (BipeCameraList *self)
{
  self->cameras = g_ptr_array_new_with_free_func (camera_free);
}

BipeCameraList *
bipe_camera_list_new (int remote)
{
  BipeCameraList *self = g_object_new (BIPE_TYPE_CAMERA_LIST, NULL);
  g_autoptr(GTask) task = g_task_new (self, NULL, opened_cb, NULL);

  g_task_set_source_tag (task, bipe_camera_list_new);
  g_task_set_task_data (task, GINT_TO_POINTER (remote), NULL);
  g_task_run_in_thread (task, open_thread);
  return self;
}

gboolean
bipe_camera_list_is_ready (BipeCameraList *self)
{
  return self->is_ready;
}

gboolean
bipe_camera_list_is_lasting (BipeCameraList *self)
{
  return self->is_ready && self->lookout->is_lasting;
}

GStrv
bipe_camera_list_dup_names (BipeCameraList *self)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < self->cameras->len; i++)
    g_strv_builder_add (builder, ((const Camera *)self->cameras->pdata[i])->name);
  return g_strv_builder_end (builder);
}

GstDevice *
bipe_camera_list_lookup (BipeCameraList *self, const char *name)
{
  const Camera *camera = NULL;

  if (name != NULL)
    camera = find_name (self->cameras, name);
  else if (self->cameras->len > 0)
    camera = self->cameras->pdata[0];
  return camera != NULL ? camera->device : NULL;
}

const char *
bipe_camera_list_get_name (BipeCameraList *self, GstDevice *device)
{
  const Camera *camera = find_device (self->cameras, device);

  return camera != NULL ? camera->name : NULL;
}

/* A pipewiresrc takes the connection of its device's provider only where it is told to. */
GstElement *
bipe_camera_list_create_element (BipeCameraList *self, GstDevice *device)
{
  GstElement *element = gst_device_create_element (device, NULL);

  if (element != NULL && self->lookout->remote >= 0)
    g_object_set (element, "fd", self->lookout->remote, NULL);
  return element;
}

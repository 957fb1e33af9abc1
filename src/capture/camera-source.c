#include "config.h"

#include "capture/camera-source.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"
#include "capture/camera-format.h"

/* What an RTSP camera's frames may wait for one that comes out of order; GStreamer's own 2 s would
 * show the past. */
#define RTSP_LATENCY_MS 100

/* Of the element at the end of a description. */
#define OUTPUT "bipe-output"

struct _BipeCameraSource
{
  char *name;

  BipeCameraList *list;
  GstDevice *device;
  guint width;
  guint height;
  guint rate;

  char *uri;
  char *description;
};

/* The file's name or the host; a description is called by its first word. */
static char *
name_pipeline (const char *pipeline, gboolean is_uri)
{
  g_autoptr(GUri) uri = is_uri ? g_uri_parse (pipeline, G_URI_FLAGS_PARSE_RELAXED, NULL) : NULL;
  g_auto(GStrv) words = g_strsplit (pipeline, " ", 2);

  if (uri != NULL && g_uri_get_host (uri) != NULL && g_uri_get_host (uri)[0] != '\0')
    return g_strdup (g_uri_get_host (uri));
  if (uri != NULL)
    return g_path_get_basename (g_uri_get_path (uri));
  return g_strdup (is_uri || words[0] == NULL ? "pipeline" : words[0]);
}

BipeCameraSource *
bipe_camera_source_new_device (BipeCameraList *list,
                               GstDevice *device,
                               const char *name,
                               guint width,
                               guint height,
                               guint rate)
{
  BipeCameraSource *self = g_atomic_rc_box_new0 (BipeCameraSource);

  self->name = g_strdup (name);
  self->list = g_object_ref (list);
  self->device = gst_object_ref (device);
  self->width = width;
  self->height = height;
  self->rate = rate;
  return self;
}

BipeCameraSource *
bipe_camera_source_new_pipeline (const char *pipeline)
{
  BipeCameraSource *self = g_atomic_rc_box_new0 (BipeCameraSource);
  g_autofree char *plain = g_strstrip (g_strdup (pipeline));
  g_autofree char *scheme = g_uri_parse_scheme (plain);
  gboolean is_uri = scheme != NULL && g_str_has_prefix (plain + strlen (scheme), "://");

  self->name = name_pipeline (plain, is_uri);
  if (is_uri)
    self->uri = g_steal_pointer (&plain);
  else
    self->description = g_steal_pointer (&plain);
  return self;
}

BipeCameraSource *
bipe_camera_source_ref (BipeCameraSource *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear_source (gpointer data)
{
  BipeCameraSource *self = data;

  g_free (self->name);
  g_free (self->uri);
  g_free (self->description);
  g_clear_object (&self->device);
  g_clear_object (&self->list);
}

void
bipe_camera_source_unref (BipeCameraSource *self)
{
  g_atomic_rc_box_release_full (self, clear_source);
}

const char *
bipe_camera_source_get_name (BipeCameraSource *self)
{
  return self->name;
}

GstDevice *
bipe_camera_source_get_device (BipeCameraSource *self)
{
  return self->device;
}

/* A camera whose name does not say so may hang above a table, where a mirror confuses. */
gboolean
bipe_camera_source_faces_operator (BipeCameraSource *self)
{
  static const char *const words[] = { "webcam",  "web cam",  "integrated", "built-in",
                                       "builtin", "facetime", "front",      "user-facing" };
  g_autoptr(GstStructure) properties = NULL;
  g_autofree char *name = NULL;

  if (self->device == NULL)
    return FALSE;
  properties = gst_device_get_properties (self->device);
  if (properties != NULL)
    {
      const char *place = gst_structure_get_string (properties, "api.libcamera.location");

      if (place != NULL)
        return g_str_equal (place, "front");
    }
  name = g_utf8_casefold (self->name, -1);
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (strstr (name, words[i]) != NULL)
      return TRUE;
  return FALSE;
}

gboolean
bipe_camera_source_is_endless (BipeCameraSource *self)
{
  return self->uri != NULL && g_ascii_strncasecmp (self->uri, "file:", 5) == 0;
}

gboolean
bipe_camera_source_wants_pace (BipeCameraSource *self)
{
  return self->device == NULL
         && (self->uri == NULL || g_ascii_strncasecmp (self->uri, "rtsp", 4) != 0);
}

G_GNUC_PRINTF (2, 3)
static GstElement *
fail (GError **error, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_propagate_error (error, g_error_new_valist (BIPE_ERROR, BIPE_ERROR_SETTING, format, arguments));
  va_end (arguments);
  return NULL;
}

static GstElement *
make (const char *factory, GError **error)
{
  GstElement *element = gst_element_factory_make (factory, NULL);

  if (element == NULL)
    return fail (error,
                 "GStreamer's plugin for %s is missing: install gstreamer1.0-plugins-base and "
                 "gstreamer1.0-plugins-good",
                 factory);
  return element;
}

/* Its fast way of taking an inverse cosine transform makes noise of a black and white code. */
static void
element_added_cb (GstBin *bin, GstBin *sub_bin, GstElement *element, gpointer user_data)
{
  GstElementFactory *factory = gst_element_get_factory (element);

  if (factory != NULL && g_str_equal (GST_OBJECT_NAME (factory), "jpegdec"))
    gst_util_set_object_arg (G_OBJECT (element), "idct-method", "islow");
}

static GstElement *
make_bin (void)
{
  GstElement *bin = gst_object_ref_sink (gst_bin_new (NULL));

  g_signal_connect (bin, "deep-element-added", G_CALLBACK (element_added_cb), NULL);
  return bin;
}

/* The first video there is becomes the bin's. */
static void
pad_added_cb (GstElement *decoder, GstPad *pad, gpointer user_data)
{
  GstElement *bin = user_data;
  g_autoptr(GstPad) ghost = gst_element_get_static_pad (bin, "src");
  g_autoptr(GstPad) target = gst_ghost_pad_get_target (GST_GHOST_PAD (ghost));
  g_autoptr(GstCaps) caps = gst_pad_get_current_caps (pad);

  if (target == NULL && caps != NULL
      && gst_structure_has_name (gst_caps_get_structure (caps, 0), "video/x-raw"))
    gst_ghost_pad_set_target (GST_GHOST_PAD (ghost), pad);
}

static void
pad_removed_cb (GstElement *decoder, GstPad *pad, gpointer user_data)
{
  GstElement *bin = user_data;
  g_autoptr(GstPad) ghost = gst_element_get_static_pad (bin, "src");
  g_autoptr(GstPad) target = gst_ghost_pad_get_target (GST_GHOST_PAD (ghost));

  if (target == pad)
    gst_ghost_pad_set_target (GST_GHOST_PAD (ghost), NULL);
}

static void
no_more_pads_cb (GstElement *decoder, gpointer user_data)
{
  GstElement *bin = user_data;
  g_autoptr(GstPad) ghost = gst_element_get_static_pad (bin, "src");
  g_autoptr(GstPad) target = gst_ghost_pad_get_target (GST_GHOST_PAD (ghost));

  if (target == NULL)
    GST_ELEMENT_ERROR (bin, STREAM, WRONG_TYPE, ("there is no video in it"), (NULL));
}

static void
source_setup_cb (GstElement *decoder, GstElement *source, gpointer user_data)
{
  GObjectClass *class = G_OBJECT_GET_CLASS (source);

  if (g_object_class_find_property (class, "latency") != NULL
      && g_object_class_find_property (class, "drop-on-latency") != NULL)
    g_object_set (source, "latency", RTSP_LATENCY_MS, "drop-on-latency", TRUE, NULL);
}

/* Takes @decoder over: a (uri)decodebin, whose video becomes the bin's. */
static void
expose_video (GstElement *bin, GstElement *decoder)
{
  g_autoptr(GstCaps) video = gst_caps_from_string ("video/x-raw(ANY)");

  g_object_set (decoder, "caps", video, "expose-all-streams", FALSE, NULL);
  gst_bin_add (GST_BIN (bin), decoder);
  gst_element_add_pad (bin, gst_ghost_pad_new_no_target ("src", GST_PAD_SRC));
  g_signal_connect_object (decoder, "pad-added", G_CALLBACK (pad_added_cb), bin, 0);
  g_signal_connect_object (decoder, "pad-removed", G_CALLBACK (pad_removed_cb), bin, 0);
  g_signal_connect_object (decoder, "no-more-pads", G_CALLBACK (no_more_pads_cb), bin, 0);
}

/* What the device gives, of what it says that it has; else a wish, in the order of liking. */
static GstCaps *
choose_format (BipeCameraSource *self, GstCaps *offered)
{
  g_autofree char *wish = NULL;

  if (offered != NULL && !gst_caps_is_any (offered) && !gst_caps_is_empty (offered))
    return bipe_camera_format_choose (offered, self->width, self->height, self->rate);
  wish = g_strdup_printf ("video/x-raw,width=%u,height=%u,framerate=%u/1;"
                          "image/jpeg,width=%u,height=%u,framerate=%u/1;video/x-raw;image/jpeg",
                          self->width, self->height, self->rate, self->width, self->height,
                          self->rate);
  return gst_caps_from_string (wish);
}

/* Takes what comes out of @last to raw video. */
static gboolean
decode_device (GstElement *bin, GstElement *last, GstCaps *caps, GError **error)
{
  gboolean is_known = gst_caps_get_size (caps) == 1;
  gboolean is_jpeg
      = is_known && gst_structure_has_name (gst_caps_get_structure (caps, 0), "image/jpeg");
  GstElement *decoder = make (is_jpeg ? "jpegdec" : is_known ? "identity" : "decodebin", error);
  g_autoptr(GstPad) pad = NULL;

  if (decoder == NULL)
    return FALSE;
  if (!is_known)
    expose_video (bin, decoder);
  else
    {
      gst_bin_add (GST_BIN (bin), decoder);
      pad = gst_element_get_static_pad (decoder, "src");
      gst_element_add_pad (bin, gst_ghost_pad_new ("src", pad));
    }
  if (gst_element_link (last, decoder))
    return TRUE;
  fail (error, _ ("the camera's pictures can't be decoded"));
  return FALSE;
}

/* A PipeWire device of a portal's connection has no formats to tell (0.3.65). */
static GstElement *
create_device_bin (BipeCameraSource *self, GError **error)
{
  g_autoptr(GstElement) bin = make_bin ();
  g_autoptr(GstCaps) offered = gst_device_get_caps (self->device);
  g_autoptr(GstCaps) caps = choose_format (self, offered);
  GstElement *source, *filter;

  if (caps == NULL)
    return fail (error, _ ("the camera %s has no format that can be read here: choose another one"),
                 self->name);
  source = bipe_camera_list_create_element (self->list, self->device);
  if (source == NULL)
    return fail (error, _ ("the camera %s can't be opened: its GStreamer plugin is missing"),
                 self->name);
  gst_bin_add (GST_BIN (bin), source);
  /* Its frames lie in memory that goes with the camera. */
  if (g_object_class_find_property (G_OBJECT_GET_CLASS (source), "always-copy") != NULL)
    g_object_set (source, "always-copy", TRUE, NULL);

  filter = make ("capsfilter", error);
  if (filter == NULL)
    return NULL;
  g_object_set (filter, "caps", caps, NULL);
  gst_bin_add (GST_BIN (bin), filter);
  if (!decode_device (bin, filter, caps, error))
    return NULL;
  if (!gst_element_link (source, filter))
    return fail (error,
                 _ ("the camera %s does not give what it offers: choose another size or rate"),
                 self->name);
  return g_steal_pointer (&bin);
}

static GstElement *
create_uri_bin (BipeCameraSource *self, GError **error)
{
  g_autoptr(GstElement) bin = make_bin ();
  GstElement *decoder = make ("uridecodebin", error);

  if (decoder == NULL)
    return NULL;
  g_object_set (decoder, "uri", self->uri, NULL);
  g_signal_connect (decoder, "source-setup", G_CALLBACK (source_setup_cb), NULL);
  expose_video (bin, decoder);
  return g_steal_pointer (&bin);
}

/* The element added at its end makes one of a description that ends in a format, and gives it its
 * output. */
static GstElement *
create_description_bin (BipeCameraSource *self, GError **error)
{
  g_autofree char *description = g_strconcat (self->description, " ! identity name=" OUTPUT, NULL);
  g_autoptr(GstElement) bin = make_bin ();
  g_autoptr(GError) cause = NULL;
  g_autoptr(GstElement) output = NULL;
  g_autoptr(GstPad) pad = NULL;
  GstElement *described, *decoder;

  described = gst_parse_bin_from_description_full (description, FALSE, NULL,
                                                   GST_PARSE_FLAG_FATAL_ERRORS, &cause);
  if (described == NULL)
    return fail (error, _ ("the camera's pipeline is not in order: %s"), cause->message);
  gst_bin_add (GST_BIN (bin), described);
  output = gst_bin_get_by_name (GST_BIN (described), OUTPUT);
  pad = gst_element_get_static_pad (output, "src");
  gst_element_add_pad (described, gst_ghost_pad_new ("src", pad));
  decoder = make ("decodebin", error);
  if (decoder == NULL)
    return NULL;
  expose_video (bin, decoder);
  if (!gst_element_link (described, decoder))
    return fail (error, _ ("the camera's pipeline gives no video"));
  return g_steal_pointer (&bin);
}

GstElement *
bipe_camera_source_create (BipeCameraSource *self, GError **error)
{
  if (self->device != NULL)
    return create_device_bin (self, error);
  return self->uri != NULL ? create_uri_bin (self, error) : create_description_bin (self, error);
}

static gboolean
mentions (const char *debug, int error_number)
{
  return debug != NULL && strstr (debug, g_strerror (error_number)) != NULL;
}

static BipeCameraState
judge_device (BipeCameraSource *self,
              const GError *error,
              const char *debug,
              gboolean was_running,
              char **problem)
{
  if (g_error_matches (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_BUSY)
      || mentions (debug, EBUSY))
    {
      *problem
          = g_strdup_printf (_ ("another program uses the camera %s: close it there"), self->name);
      return BIPE_CAMERA_BUSY;
    }
  if (mentions (debug, EACCES) || mentions (debug, EPERM))
    {
      *problem
          = g_strdup_printf (_ ("this user may not use the camera %s: the system's administrator "
                                "can allow it, mostly by the group video"),
                             self->name);
      return BIPE_CAMERA_REFUSED;
    }
  if (was_running || mentions (debug, ENODEV) || mentions (debug, ENOENT)
      || g_error_matches (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND))
    {
      *problem = g_strdup_printf (_ ("the camera %s is gone: plug it in again"), self->name);
      return BIPE_CAMERA_UNPLUGGED;
    }
  *problem = g_strdup_printf (_ ("the camera %s can't be started: %s; plug it in anew, or choose "
                                 "another size or rate"),
                              self->name, error->message);
  return BIPE_CAMERA_FAILED;
}

static gboolean
is_plugin_missing (const GError *error)
{
  return g_error_matches (error, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN)
         || g_error_matches (error, GST_STREAM_ERROR, GST_STREAM_ERROR_CODEC_NOT_FOUND);
}

BipeCameraState
bipe_camera_source_judge (BipeCameraSource *self,
                          const GError *error,
                          const char *debug,
                          gboolean was_running,
                          char **problem)
{
  if (is_plugin_missing (error))
    {
      *problem = g_strdup_printf (_ ("%s needs a GStreamer plugin that is not installed: %s; try "
                                     "gstreamer1.0-plugins-bad and gstreamer1.0-libav"),
                                  self->name, error->message);
      return BIPE_CAMERA_FAILED;
    }
  if (self->device != NULL)
    return judge_device (self, error, debug, was_running, problem);
  if (g_error_matches (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_AUTHORIZED))
    {
      *problem = g_strdup_printf (_ ("%s wants another user name or password"), self->name);
      return BIPE_CAMERA_REFUSED;
    }
  if (g_error_matches (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND))
    *problem = bipe_camera_source_is_endless (self)
                   ? g_strdup_printf (_ ("there is no file %s"), self->name)
                   : g_strdup_printf (_ ("%s is not there: %s"), self->name, error->message);
  else
    *problem = g_strdup_printf (_ ("%s gives no pictures: %s"), self->name, error->message);
  return BIPE_CAMERA_FAILED;
}

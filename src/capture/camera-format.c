/* camera-format.c: each format costs something, and the cheapest is taken. A cost of 1: half as
 * wide as wanted, or a third as often. */
#include "config.h"

#include "capture/camera-format.h"

#include <gst/video/video.h>

#define COST_OF_RARITY 0.5
#define COST_OF_EXCESS 0.05 /* more frames than wanted are thrown away */
#define COST_OF_JPEG 0.1    /* has to be decoded, and its edges have halos */
#define COST_OF_GREY 0.05   /* a person looks at the preview */
#define COST_OF_CONVERSION 0.02
#define COST_OF_LINES 1 /* interlaced: what moves is torn */

static double
compare_length (int has, guint wanted)
{
  double ratio = has / (double)MAX (wanted, 1);

  return ratio < 1 ? 1 / ratio - 1 : ratio - 1;
}

static double
compare_rate (const GstStructure *structure, guint wanted)
{
  int numerator, denominator;
  double ratio;

  if (!gst_structure_get_fraction (structure, "framerate", &numerator, &denominator)
      || numerator <= 0 || denominator <= 0)
    return COST_OF_RARITY;
  ratio = (double)numerator / denominator / MAX (wanted, 1);
  return ratio < 1 ? COST_OF_RARITY * (1 / ratio - 1) : COST_OF_EXCESS * (ratio - 1);
}

/* −1: it is no format that can be read. */
static double
rate_raw_format (const char *name)
{
  const GstVideoFormatInfo *info;
  GstVideoFormat format = gst_video_format_from_string (name);

  if (format == GST_VIDEO_FORMAT_UNKNOWN || format == GST_VIDEO_FORMAT_ENCODED)
    return -1;
  info = gst_video_format_get_info (format);
  if (GST_VIDEO_FORMAT_INFO_IS_GRAY (info))
    return COST_OF_GREY;
  return GST_VIDEO_FORMAT_INFO_IS_YUV (info) && GST_VIDEO_FORMAT_INFO_PSTRIDE (info, 0) == 1
             ? 0
             : COST_OF_CONVERSION;
}

/* Leaves the best of the raw formats in @structure. */
static double
choose_raw_format (GstStructure *structure)
{
  const GValue *value = gst_structure_get_value (structure, "format");
  g_autofree char *best_name = NULL;
  double best = -1;

  if (value == NULL)
    return COST_OF_CONVERSION;
  if (G_VALUE_HOLDS_STRING (value))
    return rate_raw_format (g_value_get_string (value));
  if (!GST_VALUE_HOLDS_LIST (value))
    return -1;
  for (guint i = 0; i < gst_value_list_get_size (value); i++)
    {
      const GValue *item = gst_value_list_get_value (value, i);
      double cost = G_VALUE_HOLDS_STRING (item) ? rate_raw_format (g_value_get_string (item)) : -1;

      if (cost >= 0 && (best < 0 || cost < best))
        {
          best = cost;
          g_free (best_name);
          best_name = g_value_dup_string (item);
        }
    }
  if (best_name != NULL)
    gst_structure_set (structure, "format", G_TYPE_STRING, best_name, NULL);
  return best;
}

/* What @structure costs once it is as near to what is wanted as it gets; −1: it is of no use. */
static double
fixate (GstStructure *structure, guint width, guint height, guint rate)
{
  gboolean is_jpeg = gst_structure_has_name (structure, "image/jpeg");
  double cost = is_jpeg ? COST_OF_JPEG : choose_raw_format (structure);
  int real_width, real_height;

  if (cost < 0)
    return -1;
  if (gst_structure_has_field (structure, "width"))
    gst_structure_fixate_field_nearest_int (structure, "width", (int)width);
  if (gst_structure_has_field (structure, "height"))
    gst_structure_fixate_field_nearest_int (structure, "height", (int)height);
  if (gst_structure_has_field (structure, "framerate"))
    gst_structure_fixate_field_nearest_fraction (structure, "framerate", (int)rate, 1);
  if (gst_structure_has_field (structure, "interlace-mode"))
    gst_structure_fixate_field_string (structure, "interlace-mode", "progressive");

  if (gst_structure_get_int (structure, "width", &real_width)
      && gst_structure_get_int (structure, "height", &real_height))
    {
      if (real_width <= 0 || real_height <= 0)
        return -1;
      cost += compare_length (real_width, width) + compare_length (real_height, height);
    }
  if (gst_structure_has_field (structure, "interlace-mode")
      && g_strcmp0 (gst_structure_get_string (structure, "interlace-mode"), "progressive") != 0)
    cost += COST_OF_LINES;
  return cost + compare_rate (structure, rate);
}

static gboolean
is_readable (GstCaps *offered, guint i)
{
  const GstStructure *structure = gst_caps_get_structure (offered, i);
  GstCapsFeatures *features = gst_caps_get_features (offered, i);

  return (features == NULL
          || gst_caps_features_is_equal (features, GST_CAPS_FEATURES_MEMORY_SYSTEM_MEMORY))
         && (gst_structure_has_name (structure, "video/x-raw")
             || gst_structure_has_name (structure, "image/jpeg"));
}

GstCaps *
bipe_camera_format_choose (GstCaps *offered, guint width, guint height, guint rate)
{
  static const char *const fields[] = { "format", "width", "height", "framerate" };
  g_autoptr(GstStructure) best = NULL;
  GstStructure *chosen;
  double best_cost = 0;

  for (guint i = 0; i < gst_caps_get_size (offered); i++)
    {
      g_autoptr(GstStructure) structure = NULL;
      double cost;

      if (!is_readable (offered, i))
        continue;
      structure = gst_structure_copy (gst_caps_get_structure (offered, i));
      cost = fixate (structure, width, height, rate);
      if (cost >= 0 && (best == NULL || cost < best_cost))
        {
          g_clear_pointer (&best, gst_structure_free);
          best = g_steal_pointer (&structure);
          best_cost = cost;
        }
    }
  if (best == NULL)
    return NULL;

  chosen = gst_structure_new_empty (gst_structure_get_name (best));
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    if (gst_structure_has_field (best, fields[i]))
      gst_structure_set_value (chosen, fields[i], gst_structure_get_value (best, fields[i]));
  return gst_caps_new_full (chosen, NULL);
}

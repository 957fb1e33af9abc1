#include "config.h"

#include <string.h>

#include "app/reading-draft.h"

static const BipePoint corners[4] = { { 0, 0 } };

static const struct
{
  const char *name;
  BipeSymbologies symbology;
  const char *aim;
  const char *text;
  gsize length; /* 0: up to the NUL */
  const char *code;
  const char *shown_aim;
  const char *shown_symbology;
  gboolean is_kept;
} cases[] = {
  { .name = "plain",
    .symbology = BIPE_SYMBOLOGY_EAN_13,
    .aim = "]E0",
    .text = "4006381333931",
    .code = "4006381333931",
    .shown_aim = "]E0",
    .shown_symbology = "EAN-13",
    .is_kept = TRUE },
  { .name = "GS1 form, GS kept",
    .symbology = BIPE_SYMBOLOGY_CODE_128,
    .aim = "]C1",
    .text = "10AB\03521XY",
    .code = "10AB\03521XY",
    .shown_aim = "]C1",
    .shown_symbology = "GS1-128",
    .is_kept = TRUE },
  { .name = "no identifier",
    .symbology = BIPE_SYMBOLOGY_QR_CODE,
    .aim = "",
    .text = "x",
    .code = "x",
    .shown_aim = NULL,
    .shown_symbology = "QR Code",
    .is_kept = TRUE },
  { .name = "a text that begins like an identifier is the code's own",
    .symbology = BIPE_SYMBOLOGY_QR_CODE,
    .aim = "]Q1",
    .text = "]C1text",
    .code = "]C1text",
    .shown_aim = "]Q1",
    .shown_symbology = "QR Code",
    .is_kept = TRUE },
  { .name = "NUL inside",
    .symbology = BIPE_SYMBOLOGY_QR_CODE,
    .aim = "]Q1",
    .text = "a\0b",
    .length = 3,
    .code = "a␀b",
    .shown_aim = "]Q1",
    .shown_symbology = "QR Code" },
  { .name = "empty",
    .symbology = BIPE_SYMBOLOGY_QR_CODE,
    .aim = "]Q1",
    .text = "",
    .code = "",
    .shown_aim = "]Q1",
    .shown_symbology = "QR Code" },
};

static void
test_case (gconstpointer data)
{
  const gsize i = GPOINTER_TO_SIZE (data);
  gsize length = cases[i].length > 0 ? cases[i].length : strlen (cases[i].text);
  g_autoptr(BipeReading) reading
             = bipe_reading_new (cases[i].symbology, cases[i].aim, cases[i].text, length, corners);
  g_autofree char *problem = NULL;
  g_autoptr(BipeScan) draft = bipe_reading_draft_new (reading, "Desk", &problem);

  g_assert_cmpstr (draft->code, ==, cases[i].code);
  g_assert_cmpstr (draft->aim, ==, cases[i].shown_aim);
  g_assert_cmpstr (draft->symbology, ==, cases[i].shown_symbology);
  g_assert_cmpstr (draft->device, ==, "Desk");
  g_assert_cmpint (draft->source, ==, BIPE_SOURCE_CAMERA);
  g_assert_cmpint (problem == NULL, ==, cases[i].is_kept);
}

static void
test_device (void)
{
  g_autoptr(BipeReading) reading = bipe_reading_new (BIPE_SYMBOLOGY_QR_CODE, "", "x", 1, corners);
  g_autoptr(GString) name = g_string_new (NULL);
  g_autofree char *problem = NULL;
  g_autoptr(BipeScan) unnamed = bipe_reading_draft_new (reading, NULL, &problem);
  g_autoptr(BipeScan) named = NULL;

  g_assert_null (unnamed->device);
  for (guint i = 0; i < 300; i++)
    g_string_append (name, "ö");
  named = bipe_reading_draft_new (reading, name->str, &problem);
  g_assert_cmpint (g_utf8_strlen (named->device, -1), ==, 200);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/reading-draft/%s", cases[i].name);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_case);
    }
  g_test_add_func ("/reading-draft/device", test_device);
  return g_test_run ();
}

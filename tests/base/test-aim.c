#include "config.h"

#include <glib.h>

#include "base/aim.h"

static const struct
{
  const char *code;
  const char *aim; /* NULL: none */
  const char *rest;
  const char *symbology;
} cases[] = {
  { "]E04006381333931", "]E0", "4006381333931", "EAN-13" },
  { "]E0012345678905", "]E0", "012345678905", "UPC-A" },
  { "]E001234565", "]E0", "01234565", "UPC-E" },
  { "]E3400638133393112", "]E3", "400638133393112", "EAN-13" },
  { "]E496385074", "]E4", "96385074", "EAN-8" },
  { "]C0Wikipedia", "]C0", "Wikipedia", "Code 128" },
  { "]C10104006381333931", "]C1", "0104006381333931", "GS1-128" },
  { "]Q1x", "]Q1", "x", "QR Code" },
  { "]Q3010400638133393121a", "]Q3", "010400638133393121a", "GS1 QR Code" },
  { "]d1\302\265", "]d1", "\302\265", "Data Matrix" },
  { "]d20104006381333931\03510a", "]d2", "0104006381333931\03510a", "GS1 DataMatrix" },
  { "]z0a", "]z0", "a", "Aztec" },
  { "]L2a", "]L2", "a", "PDF417" },
  { "]A0CODE", "]A0", "CODE", "Code 39" },
  { "]I114006381333938", "]I1", "14006381333938", "ITF" },
  { "]F0A1234B", "]F0", "A1234B", "Codabar" },
  { "]G0TEST93", "]G0", "TEST93", "Code 93" },
  { "]e00104006381333931", "]e0", "0104006381333931", "GS1 DataBar" },
  { "]U1a", "]U1", "a", "MaxiCode" },
  { "]J0a", "]J0", "a", "DotCode" },
  { "]C1]C1a", "]C1", "]C1a", "GS1-128" },
  { "", NULL, NULL, NULL },
  { "]", NULL, NULL, NULL },
  { "]C", NULL, NULL, NULL },
  { "]C1", NULL, NULL, NULL },
  { "]C9a", NULL, NULL, NULL },
  { "]!1a", NULL, NULL, NULL },
  { "]\303\2451", NULL, NULL, NULL },
  { "[C1a", NULL, NULL, NULL },
  { "]c1a", NULL, NULL, NULL },
  { "] a text", NULL, NULL, NULL },
  { "4006381333931", NULL, NULL, NULL },
};

static void
test_parse (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      char aim[4] = "-";
      const char *rest = NULL;
      const char *symbology = NULL;

      g_test_message ("%s", cases[i].code);
      g_assert_cmpint (bipe_aim_parse (cases[i].code, aim, &rest, &symbology), ==,
                       cases[i].aim != NULL);
      g_assert_cmpstr (aim, ==, cases[i].aim != NULL ? cases[i].aim : "-");
      g_assert_cmpstr (rest, ==, cases[i].rest);
      g_assert_cmpstr (symbology, ==, cases[i].symbology);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/aim/parse", test_parse);
  return g_test_run ();
}

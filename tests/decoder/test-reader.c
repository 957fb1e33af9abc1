#include "config.h"

#include <string.h>

#include "codes.h"
#include "decoder/helper/reader.h"

/* "(01)04006381333931(10)AB12(21)XYZ" in GS1 form. */
#define GS1_TEXT                                                                                   \
  "010400638133393110AB12\x1d"                                                                     \
  "21XYZ"

static const char *const gs1_qr_code[] = {
  "#######....##.#######", "#.....#..#..#.#.....#",
  "#.###.#.#####.#.###.#", "#.###.#...###.#.###.#",
  "#.###.#..##.#.#.###.#", "#.....#..#.#..#.....#",
  "#######.#.#.#.#######", "........##.#.........",
  "###.#####.#.###...#..", ".#.#.....##.###..###.",
  "###..##..##..#..#...#", "#.#.#..###.####....#.",
  "...#.####.##..#......", "........###.####...#.",
  "#######.#.###.#...###", "#.....#.##...#...#.#.",
  "#.###.#.#...#####...#", "#.###.#....#.........",
  "#.###.#.#####.#.##..#", "#.....#.##..#..##.#..",
  "#######.#...##..#..##", NULL,
};

static const char *const gs1_data_matrix[] = {
  "#.#.#.#.#.#.#.#.#.",
  "##.##....#.....#.#",
  "#...##.#...#.####.",
  "#.##....###..#####",
  "####..#....#..##..",
  "#..#..#.##.##....#",
  "#..##....#.#...##.",
  "#..#..#..##.....##",
  "###..###.##...#...",
  "##.#....##########",
  "##...#...#..#.##..",
  "#..##...##.###.#.#",
  "##.#..##.####.##..",
  "##..#..#.#####...#",
  "##..#..#...######.",
  "####....#..##..#.#",
  "###...#.#.##.##.#.",
  "##################",
  NULL,
};

typedef struct
{
  const char *name;
  BipeSymbologies symbology;
  const char *drawn;
  const char *const *modules; /* in place of what is drawn */
  const char *text;           /* NULL: as drawn */
  const char *aim;
} Code;

static const Code codes[] = {
  { "ean-13", BIPE_SYMBOLOGY_EAN_13, "4006381333931", NULL, NULL, "]E0" },
  { "ean-8", BIPE_SYMBOLOGY_EAN_8, "12345670", NULL, NULL, "]E4" },
  { "upc-a", BIPE_SYMBOLOGY_UPC_A, "036000291452", NULL, NULL, "]E0" },
  { "code-128", BIPE_SYMBOLOGY_CODE_128, "Bipe 128/x", NULL, NULL, "]C0" },
  { "gs1-128", BIPE_SYMBOLOGY_CODE_128, "\u00f1010400638133393110AB12\u00f121XYZ", NULL, GS1_TEXT,
    "]C1" },
  { "code-39", BIPE_SYMBOLOGY_CODE_39, "S/N123-AB", NULL, NULL, "]A0" },
  { "code-39-lower", BIPE_SYMBOLOGY_CODE_39, "12+A+B", NULL, "12ab", "]A4" },
  { "itf", BIPE_SYMBOLOGY_ITF, "30712345000010", NULL, NULL, "]I1" },
  { "qr", BIPE_SYMBOLOGY_QR_CODE, "https://example.org/?q=1", NULL, NULL, "]Q1" },
  { "qr-utf-8", BIPE_SYMBOLOGY_QR_CODE, "Grüße, 世界", NULL, NULL, "]Q1" },
  { "gs1-qr", BIPE_SYMBOLOGY_QR_CODE, NULL, gs1_qr_code, GS1_TEXT, "]Q3" },
  { "data-matrix", BIPE_SYMBOLOGY_DATA_MATRIX, "BIPE-0123456789", NULL, NULL, "]d1" },
  { "gs1-data-matrix", BIPE_SYMBOLOGY_DATA_MATRIX, NULL, gs1_data_matrix, GS1_TEXT, "]d2" },
};

static guint8 *
draw (const Code *code, guint module, BipePicture *picture)
{
  return code->modules != NULL ? codes_draw_modules (code->modules, module, picture)
                               : codes_draw (code->symbology, code->drawn, module, picture);
}

static gboolean
is_code (const BipeReading *reading, const Code *code)
{
  const char *text = code->text != NULL ? code->text : code->drawn;

  return reading->symbology == code->symbology && strcmp (reading->aim, code->aim) == 0
         && reading->length == strlen (text) && memcmp (reading->text, text, reading->length) == 0;
}

static void
assert_one (const BipeSight *sight, const Code *code)
{
  g_assert_cmpuint (sight->readings->len, ==, 1);
  if (!is_code (sight->readings->pdata[0], code))
    {
      const BipeReading *reading = sight->readings->pdata[0];

      g_error ("read “%s” %s of %s", reading->text, reading->aim,
               bipe_symbology_get_name (reading->symbology));
    }
}

/* In files: each size, each direction. */
static void
test_file (gconstpointer data)
{
  const Code *code = data;
  static const guint modules[] = { 2, 3, 5 };

  for (gsize i = 0; i < G_N_ELEMENTS (modules); i++)
    for (guint quarters = 0; quarters < 4; quarters++)
      {
        BipePicture drawn, picture;
        g_autofree guint8 *drawn_pixels G_GNUC_UNUSED = draw (code, modules[i], &drawn);
        g_autofree guint8 *pixels = codes_turn (&drawn, quarters, &picture);
        g_autoptr(BipeSight) sight = NULL;

        codes_add_noise (pixels, &picture, 20);
        sight = bipe_reader_read (&picture, BIPE_SYMBOLOGIES_DEFAULT);
        assert_one (sight, code);
        g_assert_cmpuint (sight->width, ==, picture.width);
        g_assert_cmpuint (sight->height, ==, picture.height);
        g_assert_cmpint (sight->flaw, ==, BIPE_FLAW_NONE);
      }
}

/* Which looks find a code in the middle of a frame. */
static void
test_frame (gconstpointer data)
{
  const Code *code = data;
  static const BipeLooks looks[] = { BIPE_LOOK_GUIDE, BIPE_LOOK_FAST, BIPE_LOOK_FULL };
  const BipeArea guide = { 256, 144, 768, 432 };
  BipePicture drawn, frame;
  g_autofree guint8 *drawn_pixels G_GNUC_UNUSED = draw (code, 2, &drawn);
  g_autofree guint8 *pixels = codes_make_paper (1280, 720, 200, &frame);

  codes_paste (pixels, &frame, &drawn, (1280 - drawn.width) / 2, (720 - drawn.height) / 2);
  codes_add_noise (pixels, &frame, 8);
  for (gsize i = 0; i < G_N_ELEMENTS (looks); i++)
    {
      BipeReader reader = { 0 };
      g_autoptr(BipeSight) sight
                 = bipe_reader_look (&reader, &frame, looks[i], &guide, BIPE_SYMBOLOGIES_DEFAULT);

      /* The guide box may cut an ITF: it is left to the other looks. */
      if (looks[i] == BIPE_LOOK_GUIDE && code->symbology == BIPE_SYMBOLOGY_ITF)
        g_assert_cmpuint (sight->readings->len, ==, 0);
      else
        assert_one (sight, code);
    }
}

/* What the second decoder can read, alone. */
static void
test_second_look (gconstpointer data)
{
  const Code *code = data;
  BipePicture drawn, frame;
  g_autofree guint8 *drawn_pixels G_GNUC_UNUSED = draw (code, 3, &drawn);
  g_autofree guint8 *pixels = codes_make_paper (1280, 720, 230, &frame);
  BipeReader reader = { 0 };
  const BipeArea guide = { 0 };
  g_autoptr(BipeSight) sight = NULL;

  codes_paste (pixels, &frame, &drawn, 100, 80);
  sight = bipe_reader_look (&reader, &frame, BIPE_LOOK_SECOND, &guide, BIPE_SYMBOLOGIES_DEFAULT);
  if (code->symbology & (BIPE_SYMBOLOGY_ITF | BIPE_SYMBOLOGY_DATA_MATRIX))
    g_assert_cmpuint (sight->readings->len, ==, 0);
  else if (!g_str_is_ascii (code->drawn != NULL ? code->drawn : code->text)
           && code->symbology == BIPE_SYMBOLOGY_QR_CODE)
    {
      g_assert_cmpuint (sight->readings->len, ==, 1);
      g_assert_cmpstr (((BipeReading *)sight->readings->pdata[0])->text, ==, code->drawn);
      g_assert_cmpstr (((BipeReading *)sight->readings->pdata[0])->aim, ==, "");
    }
  else
    assert_one (sight, code);
}

/* Only what is asked for is told. */
static void
test_not_chosen (gconstpointer data)
{
  const Code *code = data;
  BipeSymbologies others = BIPE_SYMBOLOGIES_DEFAULT & ~code->symbology;
  BipePicture picture;
  g_autofree guint8 *pixels G_GNUC_UNUSED = draw (code, 3, &picture);
  g_autoptr(BipeSight) sight = NULL;

  /* Each UPC-A is an EAN-13. */
  if (code->symbology == BIPE_SYMBOLOGY_UPC_A)
    others &= ~BIPE_SYMBOLOGY_EAN_13;
  sight = bipe_reader_read (&picture, others);
  g_assert_cmpuint (sight->readings->len, ==, 0);
}

static const Code extra_codes[] = {
  { "upc-e", BIPE_SYMBOLOGY_UPC_E, "01234565", NULL, NULL, "]E0" },
  { "code-93", BIPE_SYMBOLOGY_CODE_93, "BIPE 93", NULL, NULL, "]G0" },
  { "codabar", BIPE_SYMBOLOGY_CODABAR, "A123456789A", NULL, "123456789", "]F0" },
  { "aztec", BIPE_SYMBOLOGY_AZTEC, "Bipe Aztec", NULL, NULL, "]z0" },
  { "pdf417", BIPE_SYMBOLOGY_PDF417, "Bipe PDF417 is long enough", NULL, NULL, "]L2" },
};

static void
test_extra (gconstpointer data)
{
  const Code *code = data;
  BipePicture picture;
  g_autofree guint8 *pixels G_GNUC_UNUSED = draw (code, 3, &picture);
  g_autoptr(BipeSight) chosen = bipe_reader_read (&picture, code->symbology);
  g_autoptr(BipeSight) other = bipe_reader_read (&picture, BIPE_SYMBOLOGIES_DEFAULT);

  assert_one (chosen, code);
  g_assert_cmpuint (other->readings->len, ==, 0);
}

/* A UPC-A is one or the other, as is asked for. */
static void
test_upc_as_ean (void)
{
  const Code ean = { "ean", BIPE_SYMBOLOGY_EAN_13, NULL, NULL, "0036000291452", "]E0" };
  BipeReader reader = { 0 };
  const BipeArea guide = { 0 };
  BipePicture picture;
  g_autofree guint8 *pixels G_GNUC_UNUSED
      = codes_draw (BIPE_SYMBOLOGY_UPC_A, "036000291452", 3, &picture);
  g_autoptr(BipeSight) first = bipe_reader_read (&picture, BIPE_SYMBOLOGY_EAN_13);
  g_autoptr(BipeSight) second = bipe_reader_look (&reader, &picture, BIPE_LOOK_SECOND, &guide,
                                                   BIPE_SYMBOLOGY_EAN_13);

  assert_one (first, &ean);
  assert_one (second, &ean);
}

static void
test_several (void)
{
  static const struct
  {
    guint code; /* of the table */
    guint x;
    guint y;
  } places[] = { { 0, 40, 30 }, { 8, 700, 40 }, { 3, 60, 400 }, { 12, 600, 300 }, { 2, 800, 480 } };
  static const BipeLooks looks[] = { BIPE_LOOK_FAST, BIPE_LOOK_FULL, 0 };
  BipePicture frame;
  g_autofree guint8 *pixels = codes_make_paper (1280, 720, 210, &frame);
  const BipeArea guide = { 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    {
      BipePicture drawn;
      g_autofree guint8 *drawn_pixels G_GNUC_UNUSED = draw (&codes[places[i].code], 3, &drawn);

      codes_paste (pixels, &frame, &drawn, places[i].x, places[i].y);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (looks); i++)
    {
      BipeReader reader = { 0 };
      g_autoptr(BipeSight) sight = looks[i] != 0
                                        ? bipe_reader_look (&reader, &frame, looks[i], &guide,
                                                            BIPE_SYMBOLOGIES_DEFAULT)
                                        : bipe_reader_read (&frame, BIPE_SYMBOLOGIES_DEFAULT);

      for (guint m = 0; m < sight->readings->len; m++)
        g_test_message ("%u: %s", looks[i], ((BipeReading *)sight->readings->pdata[m])->text);
      /* The fast form looks at few lines. */
      if (looks[i] == BIPE_LOOK_FAST)
        {
          g_assert_cmpuint (sight->readings->len, >=, 2);
          continue;
        }
      g_assert_cmpuint (sight->readings->len, ==, G_N_ELEMENTS (places));
      for (gsize k = 0; k < G_N_ELEMENTS (places); k++)
        {
          guint n = 0;

          for (guint m = 0; m < sight->readings->len; m++)
            n += is_code (sight->readings->pdata[m], &codes[places[k].code]);
          g_assert_cmpuint (n, ==, 1);
        }
    }
}

/* More codes than a frame has time for end it, and each is told once. */
static void
test_same_twice (void)
{
  BipePicture frame, drawn;
  g_autofree guint8 *pixels = codes_make_paper (1280, 720, 255, &frame);
  g_autofree guint8 *drawn_pixels G_GNUC_UNUSED = draw (&codes[0], 2, &drawn);
  g_autoptr(BipeSight) sight = NULL;

  for (guint i = 0; i < 12; i++)
    codes_paste (pixels, &frame, &drawn, 20 + i % 4 * 300, 20 + i / 4 * 200);
  sight = bipe_reader_read (&frame, BIPE_SYMBOLOGIES_DEFAULT);
  assert_one (sight, &codes[0]);
}

/* The corners are where it is, and in the symbol's own order. */
static void
test_corners (gconstpointer data)
{
  const Code *code = data;

  for (guint quarters = 0; quarters < 4; quarters++)
    for (guint second = 0; second < 2; second++)
      {
        BipePicture drawn, turned, frame;
        g_autofree guint8 *drawn_pixels G_GNUC_UNUSED = draw (code, 3, &drawn);
        g_autofree guint8 *turned_pixels G_GNUC_UNUSED = codes_turn (&drawn, quarters, &turned);
        g_autofree guint8 *pixels = codes_make_paper (1280, 720, 220, &frame);
        BipeReader reader = { 0 };
        const BipeArea guide = { 300, 100, 900, 600 };
        g_autoptr(BipeSight) sight = NULL;
        const BipeReading *reading;
        int dx, dy;

        codes_paste (pixels, &frame, &turned, 500, 200);
        sight = bipe_reader_look (&reader, &frame, second ? BIPE_LOOK_SECOND : BIPE_LOOK_GUIDE,
                                  &guide, BIPE_SYMBOLOGIES_DEFAULT);
        assert_one (sight, code);
        reading = sight->readings->pdata[0];
        for (guint i = 0; i < 4; i++)
          {
            g_assert_cmpint (reading->corners[i].x, >=, 500 - 4);
            g_assert_cmpint (reading->corners[i].x, <=, 500 + (int)turned.width + 4);
            g_assert_cmpint (reading->corners[i].y, >=, 200 - 4);
            g_assert_cmpint (reading->corners[i].y, <=, 200 + (int)turned.height + 4);
          }
        dx = reading->corners[1].x - reading->corners[0].x;
        dy = reading->corners[1].y - reading->corners[0].y;
        g_test_message ("%u quarters, second %u: %d, %d", quarters, second, dx, dy);
        g_assert_cmpint (quarters % 2 == 0 ? ABS (dx) : ABS (dy), >, 40);
        g_assert_true (quarters == 0   ? dx > ABS (dy)
                       : quarters == 1 ? dy > ABS (dx)
                       : quarters == 2 ? -dx > ABS (dy)
                                       : -dy > ABS (dx));
      }
}

static void
paint_stripes (guint8 *pixels, const BipePicture *picture, guint x_period, guint y_period)
{
  for (guint y = 0; y < picture->height; y++)
    for (guint x = 0; x < picture->width; x++)
      {
        gboolean is_odd
            = (x_period != 0 && x / x_period % 2 == 1) != (y_period != 0 && y / y_period % 2 == 1);

        pixels[y * picture->stride + x] = is_odd ? 20 : 235;
      }
}

static void
tell_readings (gsize number, const BipeSight *sight)
{
  for (guint i = 0; i < sight->readings->len; i++)
    {
      const BipeReading *reading = g_ptr_array_index (sight->readings, i);

      g_test_message ("texture %" G_GSIZE_FORMAT ": %s %s", number,
                      bipe_symbology_get_name (reading->symbology), reading->text);
    }
}

/* Nothing is read from what is no code. */
static void
test_nothing (void)
{
  static const struct
  {
    guint x_period;
    guint y_period;
    int noise;
  } textures[] = { { 0, 0, 0 },  { 0, 0, 120 }, { 3, 0, 0 }, { 0, 4, 20 }, { 2, 2, 0 },
                   { 9, 9, 30 }, { 40, 0, 60 }, { 1, 0, 0 }, { 7, 5, 10 }, { 16, 16, 0 } };

  for (gsize i = 0; i < G_N_ELEMENTS (textures); i++)
    {
      BipePicture picture;
      g_autofree guint8 *pixels = codes_make_paper (640, 360, 255, &picture);
      BipeReader reader = { 0 };
      const BipeArea guide = { 100, 60, 400, 200 };
      g_autoptr(BipeSight) file = NULL;
      g_autoptr(BipeSight) frame = NULL;

      paint_stripes (pixels, &picture, textures[i].x_period, textures[i].y_period);
      codes_add_noise (pixels, &picture, textures[i].noise);
      file = bipe_reader_read (&picture, BIPE_SYMBOLOGIES_ALL);
      frame = bipe_reader_look (&reader, &picture, 15, &guide, BIPE_SYMBOLOGIES_ALL);
      tell_readings (i, file);
      tell_readings (i, frame);
      g_assert_cmpuint (file->readings->len, ==, 0);
      g_assert_cmpuint (frame->readings->len, ==, 0);
    }
}

/* The half of a linear code is none: its bars run out of the picture. */
static void
test_cut (gconstpointer data)
{
  const Code *code = data;
  BipePicture drawn;
  g_autofree guint8 *pixels G_GNUC_UNUSED = draw (code, 3, &drawn);

  for (guint part = 3; part <= 8; part++)
    {
      BipePicture left = drawn, right = drawn;
      g_autoptr(BipeSight) of_left = NULL;
      g_autoptr(BipeSight) of_right = NULL;

      left.width = drawn.width * part / 10;
      right.width = drawn.width * part / 10;
      right.luma += drawn.width - right.width;
      of_left = bipe_reader_read (&left, BIPE_SYMBOLOGIES_DEFAULT);
      of_right = bipe_reader_read (&right, BIPE_SYMBOLOGIES_DEFAULT);
      g_assert_cmpuint (of_left->readings->len, ==, 0);
      g_assert_cmpuint (of_right->readings->len, ==, 0);
    }
}

/* zxing 1.4 looks for a Data Matrix in the middle, and for one with paper around it. */
static void
test_data_matrix_places (void)
{
  const Code *code = &codes[11];
  BipePicture drawn, frame, bare;
  g_autofree guint8 *drawn_pixels G_GNUC_UNUSED = draw (code, 3, &drawn);
  g_autofree guint8 *pixels = codes_make_paper (1280, 720, 190, &frame);
  g_autoptr(BipeSight) aside = NULL;
  g_autoptr(BipeSight) without_paper = NULL;

  codes_paste (pixels, &frame, &drawn, 30, 40);
  aside = bipe_reader_read (&frame, BIPE_SYMBOLOGIES_DEFAULT);
  assert_one (aside, code);
  bare = drawn;
  bare.luma += 30 * drawn.stride + 30;
  bare.width -= 60;
  bare.height -= 60;
  without_paper = bipe_reader_read (&bare, BIPE_SYMBOLOGIES_DEFAULT);
  assert_one (without_paper, code);
}

static void
test_inverted (void)
{
  BipePicture picture;
  g_autofree guint8 *pixels = draw (&codes[8], 3, &picture);
  g_autoptr(BipeSight) sight = NULL;

  for (gsize i = 0; i < picture.stride * picture.height; i++)
    pixels[i] = (guint8)~pixels[i];
  sight = bipe_reader_read (&picture, BIPE_SYMBOLOGIES_DEFAULT);
  assert_one (sight, &codes[8]);
}

/* Every size down to a single pixel, with a stride of its own. */
static void
test_small (void)
{
  for (guint width = 1; width <= 40; width += 3)
    for (guint height = 1; height <= 40; height += 3)
      {
        BipePicture picture;
        g_autofree guint8 *pixels = codes_make_paper (width + 5, height, 255, &picture);
        BipeReader reader = { 0 };
        const BipeArea guide = { width / 3, height / 3, width / 3, height / 3 };
        g_autoptr(BipeSight) file = NULL;
        g_autoptr(BipeSight) frame = NULL;

        codes_add_noise (pixels, &picture, 200);
        picture.width = width;
        file = bipe_reader_read (&picture, BIPE_SYMBOLOGIES_ALL);
        frame = bipe_reader_look (&reader, &picture, 15, &guide, BIPE_SYMBOLOGIES_ALL);
        g_assert_cmpuint (file->readings->len, ==, 0);
        g_assert_cmpuint (frame->readings->len, ==, 0);
      }
}

static void
test_change (void)
{
  BipeReader reader = { 0 };
  const BipeArea guide = { 0 };
  BipePicture frame;
  g_autofree guint8 *pixels G_GNUC_UNUSED = codes_make_paper (640, 360, 100, &frame);
  g_autoptr(BipeSight) first
             = bipe_reader_look (&reader, &frame, BIPE_LOOK_FAST, &guide, BIPE_SYMBOLOGIES_DEFAULT);
  g_autoptr(BipeSight) same
             = bipe_reader_look (&reader, &frame, BIPE_LOOK_FAST, &guide, BIPE_SYMBOLOGIES_DEFAULT);

  g_assert_cmpuint (first->change, ==, 255);
  g_assert_cmpuint (same->change, ==, 0);
}

static void
add (const char *path, const Code *code, GTestDataFunc func)
{
  g_autofree char *full = g_strdup_printf ("%s/%s", path, code->name);

  g_test_add_data_func (full, code, func);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      add ("/reader/file", &codes[i], test_file);
      add ("/reader/frame", &codes[i], test_frame);
      add ("/reader/second-look", &codes[i], test_second_look);
      add ("/reader/not-chosen", &codes[i], test_not_chosen);
      if ((codes[i].symbology & BIPE_SYMBOLOGIES_MATRIX) == 0)
        add ("/reader/cut", &codes[i], test_cut);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (extra_codes); i++)
    add ("/reader/extra", &extra_codes[i], test_extra);
  add ("/reader/corners", &codes[0], test_corners);
  add ("/reader/corners", &codes[3], test_corners);
  add ("/reader/corners", &codes[8], test_corners);
  g_test_add_func ("/reader/upc-as-ean", test_upc_as_ean);
  g_test_add_func ("/reader/several", test_several);
  g_test_add_func ("/reader/same-twice", test_same_twice);
  g_test_add_func ("/reader/nothing", test_nothing);
  g_test_add_func ("/reader/data-matrix-places", test_data_matrix_places);
  g_test_add_func ("/reader/inverted", test_inverted);
  g_test_add_func ("/reader/small", test_small);
  g_test_add_func ("/reader/change", test_change);
  return g_test_run ();
}

#include "config.h"

#include <string.h>

#include "base/error.h"
#include "base/scan.h"

#define UUID "0189dcd5-5311-7d40-8db0-9496a2eef37b"

static const char full[]
    = "{\"uuid\":\"" UUID
      "\",\"key\":\"k1\",\"id\":42,\"code\":\"01\\u001d10\\\"\",\"aim\":\"]C1\","
      "\"symbology\":\"GS1-128\",\"source\":\"hid-pos\",\"device\":\"gun\",\"station\":\"s\","
      "\"operator\":\"ana\",\"scanned_at\":\"2026-11-22T10:00:00.000001Z\","
      "\"stored_at\":\"2026-11-22T10:00:01.000000Z\","
      "\"collected_at\":\"2026-11-22T10:00:02.000000Z\","
      "\"voided_at\":\"2026-11-22T10:00:03.999999Z\",\"state\":\"voided\",\"code_read\":\"0110\","
      "\"reason\":\"wrong box\"}";

static const char bare[]
    = "{\"uuid\":\"" UUID "\",\"key\":null,\"id\":null,\"code\":\"1\",\"aim\":null,"
      "\"symbology\":null,\"source\":\"wedge\",\"device\":null,\"station\":\"s\",\"operator\":null,"
      "\"scanned_at\":null,\"stored_at\":null,\"collected_at\":null,\"voided_at\":null,"
      "\"state\":\"queued\",\"code_read\":null,\"reason\":null}";

static BipeScan *
read_scan (const char *text, GError **error)
{
  g_autoptr(json_t) value = bipe_json_parse (text, strlen (text), error);

  g_assert_nonnull (value);
  return bipe_scan_from_json (value, error);
}

static char *
write_scan (const BipeScan *scan)
{
  g_autoptr(GString) out = g_string_new (NULL);

  bipe_scan_append_json (scan, out);
  return g_strdup (out->str);
}

static void
test_write (void)
{
  BipeScan fields = { .code = "01\03510\"",
                      .id = 42,
                      .key = "k1",
                      .aim = "]C1",
                      .symbology = "GS1-128",
                      .source = BIPE_SOURCE_HID_POS,
                      .device = "gun",
                      .station = "s",
                      .operator= "ana",
                      .scanned_at = G_GINT64_CONSTANT (1795341600000001),
                      .stored_at = G_GINT64_CONSTANT (1795341601000000),
                      .collected_at = G_GINT64_CONSTANT (1795341602000000),
                      .voided_at = G_GINT64_CONSTANT (1795341603999999),
                      .state = BIPE_SCAN_VOIDED,
                      .code_read = "0110",
                      .reason = "wrong box" };
  BipeScan few = { .code = "1", .station = "s" };
  g_autofree char *text = NULL, *few_text = NULL;

  g_assert_true (bipe_uuid_parse (UUID, &fields.uuid));
  few.uuid = fields.uuid;
  text = write_scan (&fields);
  g_assert_cmpstr (text, ==, full);
  few_text = write_scan (&few);
  g_assert_cmpstr (few_text, ==, bare);
}

static void
test_round_trip (void)
{
  static const char *const texts[] = { full, bare };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(BipeScan) scan = read_scan (texts[i], &error);
      g_autofree char *again = NULL;

      g_assert_no_error (error);
      again = write_scan (scan);
      g_assert_cmpstr (again, ==, texts[i]);
    }
}

static void
test_draft (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeScan) scan = read_scan ("{\"new_in_v9\":[1],\"code\":\"a\",\"key\":null}", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (scan->code, ==, "a");
  g_assert_cmpint (scan->source, ==, BIPE_SOURCE_REMOTE);
  g_assert_cmpint (scan->state, ==, BIPE_SCAN_QUEUED);
  g_assert_cmpint (scan->id, ==, 0);
  g_assert_null (scan->key);
  g_assert_null (scan->station);
  g_assert_cmpint (scan->scanned_at, ==, 0);
}

/* Each with the word that the message must begin with. */
static const struct
{
  const char *text;
  const char *field;
} bad[] = {
  { "[]", "a scan" },
  { "\"4006381333931\"", "a scan" },
  { "null", "a scan" },
  { "{}", "code" },
  { "{\"code\":null}", "code" },
  { "{\"code\":\"\"}", "code" },
  { "{\"code\":true}", "code" },
  { "{\"code\":[\"a\"]}", "code" },
  { "{\"code\":1.5}", "code" },
  { "{\"code\":1.0}", "code" },
  { "{\"code\":9007199254740993}", "code" },
  { "{\"code\":-9007199254740993}", "code" },
  { "{\"code\":\"a\",\"key\":\"\"}", "key" },
  { "{\"code\":\"a\",\"key\":5}", "key" },
  { "{\"code\":\"a\",\"aim\":\"]C1x\"}", "aim" },
  { "{\"code\":\"a\",\"aim\":1}", "aim" },
  { "{\"code\":\"a\",\"symbology\":\"\"}", "symbology" },
  { "{\"code\":\"a\",\"source\":\"scanner\"}", "source" },
  { "{\"code\":\"a\",\"source\":\"Wedge\"}", "source" },
  { "{\"code\":\"a\",\"source\":0}", "source" },
  { "{\"code\":\"a\",\"device\":{}}", "device" },
  { "{\"code\":\"a\",\"station\":\"\"}", "station" },
  { "{\"code\":\"a\",\"operator\":false}", "operator" },
  { "{\"code\":\"a\",\"scanned_at\":\"yesterday\"}", "scanned_at" },
  { "{\"code\":\"a\",\"scanned_at\":\"2026-02-29T00:00:00Z\"}", "scanned_at" },
  { "{\"code\":\"a\",\"scanned_at\":1795341600}", "scanned_at" },
  { "{\"code\":\"a\",\"stored_at\":\"\"}", "stored_at" },
  { "{\"code\":\"a\",\"collected_at\":\"x\"}", "collected_at" },
  { "{\"code\":\"a\",\"voided_at\":\"x\"}", "voided_at" },
  { "{\"code\":\"a\",\"state\":\"gone\"}", "state" },
  { "{\"code\":\"a\",\"uuid\":\"42\"}", "uuid" },
  { "{\"code\":\"a\",\"id\":\"42\"}", "id" },
  { "{\"code\":\"a\",\"code_read\":\"\"}", "code_read" },
  { "{\"code\":\"a\",\"reason\":[]}", "reason" },
};

static void
test_bad (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(BipeScan) scan = read_scan (bad[i].text, &error);
      g_autofree char *start = g_strconcat (bad[i].field, " ", NULL);

      g_test_message ("%s", bad[i].text);
      g_assert_null (scan);
      g_assert_error (error, BIPE_ERROR, BIPE_ERROR_INVALID);
      g_assert_true (g_str_has_prefix (error->message, start));
    }
}

/* Some clients send digits as a number; what a double can hold exactly is taken as its text. */
static void
test_number_codes (void)
{
  static const char *const codes[] = { "0", "4006381333931", "9007199254740992" };

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      g_autofree char *text = g_strdup_printf ("{\"code\":%s}", codes[i]);
      g_autoptr(GError) error = NULL;
      g_autoptr(BipeScan) scan = read_scan (text, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (scan->code, ==, codes[i]);
    }
}

static const struct
{
  const char *field;
  guint limit;
} limits[] = {
  { "code", BIPE_SCAN_CODE_MAX },
  { "key", BIPE_SCAN_KEY_MAX },
  { "aim", 3 },
  { "symbology", 64 },
  { "device", 200 },
  { "station", 200 },
  { "operator", 200 },
  { "code_read", BIPE_SCAN_CODE_MAX },
  { "reason", 1000 },
};

/* Characters are counted, not bytes. */
static char *
repeat (const char *character, guint n)
{
  g_autoptr(GString) text = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append (text, character);
  return g_strdup (text->str);
}

static void
test_limits (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (limits); i++)
    for (guint over = 0; over < 2; over++)
      {
        g_autoptr(json_t) object = json_pack ("{s:s}", "code", "a");
        g_autofree char *value = repeat ("\303\251", limits[i].limit + over);
        g_autoptr(GError) error = NULL;
        g_autoptr(BipeScan) scan = NULL;

        g_test_message ("%s, %u characters", limits[i].field, limits[i].limit + over);
        json_object_set_new (object, limits[i].field, json_string (value));
        scan = bipe_scan_from_json (object, &error);
        g_assert_cmpint (scan != NULL, ==, over == 0);
        if (over == 0)
          continue;
        g_assert_error (error, BIPE_ERROR, BIPE_ERROR_INVALID);
        g_assert_true (g_str_has_prefix (error->message, limits[i].field));
      }
}

static void
test_check_code (void)
{
  static const char *const wrong[] = { "", "\xff", "a\xc3", "\xed\xa0\x80" };
  g_autofree char *longest = repeat ("\360\237\230\200", BIPE_SCAN_CODE_MAX);
  g_autofree char *longer = repeat ("a", BIPE_SCAN_CODE_MAX + 1);
  g_autoptr(GError) error = NULL;

  g_assert_true (bipe_scan_check_code (longest, &error));
  g_assert_true (bipe_scan_check_code ("\035 \x7f", &error));
  g_assert_no_error (error);
  g_assert_false (bipe_scan_check_code (longer, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_INVALID);
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_clear_error (&error);
      g_assert_false (bipe_scan_check_code (wrong[i], &error));
      g_assert_error (error, BIPE_ERROR, BIPE_ERROR_INVALID);
    }
}

static void
test_names (void)
{
  BipeScanState state;
  BipeScanSource source;

  for (guint i = BIPE_SCAN_QUEUED; i <= BIPE_SCAN_VOIDED; i++)
    {
      g_assert_true (bipe_scan_state_parse (bipe_scan_state_name (i), &state));
      g_assert_cmpuint (state, ==, i);
    }
  for (guint i = BIPE_SOURCE_WEDGE; i <= BIPE_SOURCE_IMPORT; i++)
    {
      g_assert_true (bipe_scan_source_parse (bipe_scan_source_name (i), &source));
      g_assert_cmpuint (source, ==, i);
    }
  g_assert_false (bipe_scan_state_parse ("", &state));
  g_assert_false (bipe_scan_source_parse ("wedg", &source));
}

static void
test_copies (void)
{
  char code[] = "abc", station[] = "s";
  BipeScan fields = { .code = code, .station = station, .reason = "" };
  g_autoptr(BipeScan) scan = bipe_scan_new (&fields);
  g_autoptr(BipeScan) copy = NULL;

  code[0] = station[0] = 'x';
  copy = bipe_scan_new (scan);
  g_clear_pointer (&scan, bipe_scan_unref);
  g_assert_cmpstr (copy->code, ==, "abc");
  g_assert_cmpstr (copy->station, ==, "s");
  g_assert_cmpstr (copy->reason, ==, "");
  g_assert_null (copy->key);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scan/write", test_write);
  g_test_add_func ("/scan/round-trip", test_round_trip);
  g_test_add_func ("/scan/draft", test_draft);
  g_test_add_func ("/scan/bad", test_bad);
  g_test_add_func ("/scan/number-codes", test_number_codes);
  g_test_add_func ("/scan/limits", test_limits);
  g_test_add_func ("/scan/check-code", test_check_code);
  g_test_add_func ("/scan/names", test_names);
  g_test_add_func ("/scan/copies", test_copies);
  return g_test_run ();
}

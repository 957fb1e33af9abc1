#include "config.h"

#include "access/pairing-digits.h"

#define FINGERPRINT "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f"

/* Computed by Python's hmac. */
static const struct
{
  const char *code;
  const char *nonce;
  const char *digits;
} cases[] = {
  { "00000000000000000000000000000000", "00000000000000000000000000000000", "151563" },
  { "000102030405060708090a0b0c0d0e0f", "0f0e0d0c0b0a09080706050403020100", "502563" },
  { "ffffffffffffffffffffffffffffffff",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "512311" },
  { "00112233445566778899aabbccddeeff", "ffeeddccbbaa99887766554433221100", "259020" },
  { "00000000000000000000000000000036", "00000000000000000000000000000000", "007891" },
};

static void
test_digits (void)
{
  g_autoptr(GBytes) fingerprint = bipe_pairing_read_hex (FINGERPRINT, 32, 32);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GBytes) code = bipe_pairing_read_hex (cases[i].code, 16, 16);
      g_autoptr(GBytes) nonce = bipe_pairing_read_hex (cases[i].nonce, 16, 32);
      char digits[7];

      bipe_pairing_compute_digits (g_bytes_get_data (code, NULL), nonce, fingerprint, digits);
      g_assert_cmpstr (digits, ==, cases[i].digits);
    }
}

static void
test_hex (void)
{
  static const char *const bad[]
      = { "", "0", "000", "0g", "g0", "00 0", "00000000", "0x00", "-100" };
  g_autoptr(GBytes) bytes = bipe_pairing_read_hex ("00fFaB", 1, 3);
  char text[7];

  g_assert_nonnull (bytes);
  bipe_pairing_print_hex (g_bytes_get_data (bytes, NULL), 3, text);
  g_assert_cmpstr (text, ==, "00ffab");
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_null (bipe_pairing_read_hex (bad[i], 1, 3));
}

static void
test_equal (void)
{
  const guint8 one[] = { 1, 2, 3 }, first[] = { 0, 2, 3 }, last[] = { 1, 2, 4 };

  g_assert_true (bipe_pairing_is_equal (one, one, 3));
  g_assert_false (bipe_pairing_is_equal (one, first, 3));
  g_assert_false (bipe_pairing_is_equal (one, last, 3));
  g_assert_true (bipe_pairing_is_equal (one, last, 2));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pairing-digits/digits", test_digits);
  g_test_add_func ("/pairing-digits/hex", test_hex);
  g_test_add_func ("/pairing-digits/equal", test_equal);
  return g_test_run ();
}

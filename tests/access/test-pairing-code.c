#include "config.h"

#include <string.h>

#include "access/pairing-code.h"

#define MONOTONIC G_GINT64_CONSTANT (5000000)
#define REAL G_GINT64_CONSTANT (1700000000500000)
#define LIFE (G_GINT64_CONSTANT (1000000) * BIPE_PAIRING_SECONDS)

static const guint8 right[BIPE_PAIRING_CODE_SIZE] = "0123456789abcde";
static const guint8 wrong[BIPE_PAIRING_CODE_SIZE] = "0123456789abcdf";

typedef struct
{
  BipePairingCode *code;
  GBytes *fingerprint;
  GBytes *nonce;
  GBytes *other;  /* of the same length */
  GBytes *longer; /* that begins likewise */
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->fingerprint = g_bytes_new_static ("a fingerprint that has 32 bytes.", 32);
  self->nonce = g_bytes_new_static ("nonce, 16 bytes.", 16);
  self->other = g_bytes_new_static ("nonce, 16 bytes!", 16);
  self->longer = g_bytes_new_static ("nonce, 16 bytes..", 17);
  self->code = bipe_pairing_code_new (right, self->fingerprint, MONOTONIC, REAL);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  bipe_pairing_code_unref (self->code);
  g_bytes_unref (self->longer);
  g_bytes_unref (self->other);
  g_bytes_unref (self->nonce);
  g_bytes_unref (self->fingerprint);
}

static gboolean
ask (Fixture *self, const guint8 *bytes, GBytes *nonce)
{
  return bipe_pairing_code_admit (self->code, bytes, nonce, "phone", "192.0.2.7");
}

/* Whether it is as far as that, and still lives. */
static void
assert_stage (Fixture *self, BipePairingStage stage)
{
  g_assert_cmpint (self->code->stage, ==, stage);
  g_assert_null (self->code->why);
}

static void
approve (Fixture *self)
{
  g_autoptr(BipeGrant) grant
             = bipe_grant_new (&(BipeGrant){ .jti = "jti", .name = (char *)"till" });

  g_assert_true (bipe_pairing_code_begin_issue (self->code, self->code->digits));
  assert_stage (self, BIPE_PAIRING_CODE_ISSUING);
  bipe_pairing_code_finish_issue (self->code, g_strdup ("token"), grant);
  assert_stage (self, BIPE_PAIRING_CODE_APPROVED);
}

static void
test_way (Fixture *self, gconstpointer data)
{
  char digits[7];

  assert_stage (self, BIPE_PAIRING_CODE_OFFERED);
  g_assert_cmpint (self->code->expires_at, ==, REAL + LIFE);
  g_assert_false (bipe_pairing_code_begin_issue (self->code, ""));

  g_assert_true (ask (self, right, self->nonce));
  assert_stage (self, BIPE_PAIRING_CODE_ASKED);
  g_assert_cmpstr (self->code->name, ==, "phone");
  g_assert_cmpstr (self->code->address, ==, "192.0.2.7");
  bipe_pairing_compute_digits (right, self->nonce, self->fingerprint, digits);
  g_assert_cmpstr (self->code->digits, ==, digits);
  /* Who asks again is the same one, and as he was at first. */
  g_assert_true (bipe_pairing_code_admit (self->code, right, self->nonce, "other", "::1"));
  g_assert_cmpstr (self->code->name, ==, "phone");
  g_assert_cmpstr (self->code->address, ==, "192.0.2.7");

  approve (self);
  g_assert_true (ask (self, right, self->nonce));
  g_assert_cmpstr (self->code->token, ==, "token");
  g_assert_cmpstr (self->code->grant->jti, ==, "jti");
  bipe_pairing_code_fetch (self->code);
  g_assert_cmpint (self->code->stage, ==, BIPE_PAIRING_CODE_FETCHED);
  g_assert_cmpstr (self->code->why, ==, "the code has been used");
  g_assert_false (ask (self, right, self->nonce));
}

/* By either clock, and not before. */
static void
test_time (void)
{
  static const struct
  {
    gint64 monotonic;
    gint64 real;
    gboolean is_over;
  } cases[] = {
    { 0, 0, FALSE },         { LIFE - 1, LIFE - 1, FALSE }, { LIFE, 0, TRUE },
    { LIFE, -LIFE, TRUE },   { LIFE - 1, -LIFE, FALSE },    { 0, LIFE, TRUE },
    { 0, 100 * LIFE, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Fixture self;

      g_test_message ("case %u", i);
      set_up (&self, NULL);
      bipe_pairing_code_look_at (self.code, MONOTONIC + cases[i].monotonic, REAL + cases[i].real);
      g_assert_cmpint (self.code->why != NULL, ==, cases[i].is_over);
      g_assert_cmpint (ask (&self, right, self.nonce), ==, !cases[i].is_over);
      tear_down (&self, NULL);
    }
}

/* Counted from the beginning to the end, whatever else happens. */
static void
test_tries (Fixture *self, gconstpointer data)
{
  g_assert_false (ask (self, wrong, self->nonce));
  assert_stage (self, BIPE_PAIRING_CODE_OFFERED);
  g_assert_true (ask (self, right, self->nonce));
  for (guint i = 2; i < BIPE_PAIRING_TRIES; i++)
    g_assert_false (ask (self, wrong, self->nonce));
  assert_stage (self, BIPE_PAIRING_CODE_ASKED);
  g_assert_true (ask (self, right, self->nonce));
  g_assert_false (ask (self, wrong, self->nonce));
  g_assert_cmpstr (self->code->why, ==, "too many wrong codes were tried");
  g_assert_false (ask (self, right, self->nonce));
}

static void
test_second_device (void)
{
  for (guint is_longer = 0; is_longer < 2; is_longer++)
    for (guint is_approved = 0; is_approved < 2; is_approved++)
      {
        Fixture self;

        set_up (&self, NULL);
        g_assert_true (ask (&self, right, self.nonce));
        if (is_approved)
          approve (&self);
        g_assert_false (ask (&self, right, is_longer ? self.longer : self.other));
        g_assert_cmpstr (self.code->why, ==, "two devices asked with the same code");
        g_assert_false (ask (&self, right, self.nonce));
        tear_down (&self, NULL);
      }
}

static void
test_issue (Fixture *self, gconstpointer data)
{
  char digits[7];

  g_assert_true (ask (self, right, self->nonce));
  g_strlcpy (digits, self->code->digits, sizeof digits);
  digits[5] = digits[5] == '0' ? '1' : '0';
  g_assert_false (bipe_pairing_code_begin_issue (self->code, digits));
  assert_stage (self, BIPE_PAIRING_CODE_ASKED);

  /* One at a time, and again where it fails. */
  g_assert_true (bipe_pairing_code_begin_issue (self->code, self->code->digits));
  g_assert_false (bipe_pairing_code_begin_issue (self->code, self->code->digits));
  bipe_pairing_code_fail_issue (self->code);
  assert_stage (self, BIPE_PAIRING_CODE_ASKED);
  approve (self);
  g_assert_false (bipe_pairing_code_begin_issue (self->code, self->code->digits));
}

/* For one reason, the first; nothing brings it back. */
static void
test_over (Fixture *self, gconstpointer data)
{
  g_autoptr(BipePairingCode) kept = bipe_pairing_code_ref (self->code);

  g_assert_true (ask (self, right, self->nonce));
  g_assert_true (bipe_pairing_code_begin_issue (self->code, self->code->digits));
  bipe_pairing_code_end (self->code, "first");
  bipe_pairing_code_end (self->code, "second");
  bipe_pairing_code_look_at (self->code, G_MAXINT64, G_MAXINT64);
  bipe_pairing_code_fail_issue (self->code);
  g_assert_cmpstr (kept->why, ==, "first");
  g_assert_false (ask (self, right, self->nonce));
  g_assert_false (bipe_pairing_code_begin_issue (self->code, self->code->digits));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add ("/pairing-code/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("way", test_way);
  ADD ("tries", test_tries);
  ADD ("issue", test_issue);
  ADD ("over", test_over);
#undef ADD
  g_test_add_func ("/pairing-code/time", test_time);
  g_test_add_func ("/pairing-code/second-device", test_second_device);
  return g_test_run ();
}

#include "config.h"

#include <glib/gstdio.h>
#include <gnutls/x509.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "server/certificate.h"

#define DAY (24 * 60 * 60)
#define NOW (G_GINT64_CONSTANT (1800000000))

typedef struct
{
  char *folder;
  char *crt;
  char *key;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->folder = g_dir_make_tmp ("test-certificate-XXXXXX", NULL);
  self->crt = g_build_filename (self->folder, "tls.crt", NULL);
  self->key = g_build_filename (self->folder, "tls.key", NULL);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_unlink (self->crt);
  g_unlink (self->key);
  g_assert_no_errno (g_rmdir (self->folder)); /* nothing else was left there */
  g_free (self->folder);
  g_free (self->crt);
  g_free (self->key);
}

static char *
open_own (Fixture *self, gint64 now)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeCertificate) own = bipe_certificate_open_own (self->folder, now, &error);

  g_assert_no_error (error);
  return g_strdup (bipe_certificate_get_fingerprint_text (own));
}

static char *
read_file (const char *path)
{
  char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return text;
}

static gnutls_x509_crt_t
read_crt (Fixture *self)
{
  g_autofree char *text = read_file (self->crt);
  gnutls_datum_t datum = { (guint8 *)text, (unsigned)strlen (text) };
  gnutls_x509_crt_t crt;

  gnutls_x509_crt_init (&crt);
  g_assert_cmpint (gnutls_x509_crt_import (crt, &datum, GNUTLS_X509_FMT_PEM), ==, 0);
  return crt;
}

static void
test_made (Fixture *self, gconstpointer data)
{
  static const guint8 loopback[] = { 127, 0, 0, 1 };
  static const guint8 other[] = { 198, 51, 100, 7 };
  g_autofree char *fingerprint = open_own (self, NOW);
  gnutls_x509_crt_t crt = read_crt (self);
  unsigned usage, is_critical, bits, is_authority;
  char serial[32], purpose[64];
  gsize size = sizeof serial, purpose_size = sizeof purpose;
  GStatBuf status;

  g_assert_cmpuint (strlen (fingerprint), ==, 2 * BIPE_CERTIFICATE_FINGERPRINT_SIZE);
  g_assert_cmpint (gnutls_x509_crt_get_pk_algorithm (crt, &bits), ==, GNUTLS_PK_ECDSA);
  g_assert_cmpuint (bits, ==, 256);
  g_assert_cmpint (gnutls_x509_crt_get_key_usage (crt, &usage, &is_critical), ==, 0);
  g_assert_cmpuint (usage, ==, GNUTLS_KEY_DIGITAL_SIGNATURE);
  g_assert_cmpint (
      gnutls_x509_crt_get_key_purpose_oid (crt, 0, purpose, &purpose_size, &is_critical), ==, 0);
  g_assert_cmpstr (purpose, ==, GNUTLS_KP_TLS_WWW_SERVER);
  gnutls_x509_crt_get_basic_constraints (crt, &is_critical, &is_authority, NULL);
  g_assert_false (is_authority);
  g_assert_true (is_critical);
  g_assert_cmpint (gnutls_x509_crt_get_serial (crt, serial, &size), ==, 0);
  g_assert_cmpuint (size, ==, 16);
  g_assert_cmpint (gnutls_x509_crt_get_activation_time (crt), ==, NOW - DAY);
  g_assert_cmpint (gnutls_x509_crt_get_expiration_time (crt)
                       - gnutls_x509_crt_get_activation_time (crt),
                   <=, 825 * DAY);
  g_assert_true (gnutls_x509_crt_check_hostname (crt, "localhost"));
  g_assert_true (gnutls_x509_crt_check_hostname (crt, g_get_host_name ()));
  g_assert_false (gnutls_x509_crt_check_hostname (crt, "bank.example"));
  g_assert_true (gnutls_x509_crt_check_ip (crt, loopback, sizeof loopback, 0));
  g_assert_false (gnutls_x509_crt_check_ip (crt, other, sizeof other, 0));
  gnutls_x509_crt_deinit (crt);

  g_assert_no_errno (g_stat (self->key, &status));
  g_assert_cmpuint (status.st_mode & 0777, ==, 0600);
  g_assert_no_errno (g_stat (self->crt, &status));
  g_assert_cmpuint (status.st_mode & 0777, ==, 0600);
}

/* When it is opened again: whether it is still the same, and its key is. */
static const struct
{
  gint64 days;
  gboolean is_same;
} later[] = {
  { 0, TRUE },
  { 1, TRUE },
  { BIPE_CERTIFICATE_DAYS - 1 - BIPE_CERTIFICATE_DAYS_LEFT, TRUE },
  { BIPE_CERTIFICATE_DAYS - BIPE_CERTIFICATE_DAYS_LEFT, FALSE },
  { 5000, FALSE },
  { -1, TRUE },
  { -2, TRUE }, /* it counts from the day before, and a day is no jump */
  { -3, FALSE },
};

static void
test_again (Fixture *self, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (later); i++)
    {
      g_autofree char *first = open_own (self, NOW);
      g_autofree char *key = read_file (self->key);
      g_autofree char *second = open_own (self, NOW + later[i].days * DAY);
      g_autofree char *second_key = read_file (self->key);

      g_assert_cmpint (g_str_equal (first, second), ==, later[i].is_same);
      g_assert_cmpstr (key, ==, second_key);
      g_unlink (self->crt);
    }
}

static void
write_file (const char *path, const char *text)
{
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
test_broken (Fixture *self, gconstpointer data)
{
  g_autofree char *first = open_own (self, NOW);
  g_autofree char *key = read_file (self->key);
  g_autofree char *crt = read_file (self->crt);
  g_autofree char *half = g_strndup (crt, strlen (crt) / 2);
  g_autofree char *second = NULL, *third = NULL, *fourth = NULL, *now = NULL;

  write_file (self->crt, half);
  second = open_own (self, NOW);
  g_assert_cmpstr (second, !=, first);
  now = read_file (self->key);
  g_assert_cmpstr (now, ==, key);

  /* A key that is not its own. */
  write_file (self->crt, crt);
  write_file (self->key, "nonsense");
  third = open_own (self, NOW);
  g_assert_cmpstr (third, !=, first);

  write_file (self->crt, crt); /* of the first key */
  fourth = open_own (self, NOW);
  g_assert_cmpstr (fourth, !=, first);
  g_assert_cmpstr (fourth, !=, third);
}

static void
test_not_writable (void)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (bipe_certificate_open_own ("/proc/self/none", NOW, &error));
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_NOT_WRITABLE);
}

static void
assert_given (Fixture *self, const char *crt, const char *key, gint64 now, const char *words)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(BipeCertificate) given = bipe_certificate_open_given (crt, key, now, &error);

  if (words == NULL)
    {
      g_assert_no_error (error);
      g_assert_nonnull (given);
      return;
    }
  g_assert_null (given);
  g_assert_error (error, BIPE_ERROR, BIPE_ERROR_SETTING);
  g_assert_nonnull (strstr (error->message, words));
}

static void
test_given (Fixture *self, gconstpointer data)
{
  g_free (open_own (self, NOW));
  assert_given (self, self->crt, self->key, NOW, NULL);
  assert_given (self, self->crt, self->key, NOW + 900 * DAY, "expired on 2029");
  assert_given (self, self->crt, self->key, NOW - 30 * DAY, "does not count before");
  assert_given (self, self->key, self->crt, NOW, "no certificate");
  assert_given (self, self->crt, self->crt, NOW, "private key");
  assert_given (self, "/dev/zero", self->key, NOW, "it is no file");
  assert_given (self, self->crt, self->folder, NOW, "it is no file");
  assert_given (self, "/none", self->key, NOW, "/none");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/certificate/made", Fixture, NULL, set_up, test_made, tear_down);
  g_test_add ("/certificate/again", Fixture, NULL, set_up, test_again, tear_down);
  g_test_add ("/certificate/broken", Fixture, NULL, set_up, test_broken, tear_down);
  g_test_add ("/certificate/given", Fixture, NULL, set_up, test_given, tear_down);
  g_test_add_func ("/certificate/not-writable", test_not_writable);
  return g_test_run ();
}

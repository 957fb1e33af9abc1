#define _GNU_SOURCE /* explicit_bzero */
#include "config.h"

#include "server/certificate.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "server/interfaces.h"

#define DAY (24 * 60 * 60)

/* Of a file in PEM; a chain of certificates has a few thousand bytes. */
#define FILE_MAX (256 * 1024)

/* Of a chain. */
#define CHAIN_MAX 16

#define SERIAL_SIZE 16
#define NAME_MAX_LENGTH 64

struct _BipeCertificate
{
  gatomicrefcount n_refs;
  gnutls_certificate_credentials_t credentials;
  guint8 fingerprint[BIPE_CERTIFICATE_FINGERPRINT_SIZE];
  char text[2 * BIPE_CERTIFICATE_FINGERPRINT_SIZE + 1];
};

typedef struct gnutls_x509_crt_int Crt;
typedef struct gnutls_x509_privkey_int Key;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Crt, gnutls_x509_crt_deinit)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Key, gnutls_x509_privkey_deinit)

/* What a file has: text that ends with a NUL, and may be a key. */

static void
wipe (GString *text)
{
  explicit_bzero (text->str, text->len);
  g_string_free (text, TRUE);
}

typedef GString Pem;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pem, wipe)

static gnutls_datum_t
datum_of (const Pem *pem)
{
  return (gnutls_datum_t){ (guint8 *)pem->str, (unsigned)pem->len };
}

static gboolean
fail_reading (const char *path, const char *why, GError **error)
{
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_SETTING, _ ("cannot read %s: %s"), path, why);
  return FALSE;
}

static gboolean
read_whole (int fd, const char *path, Pem *pem, GError **error)
{
  struct stat status;
  gssize n;

  if (fstat (fd, &status) < 0)
    return fail_reading (path, g_strerror (errno), error);
  if (!S_ISREG (status.st_mode))
    return fail_reading (path, "it is no file", error);
  if (status.st_size > FILE_MAX)
    return fail_reading (path, "it is too large for a certificate or a key", error);
  g_string_set_size (pem, (gsize)status.st_size);
  n = pread (fd, pem->str, pem->len, 0);
  if (n < 0)
    return fail_reading (path, g_strerror (errno), error);
  g_string_set_size (pem, (gsize)n);
  return TRUE;
}

static Pem *
read_pem (const char *path, GError **error)
{
  g_autoptr(Pem) pem = g_string_new (NULL);
  /* What is no file must not keep us waiting. */
  int fd = g_open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0);
  gboolean is_read;

  if (fd < 0)
    {
      fail_reading (path, g_strerror (errno), error);
      return NULL;
    }
  is_read = read_whole (fd, path, pem, error);
  close (fd);
  return is_read ? g_steal_pointer (&pem) : NULL;
}

/* The first of a chain: the server's own. */
static Crt *
parse_first (const Pem *pem)
{
  gnutls_datum_t datum = datum_of (pem);
  gnutls_x509_crt_t *chain = NULL;
  unsigned n = 0;
  Crt *first;

  if (gnutls_x509_crt_list_import2 (&chain, &n, &datum, GNUTLS_X509_FMT_PEM,
                                    GNUTLS_X509_CRT_LIST_SORT)
      < 0)
    return NULL;
  for (unsigned i = 1; i < n; i++)
    gnutls_x509_crt_deinit (chain[i]);
  first = n > 0 && n <= CHAIN_MAX ? chain[0] : NULL;
  if (n > CHAIN_MAX)
    gnutls_x509_crt_deinit (chain[0]);
  gnutls_free (chain);
  return first;
}

static void
take_fingerprint (BipeCertificate *self, Crt *crt)
{
  gsize size = sizeof self->fingerprint;

  gnutls_x509_crt_get_fingerprint (crt, GNUTLS_DIG_SHA256, self->fingerprint, &size);
  for (guint i = 0; i < sizeof self->fingerprint; i++)
    g_snprintf (self->text + 2 * i, 3, "%02x", self->fingerprint[i]);
}

/* *why: what GnuTLS finds wrong with the two. */
static BipeCertificate *
build (Crt *crt, const Pem *chain, const Pem *key, int *why)
{
  g_autoptr(BipeCertificate) self = g_new0 (BipeCertificate, 1);
  gnutls_datum_t chain_datum = datum_of (chain), key_datum = datum_of (key);

  g_atomic_ref_count_init (&self->n_refs);
  gnutls_certificate_allocate_credentials (&self->credentials);
  take_fingerprint (self, crt);
  *why = gnutls_certificate_set_x509_key_mem2 (self->credentials, &chain_datum, &key_datum,
                                               GNUTLS_X509_FMT_PEM, NULL, 0);
  return *why >= 0 ? g_steal_pointer (&self) : NULL;
}

BipeCertificate *
bipe_certificate_ref (BipeCertificate *self)
{
  g_atomic_ref_count_inc (&self->n_refs);
  return self;
}

void
bipe_certificate_unref (BipeCertificate *self)
{
  if (!g_atomic_ref_count_dec (&self->n_refs))
    return;
  gnutls_certificate_free_credentials (self->credentials);
  g_free (self);
}

/* The administrator's. */

static char *
print_day (gint64 seconds)
{
  g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc (seconds);

  return time != NULL ? g_date_time_format (time, "%Y-%m-%d") : g_strdup ("a day far off");
}

static gboolean
check_times (Crt *crt, const char *path, gint64 now, GError **error)
{
  gint64 first = gnutls_x509_crt_get_activation_time (crt);
  gint64 last = gnutls_x509_crt_get_expiration_time (crt);
  g_autofree char *first_day = print_day (first), *last_day = print_day (last);

  if (now > last)
    g_set_error (
        error, BIPE_ERROR, BIPE_ERROR_SETTING,
        _ ("the certificate in %s has expired on %s. Renew it, or leave tls-cert and tls-key "
           "empty to use the station's own"),
        path, last_day);
  else if (now + DAY < first)
    g_set_error (
        error, BIPE_ERROR, BIPE_ERROR_SETTING,
        _ ("the certificate in %s does not count before %s. Set this machine's clock right, "
           "or name another certificate with tls-cert"),
        path, first_day);
  else
    return TRUE;
  return FALSE;
}

static void
fail_given (const char *certificate, const char *key, int why, GError **error)
{
  if (why == GNUTLS_E_CERTIFICATE_KEY_MISMATCH)
    g_set_error (error, BIPE_ERROR, BIPE_ERROR_SETTING,
                 _ ("the key in %s is not that of the certificate in %s. Name two that belong "
                    "together with tls-cert and tls-key"),
                 key, certificate);
  else if (why == GNUTLS_E_DECRYPTION_FAILED)
    g_set_error (
        error, BIPE_ERROR, BIPE_ERROR_SETTING,
        _ ("the key in %s is locked with a password, which nobody is there to type. Name one "
           "without with tls-key"),
        key);
  else
    g_set_error (error, BIPE_ERROR, BIPE_ERROR_SETTING,
                 _ ("cannot use the key in %s: %s. Name a private key in PEM with tls-key"), key,
                 gnutls_strerror (why));
}

BipeCertificate *
bipe_certificate_open_given (const char *certificate, const char *key, gint64 now, GError **error)
{
  g_autoptr(Pem) chain = read_pem (certificate, error);
  g_autoptr(Pem) private = chain != NULL ? read_pem (key, error) : NULL;
  g_autoptr(Crt) crt = private != NULL ? parse_first (chain) : NULL;
  BipeCertificate *self;
  int why;

  if (private == NULL)
    {
      g_prefix_error_literal (error, _ ("the settings tls-cert and tls-key: "));
      return NULL;
    }
  if (crt == NULL)
    {
      g_set_error (error, BIPE_ERROR, BIPE_ERROR_SETTING,
                   _ ("%s has no certificate in PEM, or one that can't be read. Name another with "
                      "tls-cert"),
                   certificate);
      return NULL;
    }
  if (!check_times (crt, certificate, now, error))
    return NULL;
  self = build (crt, chain, private, &why);
  if (self == NULL)
    fail_given (certificate, key, why, error);
  return self;
}

/* The station's own. */

/* Of two results of GnuTLS, the failure. */
static int
worse (int a, int b)
{
  return MIN (a, b);
}

/* What may stand in a certificate as a host's name, in full. */
static gboolean
is_host_name (const char *name)
{
  gsize length = strlen (name);

  return length > 0 && length <= 253 && name[0] != '-' && name[0] != '.'
         && strspn (name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-._") == length;
}

/* "host.local", as devices without a name server find it. */
static char *
dup_local_name (const char *name)
{
  gsize length = strcspn (name, ".");

  return g_strdup_printf ("%.*s.local", (int)length, name);
}

static int
add_address (Crt *crt, GInetAddress *address)
{
  return gnutls_x509_crt_set_subject_alt_name (
      crt, GNUTLS_SAN_IPADDRESS, g_inet_address_to_bytes (address),
      (unsigned)g_inet_address_get_native_size (address), GNUTLS_FSAN_APPEND);
}

static int
add_name (Crt *crt, const char *name)
{
  return gnutls_x509_crt_set_subject_alt_name (crt, GNUTLS_SAN_DNSNAME, name,
                                               (unsigned)strlen (name), GNUTLS_FSAN_APPEND);
}

/* The first failure of GnuTLS, or what is good. */
static int
add_names (Crt *crt)
{
  const char *host = g_get_host_name ();
  g_autofree char *local = dup_local_name (host);
  g_autoptr(GPtrArray) addresses = bipe_interfaces_list ();
  int result = add_name (crt, "localhost");

  if (is_host_name (host) && g_ascii_strcasecmp (host, "localhost") != 0)
    {
      result = worse (result, add_name (crt, host));
      if (g_ascii_strcasecmp (host, local) != 0)
        result = worse (result, add_name (crt, local));
    }
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr(GInetAddress) loopback = g_inet_address_new_loopback (
          i == 0 ? G_SOCKET_FAMILY_IPV4 : G_SOCKET_FAMILY_IPV6);

      result = worse (result, add_address (crt, loopback));
    }
  for (guint i = 0; i < addresses->len; i++)
    if (!g_inet_address_get_is_loopback (addresses->pdata[i]))
      result = worse (result, add_address (crt, addresses->pdata[i]));
  return result;
}

static int
set_subject (Crt *crt)
{
  g_autofree char *host = g_strndup (g_get_host_name (), NAME_MAX_LENGTH);
  const char *name = is_host_name (host) ? host : "localhost";

  return worse (gnutls_x509_crt_set_dn_by_oid (crt, GNUTLS_OID_X520_COMMON_NAME, 0, name,
                                               (unsigned)strlen (name)),
                gnutls_x509_crt_set_dn_by_oid (crt, GNUTLS_OID_X520_ORGANIZATION_NAME, 0, "Bipe",
                                               strlen ("Bipe")));
}

static int
set_serial (Crt *crt)
{
  guint8 serial[SERIAL_SIZE];
  int result = gnutls_rnd (GNUTLS_RND_NONCE, serial, sizeof serial);

  serial[0] = (serial[0] & 0x7f) | 0x40; /* positive, and as long as it is */
  return worse (result, gnutls_x509_crt_set_serial (crt, serial, sizeof serial));
}

/* It counts from yesterday, for clients whose clock is late. */
static int
set_times (Crt *crt, gint64 now)
{
  gint64 first = now - DAY;

  return worse (gnutls_x509_crt_set_activation_time (crt, (time_t)first),
                gnutls_x509_crt_set_expiration_time (
                    crt, (time_t)(first + (gint64)BIPE_CERTIFICATE_DAYS * DAY)));
}

static int
set_uses (Crt *crt, Key *key)
{
  guint8 id[64];
  gsize size = sizeof id;
  int result = gnutls_x509_crt_set_basic_constraints (crt, FALSE, -1);

  result = worse (result, gnutls_x509_crt_set_key_usage (crt, GNUTLS_KEY_DIGITAL_SIGNATURE));
  result
      = worse (result, gnutls_x509_crt_set_key_purpose_oid (crt, GNUTLS_KP_TLS_WWW_SERVER, FALSE));
  result = worse (result, gnutls_x509_crt_set_key (crt, key));
  result = worse (result, gnutls_x509_crt_get_key_id (crt, GNUTLS_KEYID_USE_SHA1, id, &size));
  return worse (result, gnutls_x509_crt_set_subject_key_id (crt, id, size));
}

static Crt *
make_crt (Key *key, gint64 now, GError **error)
{
  g_autoptr(Crt) crt = NULL;
  int result = gnutls_x509_crt_init (&crt);

  result = worse (result, gnutls_x509_crt_set_version (crt, 3));
  result = worse (result, set_serial (crt));
  result = worse (result, set_subject (crt));
  result = worse (result, set_times (crt, now));
  result = worse (result, set_uses (crt, key));
  result = worse (result, add_names (crt));
  result = worse (result, gnutls_x509_crt_sign2 (crt, crt, key, GNUTLS_DIG_SHA256, 0));
  if (result >= 0)
    return g_steal_pointer (&crt);
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_FAILED, _ ("cannot make a certificate: %s"),
               gnutls_strerror (result));
  return NULL;
}

static Key *
make_key (GError **error)
{
  g_autoptr(Key) key = NULL;
  int result = gnutls_x509_privkey_init (&key);

  result = worse (
      result, gnutls_x509_privkey_generate (key, GNUTLS_PK_ECDSA,
                                            GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1), 0));
  if (result >= 0)
    return g_steal_pointer (&key);
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_FAILED, _ ("cannot make a key: %s"),
               gnutls_strerror (result));
  return NULL;
}

/* Of a file that is broken, none. */
static Key *
parse_key (const Pem *pem)
{
  g_autoptr(Key) key = NULL;
  gnutls_datum_t datum = datum_of (pem);

  gnutls_x509_privkey_init (&key);
  return gnutls_x509_privkey_import (key, &datum, GNUTLS_X509_FMT_PEM) >= 0 ? g_steal_pointer (&key)
                                                                            : NULL;
}

static Pem *
take_pem (gnutls_datum_t *datum)
{
  Pem *pem = g_string_new_len ((char *)datum->data, datum->size);

  explicit_bzero (datum->data, datum->size);
  gnutls_free (datum->data);
  return pem;
}

static Pem *
print_key (Key *key)
{
  gnutls_datum_t datum = { NULL, 0 };

  gnutls_x509_privkey_export2_pkcs8 (key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, &datum);
  return take_pem (&datum);
}

static Pem *
print_crt (Crt *crt)
{
  gnutls_datum_t datum = { NULL, 0 };

  gnutls_x509_crt_export2 (crt, GNUTLS_X509_FMT_PEM, &datum);
  return take_pem (&datum);
}

static gboolean
write_pem (const char *path, const Pem *pem, GError **error)
{
  g_autoptr(GError) cause = NULL;

  if (g_file_set_contents_full (path, pem->str, (gssize)pem->len,
                                G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600,
                                &cause))
    return TRUE;
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_NOT_WRITABLE, "cannot write %s: %s", path,
               cause->message);
  return FALSE;
}

/* Why @crt can't stay; NULL: it can. */
static const char *
find_fault (Crt *crt, gint64 now)
{
  const char *host = g_get_host_name ();

  if (gnutls_x509_crt_get_expiration_time (crt) < now + BIPE_CERTIFICATE_DAYS_LEFT * DAY)
    return "it ends soon";
  if (gnutls_x509_crt_get_activation_time (crt) > now + DAY)
    return "it does not count yet: the clock has jumped";
  if (is_host_name (host) && !gnutls_x509_crt_check_hostname (crt, host))
    return "this machine has another name now";
  return NULL;
}

static void
tell_missing (Crt *crt, const char *path)
{
  g_autoptr(GPtrArray) addresses = bipe_interfaces_list ();

  for (guint i = 0; i < addresses->len; i++)
    {
      GInetAddress *address = addresses->pdata[i];
      g_autofree char *text = g_inet_address_to_string (address);

      if (!gnutls_x509_crt_check_ip (crt, g_inet_address_to_bytes (address),
                                     (unsigned)g_inet_address_get_native_size (address), 0))
        g_message ("The certificate does not name %s: who checks names will object there. Paired "
                   "devices know it by its fingerprint. To have a new one made, remove %s, and "
                   "pair the devices again",
                   text, path);
    }
}

/* What is in the folder, where it is whole and can stay. *key: what is there of it, in any case. */
static BipeCertificate *
find_own (const char *crt_path, const char *key_path, gint64 now, Key **key)
{
  g_autoptr(Pem) chain = read_pem (crt_path, NULL);
  g_autoptr(Pem) private = read_pem (key_path, NULL);
  g_autoptr(Crt) crt = chain != NULL ? parse_first (chain) : NULL;
  g_autoptr(BipeCertificate) self = NULL;
  const char *fault = NULL;
  int why;

  *key = private != NULL ? parse_key (private) : NULL;
  if (chain == NULL && private == NULL)
    return NULL; /* the first time */
  if (crt != NULL && *key != NULL)
    self = build (crt, chain, private, &why);
  fault = self != NULL ? find_fault (crt, now) : "it is broken, or in part missing";
  if (fault != NULL)
    {
      g_message ("A new certificate takes the place of the one in %s: %s. Pair devices again where "
                 "they have pinned it",
                 crt_path, fault);
      return NULL;
    }
  tell_missing (crt, crt_path);
  return g_steal_pointer (&self);
}

static BipeCertificate *
make_own (const char *crt_path, const char *key_path, Key *key, gint64 now, GError **error)
{
  g_autoptr(Crt) crt = make_crt (key, now, error);
  g_autoptr(Pem) chain = crt != NULL ? print_crt (crt) : NULL;
  g_autoptr(Pem) private = print_key (key);
  BipeCertificate *self;
  int why;

  /* The key first: a certificate without one is of no use. */
  if (crt == NULL || !write_pem (key_path, private, error) || !write_pem (crt_path, chain, error))
    return NULL;
  self = build (crt, chain, private, &why);
  if (self == NULL)
    g_set_error (error, BIPE_ERROR, BIPE_ERROR_FAILED, _ ("cannot use the new certificate: %s"),
                 gnutls_strerror (why));
  return self;
}

BipeCertificate *
bipe_certificate_open_own (const char *folder, gint64 now, GError **error)
{
  g_autofree char *crt_path = g_build_filename (folder, "tls.crt", NULL);
  g_autofree char *key_path = g_build_filename (folder, "tls.key", NULL);
  g_autoptr(Key) key = NULL;
  BipeCertificate *found = find_own (crt_path, key_path, now, &key);

  if (found != NULL)
    return found;
  if (key == NULL && (key = make_key (error)) == NULL)
    return NULL;
  return make_own (crt_path, key_path, key, now, error);
}

const guint8 *
bipe_certificate_get_fingerprint (const BipeCertificate *self)
{
  return self->fingerprint;
}

const char *
bipe_certificate_get_fingerprint_text (const BipeCertificate *self)
{
  return self->text;
}

gnutls_certificate_credentials_t
bipe_certificate_get_credentials (const BipeCertificate *self)
{
  return self->credentials;
}

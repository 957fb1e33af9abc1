/* certificate.h: what the server shows of itself over TLS, and the key to it. Immutable.
 *
 * A device that was paired has pinned the certificate by its fingerprint, so the station's own one
 * stays as long as it can: one that names this host is kept when addresses come and go, and who
 * checks names instead of the fingerprint then may find an address missing, which the log says. A
 * new one is made where there is none, where it is broken, where less than 30 days of it are left,
 * where it begins more than a day from now (the clock has jumped), or where the host has another
 * name; with the same key, where that is there. */
#pragma once

#include <glib.h>
#include <gnutls/gnutls.h>

G_BEGIN_DECLS

typedef struct _BipeCertificate BipeCertificate;

/* Of a fingerprint, SHA-256. */
#define BIPE_CERTIFICATE_FINGERPRINT_SIZE 32

/* How long the station's own one counts, in days, and how many of these are left when it is made
 * anew. No more than 825 are believed by some clients. */
#define BIPE_CERTIFICATE_DAYS 824
#define BIPE_CERTIFICATE_DAYS_LEFT 30

/**
 * bipe_certificate_open_own:
 * @folder: keeps it in tls.crt and tls.key, with mode 0600
 * @now: seconds since 1970
 *
 * The station's own, self-signed: made where need be. Blocks.
 *
 * Returns: (nullable): %NULL with BIPE_ERROR_NOT_WRITABLE or BIPE_ERROR_FAILED
 */
BipeCertificate *bipe_certificate_open_own (const char *folder,
                                            gint64 now,
                                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * bipe_certificate_open_given:
 * @certificate: a PEM file, the server's own one and the chain that leads to an authority
 * @key: a PEM file
 * @now: seconds since 1970
 *
 * The administrator's. Blocks.
 *
 * Returns: (nullable): %NULL with BIPE_ERROR_SETTING
 */
BipeCertificate *bipe_certificate_open_given (const char *certificate,
                                              const char *key,
                                              gint64 now,
                                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

BipeCertificate *bipe_certificate_ref (BipeCertificate *self);
void bipe_certificate_unref (BipeCertificate *self);

/* BIPE_CERTIFICATE_FINGERPRINT_SIZE bytes; and as hexadecimal digits in lower case. */
const guint8 *bipe_certificate_get_fingerprint (const BipeCertificate *self);
const char *bipe_certificate_get_fingerprint_text (const BipeCertificate *self);

gnutls_certificate_credentials_t bipe_certificate_get_credentials (const BipeCertificate *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeCertificate, bipe_certificate_unref)

G_END_DECLS

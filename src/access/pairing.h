/* pairing.h: how a device gets its token: the operator has a code shown, the device sends it back
 * with its name and a nonce, both sides show six digits, and the operator, who has compared them,
 * says what the device may do. One code at a time.
 *
 * The digits: HMAC-SHA-256, its key the 16 bytes of the code, over the nonce's bytes and then the
 * 32 of the certificate's fingerprint, shortened as in RFC 4226, section 5.3, to six digits (where
 * it begins is said by the low four bits of the last of the 32 bytes).
 * A device that takes the fingerprint of the certificate it sees so finds out whoever stands in
 * between, and has another one. A page in a browser sees none, and takes the one that the code
 * came with: there the digits tell this device from another that has seen the code, and of
 * whoever stands in between only the browser's own warning tells.
 *
 * Born in the engine's thread-default context, and used there; the …_async functions, and close,
 * may be called from any thread, and finish in the caller's context. */
#pragma once

#include <gio/gio.h>

#include "access/registry.h"

G_BEGIN_DECLS

#define BIPE_TYPE_PAIRING (bipe_pairing_get_type ())
G_DECLARE_FINAL_TYPE (BipePairing, bipe_pairing, BIPE, PAIRING, GObject)

/* Of a code and of a nonce, as they go over the wire: hexadecimal. A nonce has 16 to 32 bytes. */
#define BIPE_PAIRING_CODE_LENGTH 32

/* What the operator shows. @code: 128 random bits; @expires_at: microseconds since 1970 */
typedef struct
{
  char code[BIPE_PAIRING_CODE_LENGTH + 1];
  gint64 expires_at;
} BipePairingOffer;

/* Who asks. @name: what the device calls itself, 1 to 64 characters; @address: from where */
typedef struct
{
  char *name;
  char *address;
  char digits[7];
} BipePairingRequest;

void bipe_pairing_request_free (BipePairingRequest *request);

/* What the device hears. */
typedef enum
{
  BIPE_PAIRING_WAITS,    /* the operator has not decided yet: ask again */
  BIPE_PAIRING_APPROVED, /* with the token, once */
  BIPE_PAIRING_REFUSED,  /* by the operator, or the code is wrong, used up, or over */
} BipePairingOutcome;

BipePairing *bipe_pairing_new (BipeRegistry *registry, BipeClock *clock) G_GNUC_WARN_UNUSED_RESULT;

/* Of the certificate that clients see, 32 bytes; NULL: there is none, and nobody can be paired. */
void bipe_pairing_set_fingerprint (BipePairing *self, GBytes *fingerprint);

/* Whether there is one. */
gboolean bipe_pairing_is_possible (BipePairing *self);

/* Where devices reach the server: URLs as of BipeReach, the best first. */
void bipe_pairing_set_addresses (BipePairing *self, char **addresses);

/* Whether only this machine reaches what @link, or an address, leads to. */
gboolean bipe_pairing_is_local (const char *link);

/* What is shown as a QR code, for each address:
 * "https://192.168.1.20:5000/#pair=CODE&fp=FINGERPRINT", also where that is served without TLS,
 * too. The part behind # goes to no server and into no log. Empty where there is no certificate.
 * Addresses that only this machine reaches are left out where there are others. */
GStrv bipe_pairing_dup_links (BipePairing *self, const char *code) G_GNUC_WARN_UNUSED_RESULT;

/* The operator's side. */

/* A code, in the place of the one before. NULL: BIPE_ERROR_UNAVAILABLE, there is no certificate. */
void bipe_pairing_offer_async (BipePairing *self, GAsyncReadyCallback callback, gpointer user_data);
BipePairingOffer *bipe_pairing_offer_finish (BipePairing *self,
                                             GAsyncResult *result,
                                             GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Somebody asks with the code. NULL: BIPE_ERROR_NOT_FOUND, it is over (its time, too many wrong
 * tries, another code in its place, closed); G_IO_ERROR_CANCELLED. */
void bipe_pairing_await_async (BipePairing *self,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
BipePairingRequest *bipe_pairing_await_finish (BipePairing *self,
                                               GAsyncResult *result,
                                               GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * bipe_pairing_approve_async:
 * @digits: those that the operator has compared
 * @name: (nullable): %NULL: as the device calls itself
 *
 * Gives who asks a token. NULL: BIPE_ERROR_NOT_FOUND, nobody asks any more, or it is another one
 * by now, with other digits; or as registry.h says of an issue. A token that is not fetched while
 * the code lives is revoked.
 */
void bipe_pairing_approve_async (BipePairing *self,
                                 const char *digits,
                                 const char *name,
                                 guint scopes,
                                 gint64 days,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
BipeGrant *bipe_pairing_approve_finish (BipePairing *self,
                                        GAsyncResult *result,
                                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Refuses who asks, and ends the code: at once on the thread of the birth, soon from others. To be
 * called before the last reference goes. */
void bipe_pairing_close (BipePairing *self);

/* The device's side: POST /v1/pair. Asked again with the same code and nonce it waits on. A second
 * device with the code, another nonce, ends it: the code was seen by somebody else. */
void bipe_pairing_ask_async (BipePairing *self,
                             const char *code,
                             const char *nonce,
                             const char *name,
                             const char *address,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);

/* Whether @code is what is shown now. It is no try, and tells nobody anything. Of the engine's
 * thread. */
gboolean bipe_pairing_is_code (BipePairing *self, const char *code);

/* @token, @grant: (out) (nullable): where it is approved. The answer comes when there is one, or
 * after 20 s as WAITS. Of a malformed code, nonce or name: REFUSED with BIPE_ERROR_INVALID; of one
 * that was cancelled: REFUSED with G_IO_ERROR_CANCELLED. */
BipePairingOutcome bipe_pairing_ask_finish (BipePairing *self,
                                            GAsyncResult *result,
                                            char **token,
                                            BipeGrant **grant,
                                            GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipePairingRequest, bipe_pairing_request_free)

G_END_DECLS

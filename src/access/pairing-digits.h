/* pairing-digits.h: what pairing.h says of the six digits, and the bytes that they are made of. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define BIPE_PAIRING_CODE_SIZE 16
#define BIPE_PAIRING_FINGERPRINT_SIZE 32

/* Hexadecimal digits of either case; NULL: they are none, or not @least to @most bytes. */
GBytes *bipe_pairing_read_hex (const char *text, gsize least, gsize most) G_GNUC_WARN_UNUSED_RESULT;

/* @text: of 2 · @size + 1 bytes */
void bipe_pairing_print_hex (const guint8 *bytes, gsize size, char *text);

/* In the same time wherever they differ. */
gboolean bipe_pairing_is_equal (const guint8 *a, const guint8 *b, gsize size);

/* @code, @fingerprint: of the sizes above */
void bipe_pairing_compute_digits (const guint8 *code,
                                  GBytes *nonce,
                                  GBytes *fingerprint,
                                  char digits[7]);

G_END_DECLS

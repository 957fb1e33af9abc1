/* aim.h: AIM symbology identifiers (ISO/IEC 15424), which a scanner may send in front of a code. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * bipe_aim_parse:
 * @code: what a scanner sent
 * @aim: (out): the identifier, "]C1"
 * @rest: (out): what follows it, inside @code
 * @symbology: (out): the symbology's name; static
 *
 * An identifier is `]`, a code character and a modifier, such as `]E0` in `]E04006381333931`. Text
 * that starts with `]` but is none, or that has nothing behind it, is left alone.
 *
 * Returns: whether @code starts with an identifier; if not, nothing is written
 */
gboolean bipe_aim_parse (const char *code, char aim[4], const char **rest, const char **symbology);

G_END_DECLS

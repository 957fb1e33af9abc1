/* token-command.h: `bipe-server token …`: gives out tokens, lists and revokes them. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* token new NAME [--scopes scan,read] [--days N]: prints the token on standard output, and what it
 * is on standard error; token list: a line each, with tabs; token revoke JTI. Where a station runs
 * on the data folder it is asked to, so that it takes effect there at once. @argv: as main() got
 * it.
 *
 * Returns: the exit status: 0, 1 where it failed, 2 for a wrong argument or setting */
int bipe_token_command (int argc, char **argv);

G_END_DECLS

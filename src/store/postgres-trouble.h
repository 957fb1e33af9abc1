/* postgres-trouble.h: why a connection to PostgreSQL does not come about, told from what libpq
 * leaves of it: a message in the language of the server, of libpq or of the system. */
#pragma once

#include <glib.h>
#include <libpq-fe.h>

G_BEGIN_DECLS

typedef enum
{
  BIPE_POSTGRES_TROUBLE_OTHER,
  BIPE_POSTGRES_TROUBLE_REFUSED,         /* nothing listens there */
  BIPE_POSTGRES_TROUBLE_UNREACHABLE,     /* no way to the host */
  BIPE_POSTGRES_TROUBLE_SILENT,          /* no answer in time */
  BIPE_POSTGRES_TROUBLE_NO_TLS,          /* wished for here, and not spoken there */
  BIPE_POSTGRES_TROUBLE_CERTIFICATE,     /* the server's is not trusted here, or ours not there */
  BIPE_POSTGRES_TROUBLE_NOT_LET_IN,      /* the server's rules: this user, from here, as it came */
  BIPE_POSTGRES_TROUBLE_PASSWORD_NEEDED, /* and none was given */
  BIPE_POSTGRES_TROUBLE_PASSWORD_WRONG,  /* or the user does not exist: servers don't say which */
  BIPE_POSTGRES_TROUBLE_NO_DATABASE,
  BIPE_POSTGRES_TROUBLE_NO_RIGHT, /* to connect to it */
  BIPE_POSTGRES_TROUBLE_FULL,     /* all connections are taken */
  BIPE_POSTGRES_TROUBLE_STARTING, /* or stopping */
} BipePostgresTrouble;

/**
 * bipe_postgres_trouble_find:
 * @connection: one that has failed, with PQERRORS_VERBOSE
 * @why: (out): libpq's own line, for people
 */
BipePostgresTrouble bipe_postgres_trouble_find (PGconn *connection, char **why);

/* What to do, to stand behind a message: ". Check …"; or nothing. */
const char *bipe_postgres_trouble_advice (BipePostgresTrouble self);

/* libpq's messages have a line for the fault, and then lines of advice. Before it knows us, a
 * server speaks in an encoding of its own. */
char *bipe_postgres_trouble_dup_first_line (const char *message) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

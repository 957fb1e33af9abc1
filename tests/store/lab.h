/* lab.h: a PostgreSQL server with one database, for tests of what is PostgreSQL's alone. */
#pragma once

#include <libpq-fe.h>

#include "calls.h"
#include "private-postgres.h"

G_BEGIN_DECLS

#define LAB_DATABASE "lab"

extern BipePrivatePostgres *lab_server;
extern guint lab_n_warnings; /* logged so far */

typedef struct
{
  const char *name;
  void (*test) (void);
} LabCase;

/* Runs each case in a new, empty database. For main(). */
int lab_main (int argc, char **argv, const LabCase *cases, gsize n_cases);

/* As the owner of the database, past the store. */
char *lab_run (const char *sql);
void lab_assert_sql (const char *sql, const char *expected);

BipeStore *lab_open_store (void);
BipeStore *lab_open_store_at (const char *url, gboolean has_search_index);
BipeStore *lab_open_store_as (const char *user, gboolean has_search_index);

void lab_assert_ping (BipeStore *store);
void lab_assert_no_ping (BipeStore *store, const char *message);
void lab_assert_written (BipeStore *store, GPtrArray *scans);

/* Another session that holds the table; PQfinish() gives it free. */
PGconn *lab_lock_table (void);

/* The store's sessions that wait for a lock. */
#define LAB_COUNT_WAITING                                                                          \
  "(SELECT count(*) FROM pg_stat_activity"                                                         \
  " WHERE application_name = 'bipe' AND wait_event_type = 'Lock')"

void lab_wait_until_waiting (const char *n);

/* Ends the store's sessions, and returns when they are gone. */
void lab_end_sessions (void);

G_END_DECLS

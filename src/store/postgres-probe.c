#include "config.h"

#include "store/postgres-probe.h"

#include <glib/gi18n-lib.h>

#include "base/error.h"
#include "base/migrations.h"
#include "store/columns.h"
#include "store/postgres-link.h"
#include "store/postgres-values.h"

/* The first with gen_random_uuid() of its own. */
#define VERSION_LEAST 130000

/* For one question. */
#define SECONDS 5

/* Where there are more rows, the database's own estimate will do: counting reads each of them. */
#define COUNTED_MOST 100000

typedef struct
{
  BipePostgresTarget *target;
  BipePostgresLink *link;
  GCancellable *cancellable;
} Probe;

/* NULL: it is not said. */
static const char *
get_value (BipePostgresTarget *target, const char *keyword)
{
  const char *value = NULL;

  for (guint i = 0; i + 1 < target->keywords->len; i++)
    if (g_str_equal (target->keywords->pdata[i], keyword))
      value = target->values->pdata[i];
  return value;
}

static const char *
get_user (BipePostgresTarget *target)
{
  const char *user = get_value (target, "user");

  return user != NULL ? user : g_get_user_name ();
}

static const char *
get_database (BipePostgresTarget *target)
{
  const char *database = get_value (target, "dbname");

  return database != NULL ? database : get_user (target);
}

/* "127.0.0.1:5432". */
static char *
print_place (BipePostgresTarget *target)
{
  const char *host = get_value (target, "host");
  const char *port = get_value (target, "port");

  if (host == NULL || host[0] == '\0')
    host = get_value (target, "hostaddr");
  if (host == NULL || host[0] == '/')
    return g_strdup (_ ("this computer"));
  return g_strdup_printf (strchr (host, ':') != NULL ? "[%s]:%s" : "%s:%s", host,
                          port != NULL ? port : "5432");
}

G_GNUC_PRINTF (2, 3)
static gboolean
fail (GError **error, const char *format, ...)
{
  va_list arguments;
  g_autofree char *message = NULL;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error_literal (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE, message);
  return FALSE;
}

/* --- Connecting --------------------------------------------------------------------------------
 */

/* libpq would do it in a way that nobody can cancel, and tell of it in many ways. */
static gboolean
look_host_up (Probe *self, GError **error)
{
  const char *host = get_value (self->target, "host");
  g_autoptr(GResolver) resolver = g_resolver_get_default ();
  g_autoptr(GError) problem = NULL;
  GList *addresses;

  if (host == NULL || host[0] == '\0' || host[0] == '/' || host[0] == '@'
      || strchr (host, ',') != NULL || get_value (self->target, "hostaddr") != NULL)
    return TRUE;
  addresses = g_resolver_lookup_by_name (resolver, host, self->cancellable, &problem);
  g_resolver_free_addresses (addresses);
  if (problem == NULL)
    return TRUE;
  if (problem->domain != G_RESOLVER_ERROR)
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      return FALSE;
    }
  if (g_error_matches (problem, G_RESOLVER_ERROR, G_RESOLVER_ERROR_TEMPORARY_FAILURE))
    return fail (error,
                 _ ("The host “%s” could not be looked up. Check this computer’s network, or give "
                    "the host’s address instead of its name."),
                 host);
  return fail (error, _ ("There is no host “%s”. Check how it is written."), host);
}

static gboolean
explain_refusal (Probe *self, const GError *problem, GError **error)
{
  g_autofree char *place = print_place (self->target);
  const char *user = get_user (self->target);
  const char *database = get_database (self->target);

  switch (bipe_postgres_link_get_trouble (self->link))
    {
    case BIPE_POSTGRES_TROUBLE_REFUSED:
      /* Translators: %s is a host with a port, or “this computer” */
      return fail (error,
                   _ ("No database listens at %s. Check host and port, and that PostgreSQL runs "
                      "there and takes connections from other computers (listen_addresses)."),
                   place);
    case BIPE_POSTGRES_TROUBLE_UNREACHABLE:
      return fail (error, _ ("There is no way to %s. Check the address and the network."), place);
    case BIPE_POSTGRES_TROUBLE_SILENT:
      return fail (error,
                   _ ("%s does not answer. Check host and port, and that no firewall stands "
                      "between."),
                   place);
    case BIPE_POSTGRES_TROUBLE_NO_TLS:
      return fail (
          error,
          _ ("%s does not offer TLS. Let its administrator switch it on (ssl), or choose a "
             "TLS mode that does without."),
          place);
    case BIPE_POSTGRES_TROUBLE_CERTIFICATE:
      return fail (error,
                   _ ("The certificate of %s could not be verified. Name the file of the authority "
                      "that has signed it (sslrootcert), or choose another TLS mode. %s"),
                   place, problem->message);
    case BIPE_POSTGRES_TROUBLE_PASSWORD_NEEDED:
      return fail (error, _ ("The database wants a password of the user “%s”. Give it here."),
                   user);
    case BIPE_POSTGRES_TROUBLE_PASSWORD_WRONG:
      return fail (error,
                   _ ("The database does not take this password of the user “%s”. Check the "
                      "password and the user’s name."),
                   user);
    case BIPE_POSTGRES_TROUBLE_NOT_LET_IN:
      if (g_strcmp0 (get_value (self->target, "sslmode"), "disable") == 0)
        return fail (error,
                     _ ("The database does not let the user “%s” in from here without TLS. Choose "
                        "a TLS mode, or let its administrator allow it (pg_hba.conf)."),
                     user);
      return fail (error,
                   _ ("The database does not let the user “%s” in from here. Check the user’s "
                      "name, or let its administrator allow it (pg_hba.conf)."),
                   user);
    case BIPE_POSTGRES_TROUBLE_NO_DATABASE:
      return fail (error,
                   _ ("There is no database “%s” at %s. Check its name, or let the administrator "
                      "make it: createdb -O %s %s"),
                   database, place, user, database);
    case BIPE_POSTGRES_TROUBLE_NO_RIGHT:
      return fail (error,
                   _ ("The user “%s” may not connect to the database “%s”. Let its owner allow it: "
                      "GRANT CONNECT ON DATABASE \"%s\" TO \"%s\""),
                   user, database, database, user);
    case BIPE_POSTGRES_TROUBLE_FULL:
      return fail (error,
                   _ ("All connections of %s are taken. Let its administrator raise "
                      "max_connections."),
                   place);
    case BIPE_POSTGRES_TROUBLE_STARTING:
      return fail (error, _ ("%s is just starting or stopping. Try again in a moment."), place);
    case BIPE_POSTGRES_TROUBLE_OTHER:
    default:
      return fail (error, "%s", problem->message);
    }
}

static gboolean
connect_to (Probe *self, GError **error)
{
  g_autoptr(GError) problem = NULL;

  if (bipe_postgres_link_connect (self->link, self->cancellable, &problem))
    return TRUE;
  if (problem->domain == BIPE_ERROR)
    return explain_refusal (self, problem, error);
  g_propagate_error (error, g_steal_pointer (&problem));
  return FALSE;
}

/* --- Looking around ----------------------------------------------------------------------------
 */

/* What the database says of itself: a row of integers. */
typedef enum
{
  IS_READ_ONLY,
  HAS_SCAN,
  HAS_MIGRATIONS,
  N_SCAN_COLUMNS,
  HAS_SEED, /* what seed 000 has left, which is adopted */
  OWNS_SEED,
  HAS_SCHEMA,
  MAY_CREATE,
  MAY_READ_MIGRATIONS,
  MAY_WRITE,
  N_ESTIMATED,
  N_FACTS,
} Fact;

#define QUESTION                                                                                   \
  "SELECT (pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on')::int::bigint,"  \
  " (to_regclass('scan') IS NOT NULL)::int::bigint,"                                               \
  " (to_regclass('bipe_migration') IS NOT NULL)::int::bigint,"                                     \
  " (SELECT count(*) FROM pg_attribute WHERE attrelid = to_regclass('scan') AND attnum > 0"        \
  "  AND NOT attisdropped AND attname = ANY (string_to_array('" BIPE_COLUMNS "', ', '))),"         \
  " (to_regclass('codigo_bipado') IS NOT NULL)::int::bigint,"                                      \
  " coalesce((SELECT pg_has_role(relowner, 'USAGE') FROM pg_class"                                 \
  "  WHERE oid = to_regclass('codigo_bipado')), false)::int::bigint,"                              \
  " (current_schema() IS NOT NULL)::int::bigint,"                                                  \
  " coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)::int::bigint,"               \
  " coalesce(has_table_privilege(to_regclass('bipe_migration'), 'SELECT'), false)::int::bigint,"   \
  " (coalesce(has_table_privilege(to_regclass('scan'), 'SELECT')"                                  \
  "  AND has_table_privilege(to_regclass('scan'), 'INSERT')"                                       \
  "  AND has_table_privilege(to_regclass('scan'), 'UPDATE'), false)"                               \
  "  AND coalesce(has_sequence_privilege(to_regclass('scan_id_seq'), 'USAGE'), true))"             \
  "  ::int::bigint,"                                                                               \
  " coalesce((SELECT reltuples FROM pg_class WHERE oid = to_regclass('scan')), -1)::bigint"

static gboolean
ask (Probe *self, const char *sql, gint64 *facts, guint n_facts, GError **error)
{
  static const BipeParameters none = { 0 };
  const BipePostgresCall call = { "look around in the database", sql, &none, SECONDS };
  g_autoptr(PGresult) result
             = bipe_postgres_link_run (self->link, &call, self->cancellable, error);

  for (guint i = 0; result != NULL && i < n_facts; i++)
    facts[i] = bipe_result_get_integer (result, 0, (int)i);
  return result != NULL;
}

static char *
print_version (int version)
{
  return g_strdup_printf ("%d.%d", version / 10000, version % 10000);
}

static gboolean
check_server (Probe *self, const gint64 *facts, GError **error)
{
  int version = bipe_postgres_link_get_version (self->link);
  g_autofree char *printed = print_version (version);
  g_autofree char *place = print_place (self->target);

  if (version < VERSION_LEAST)
    return fail (error,
                 _ ("The database is PostgreSQL %s, which is too old: Bipe needs version %d or "
                    "newer."),
                 printed, VERSION_LEAST / 10000);
  if (facts[IS_READ_ONLY])
    return fail (error,
                 _ ("The database can only be read: it may be a standby. Give the address of the "
                    "primary instead of %s."),
                 place);
  return TRUE;
}

/* The table is there, or something of its name. */
static gboolean
check_table (Probe *self, const gint64 *facts, GError **error)
{
  g_autoptr(GPtrArray) migrations = bipe_migrations_load ("postgres");
  const char *user = get_user (self->target);
  gint64 version;

  if (!facts[HAS_MIGRATIONS] || facts[N_SCAN_COLUMNS] != BIPE_N_COLUMNS)
    return fail (error,
                 _ ("There is a table “scan” in the database “%s” that is not Bipe’s. Choose "
                    "another database, or another schema for the user “%s”."),
                 get_database (self->target), user);
  if (!facts[MAY_WRITE] || !facts[MAY_READ_MIGRATIONS])
    return fail (error,
                 _ ("The user “%s” may not write scans. Let the owner of the table allow it: GRANT "
                    "SELECT, INSERT, UPDATE ON scan TO \"%s\"; GRANT SELECT ON bipe_migration TO "
                    "\"%s\"; GRANT USAGE ON SEQUENCE scan_id_seq TO \"%s\""),
                 user, user, user, user);
  if (!ask (self, "SELECT coalesce(max(number), 0)::bigint FROM bipe_migration", &version, 1,
            error))
    return FALSE;
  if (version > migrations->len)
    return fail (error, _ ("A newer version of Bipe uses this database. Update this one first."));
  return TRUE;
}

/* The table is to be made. */
static gboolean
check_room (Probe *self, const gint64 *facts, GError **error)
{
  const char *user = get_user (self->target);

  if (!facts[HAS_SCHEMA])
    return fail (error,
                 _ ("There is no schema for the user “%s” to make the table in. Let the owner of "
                    "the database make one: CREATE SCHEMA AUTHORIZATION \"%s\""),
                 user, user);
  if (!facts[MAY_CREATE])
    return fail (error,
                 _ ("The table is not there, and the user “%s” may not make it. Let the owner of "
                    "the database allow it: GRANT CREATE ON SCHEMA public TO \"%s\""),
                 user, user);
  if (facts[HAS_SEED] && !facts[OWNS_SEED])
    return fail (error,
                 _ ("The table “codigo_bipado” is to be taken over, and the user “%s” does not own "
                    "it. Let its owner hand it over: ALTER TABLE codigo_bipado OWNER TO \"%s\""),
                 user, user);
  return TRUE;
}

/* −1: it can't be told in time, and is no reason to warn. */
static gint64
count_rows (Probe *self, const char *table, gint64 n_estimated)
{
  g_autofree char *sql = g_strdup_printf ("SELECT count(*) FROM %s", table);
  gint64 n_rows;

  if (n_estimated > COUNTED_MOST)
    return n_estimated;
  return ask (self, sql, &n_rows, 1, NULL) ? n_rows : -1;
}

static char *
describe_table (Probe *self, const gint64 *facts)
{
  gboolean is_there = facts[HAS_SCAN] != 0;
  gint64 n_rows;
  g_autofree char *number = NULL;

  if (!is_there && !facts[HAS_SEED])
    return g_strdup (_ ("The table will be made."));
  n_rows = count_rows (self, is_there ? "scan" : "codigo_bipado", facts[N_ESTIMATED]);
  if (n_rows < 0)
    return g_strdup (is_there ? _ ("The table is there.") : _ ("Its table will be taken over."));
  number = g_strdup_printf ("%'" G_GINT64_FORMAT, n_rows);
  if (!is_there)
    return g_strdup_printf (ngettext ("The table of an earlier program is there, with %s code, and "
                                      "will be taken over.",
                                      "The table of an earlier program is there, with %s codes, "
                                      "and will be taken over.",
                                      (gulong)n_rows),
                            number);
  /* Translators: %s is a number */
  return g_strdup_printf (ngettext ("The table is there, with %s scan.",
                                    "The table is there, with %s scans.", (gulong)n_rows),
                          number);
}

static char *
describe (Probe *self, const gint64 *facts, gint64 milliseconds)
{
  g_autofree char *version = print_version (bipe_postgres_link_get_version (self->link));
  g_autofree char *place = print_place (self->target);
  g_autofree char *time = g_strdup_printf ("%" G_GINT64_FORMAT, milliseconds);
  g_autofree char *table = describe_table (self, facts);

  /* Translators: a version, a database, a host with a port, a number, and a sentence on the table
   */
  return g_strdup_printf (_ ("PostgreSQL %s, database “%s” at %s: reached in %s ms. %s"), version,
                          get_database (self->target), place, time, table);
}

char *
bipe_postgres_probe (BipePostgresTarget *target, GCancellable *cancellable, GError **error)
{
  g_autoptr(BipePostgresLink) link = bipe_postgres_link_new (target);
  Probe self = { target, link, cancellable };
  gint64 facts[N_FACTS];
  gint64 start, milliseconds;

  if (!look_host_up (&self, error))
    return NULL;
  start = g_get_monotonic_time ();
  if (!connect_to (&self, error))
    return NULL;
  milliseconds = (g_get_monotonic_time () - start) / 1000;
  if (!ask (&self, QUESTION, facts, N_FACTS, error) || !check_server (&self, facts, error)
      || !(facts[HAS_SCAN] ? check_table (&self, facts, error) : check_room (&self, facts, error)))
    return NULL;
  return describe (&self, facts, milliseconds);
}

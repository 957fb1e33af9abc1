#include "config.h"

#include "store/postgres-link.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <string.h>

#include "base/error.h"

/* Looking up the host's name is not part of it: libpq does that blocking, within the limits of the
 * system's resolver. */
#define CONNECT_SECONDS 5

/* How long a statement may take to end once it is cancelled. */
#define DRAIN_SECONDS 2

struct _BipePostgresLink
{
  BipePostgresTarget *target;
  PGconn *connection; /* NULL: down */
  BipePostgresTrouble trouble;
};

BipePostgresLink *
bipe_postgres_link_new (BipePostgresTarget *target)
{
  BipePostgresLink *self = g_new0 (BipePostgresLink, 1);

  self->target = bipe_postgres_target_ref (target);
  return self;
}

void
bipe_postgres_link_drop (BipePostgresLink *self)
{
  g_clear_pointer (&self->connection, PQfinish);
}

void
bipe_postgres_link_free (BipePostgresLink *self)
{
  bipe_postgres_link_drop (self);
  bipe_postgres_target_unref (self->target);
  g_free (self);
}

gboolean
bipe_postgres_link_is_up (BipePostgresLink *self)
{
  GPollFD fd = { .events = G_IO_IN };

  if (self->connection == NULL)
    return FALSE;
  /* A server that goes down says so and closes: unasked, and so to be read while we are idle. */
  fd.fd = PQsocket (self->connection);
  while (g_poll (&fd, 1, 0) > 0)
    if (!PQconsumeInput (self->connection))
      {
        bipe_postgres_link_drop (self);
        return FALSE;
      }
  return TRUE;
}

static gboolean
fail_link (BipePostgresLink *self, const char *what, GError **error)
{
  g_autofree char *why = bipe_postgres_trouble_dup_first_line (PQerrorMessage (self->connection));

  g_set_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE, "cannot %s: %s", what,
               why[0] != '\0' ? why : "the connection to the database is lost");
  bipe_postgres_link_drop (self);
  return FALSE;
}

static gboolean
fail_to_connect (BipePostgresLink *self, GError **error)
{
  g_autofree char *why = NULL;

  self->trouble = bipe_postgres_trouble_find (self->connection, &why);
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE, "%s: %s%s",
               N_ ("cannot connect to the database"), why,
               bipe_postgres_trouble_advice (self->trouble));
  bipe_postgres_link_drop (self);
  return FALSE;
}

/* Waits until the socket is ready. FALSE: the deadline is over, or @cancellable cancelled. */
static gboolean
wait_for_socket (BipePostgresLink *self,
                 GIOCondition events,
                 gint64 deadline,
                 GCancellable *cancellable,
                 GError **error)
{
  GPollFD fds[2] = { { .fd = PQsocket (self->connection), .events = (gushort)events } };
  gboolean has_cancellable = g_cancellable_make_pollfd (cancellable, &fds[1]);
  int n_ready;

  do
    {
      gint64 left = MAX (deadline - g_get_monotonic_time (), 0);

      n_ready = g_poll (fds, has_cancellable ? 2 : 1, (int)((left + 999) / 1000));
    }
  while (n_ready < 0 && errno == EINTR);

  if (has_cancellable)
    g_cancellable_release_fd (cancellable);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (n_ready > 0)
    return TRUE;
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE, "the database does not answer in time");
  return FALSE;
}

static void
ignore_notice (void *data, const PGresult *result)
{
  /* "relation already exists, skipping": libpq would print it. */
}

gboolean
bipe_postgres_link_connect (BipePostgresLink *self, GCancellable *cancellable, GError **error)
{
  gint64 deadline = g_get_monotonic_time () + CONNECT_SECONDS * G_USEC_PER_SEC;
  PostgresPollingStatusType status = PGRES_POLLING_WRITING;

  bipe_postgres_link_drop (self);
  self->trouble = BIPE_POSTGRES_TROUBLE_OTHER;
  self->connection = PQconnectStartParams ((const char *const *)self->target->keywords->pdata,
                                           (const char *const *)self->target->values->pdata, 0);
  if (PQstatus (self->connection) == CONNECTION_BAD)
    return fail_to_connect (self, error);
  /* A refusal then comes with its SQLSTATE, which tells in any language what it is. */
  PQsetErrorVerbosity (self->connection, PQERRORS_VERBOSE);

  while (status != PGRES_POLLING_OK)
    {
      if (!wait_for_socket (self, status == PGRES_POLLING_READING ? G_IO_IN : G_IO_OUT, deadline,
                            cancellable, error))
        {
          self->trouble = BIPE_POSTGRES_TROUBLE_SILENT;
          g_prefix_error (error, "cannot connect to the database: ");
          bipe_postgres_link_drop (self);
          return FALSE;
        }
      status = PQconnectPoll (self->connection);
      if (status == PGRES_POLLING_FAILED)
        return fail_to_connect (self, error);
    }
  PQsetNoticeReceiver (self->connection, ignore_notice, NULL);
  PQsetnonblocking (self->connection, 1);
  return TRUE;
}

BipePostgresTrouble
bipe_postgres_link_get_trouble (BipePostgresLink *self)
{
  return self->trouble;
}

int
bipe_postgres_link_get_version (BipePostgresLink *self)
{
  return PQserverVersion (self->connection);
}

static gpointer
send_cancel (gpointer data)
{
  PGcancel *cancel = data;
  char problem[256];

  PQcancel (cancel, problem, sizeof problem);
  PQfreeCancel (cancel);
  return NULL;
}

/* Reads until the server has nothing more to say about the statement. */
static gboolean
drain (BipePostgresLink *self)
{
  gint64 deadline = g_get_monotonic_time () + DRAIN_SECONDS * G_USEC_PER_SEC;

  for (;;)
    {
      g_autoptr(PGresult) result = NULL;

      while (PQisBusy (self->connection))
        if (!wait_for_socket (self, G_IO_IN, deadline, NULL, NULL)
            || !PQconsumeInput (self->connection))
          return FALSE;
      result = PQgetResult (self->connection);
      if (result == NULL)
        return PQtransactionStatus (self->connection) == PQTRANS_IDLE;
    }
}

/* Ends the statement under way: at the server, so that it holds no lock and does not come through
 * later, and here. PQcancel() blocks, on a connection of its own and for as long as a server hangs:
 * it gets a thread, which is only waited for where the server has shown that it lives. (A cancel
 * that is late would hit the next statement.) */
static void
abandon (BipePostgresLink *self)
{
  PGcancel *cancel = PQgetCancel (self->connection);
  g_autoptr(GThread) thread = NULL;

  if (cancel != NULL)
    thread = g_thread_new ("store-cancel", send_cancel, cancel);
  if (!drain (self))
    bipe_postgres_link_drop (self);
  else if (thread != NULL)
    g_thread_join (g_steal_pointer (&thread));
}

static const struct
{
  const char *sqlstate;
  const char *advice;
} advices[] = {
  { "25006", ". It may be a standby: set database-url to the primary" },
  { "42501", ". Let the owner of the database grant this user the right" },
  { "53100", ". Make room on the disk of the database" },
  { "53300", ". Let the administrator of the database raise max_connections" },
};

/* Classes that speak of the row's content; with all others a retry may help. P0 is what a trigger
 * raises. We send nothing but UTF-8, so 22021 tells of something else in the table, which can be in
 * a database without an encoding (SQL_ASCII). */
static gboolean
is_about_content (const char *sqlstate)
{
  static const char *const classes[] = { "22", "23", "44", "54", "P0" };

  if (g_str_equal (sqlstate, "22021"))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    if (g_str_has_prefix (sqlstate, classes[i]))
      return TRUE;
  return FALSE;
}

static void
fail_result (BipePostgresLink *self, const char *what, const PGresult *result, GError **error)
{
  const char *sqlstate = PQresultErrorField (result, PG_DIAG_SQLSTATE);
  const char *message = PQresultErrorField (result, PG_DIAG_MESSAGE_PRIMARY);
  const char *advice = "";

  /* libpq's own results, of a connection that broke, have no state. */
  if (sqlstate == NULL)
    {
      fail_link (self, what, error);
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (advices); i++)
    if (g_str_equal (advices[i].sqlstate, sqlstate))
      advice = advices[i].advice;

  if (is_about_content (sqlstate))
    g_set_error_literal (error, BIPE_ERROR, BIPE_ERROR_REJECTED, message);
  else
    g_set_error (error, BIPE_ERROR, BIPE_ERROR_UNAVAILABLE, "cannot %s: %s%s", what, message,
                 advice);

  /* After "undefined table" the next connection looks at the schema again. */
  if (PQstatus (self->connection) != CONNECTION_OK
      || PQtransactionStatus (self->connection) != PQTRANS_IDLE || g_str_equal (sqlstate, "42P01"))
    bipe_postgres_link_drop (self);
}

static gboolean
is_failure (const PGresult *result)
{
  ExecStatusType status = PQresultStatus (result);

  return status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK;
}

/* Sends the rest of the request; a server that answers meanwhile is listened to. */
static gboolean
flush (BipePostgresLink *self, gint64 deadline, GCancellable *cancellable, GError **error)
{
  int rest;

  while ((rest = PQflush (self->connection)) > 0)
    {
      if (!wait_for_socket (self, G_IO_IN | G_IO_OUT, deadline, cancellable, error))
        return FALSE;
      if (!PQconsumeInput (self->connection))
        return TRUE; /* collect() meets it again, with what the server had to say */
    }
  return TRUE;
}

/* Reads all results of a request. Returns the last one, or the one that tells of a failure; NULL
 * without @error where the connection broke. */
static PGresult *
collect (BipePostgresLink *self, gint64 deadline, GCancellable *cancellable, GError **error)
{
  g_autoptr(PGresult) last = NULL;

  for (;;)
    {
      g_autoptr(PGresult) result = NULL;

      while (PQisBusy (self->connection))
        {
          if (!wait_for_socket (self, G_IO_IN, deadline, cancellable, error))
            return NULL;
          if (!PQconsumeInput (self->connection))
            break; /* the result will tell */
        }
      result = PQgetResult (self->connection);
      if (result == NULL)
        return g_steal_pointer (&last);
      if (last == NULL || !is_failure (last))
        {
          g_clear_pointer (&last, PQclear);
          last = g_steal_pointer (&result);
        }
    }
}

PGresult *
bipe_postgres_link_run (BipePostgresLink *self,
                        const BipePostgresCall *call,
                        GCancellable *cancellable,
                        GError **error)
{
  gint64 deadline = g_get_monotonic_time () + (gint64)call->seconds * G_USEC_PER_SEC;
  const BipeParameters *parameters = call->parameters;
  g_autoptr(GError) problem = NULL;
  g_autoptr(PGresult) result = NULL;
  int is_sent;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  if (parameters != NULL)
    is_sent = PQsendQueryParams (self->connection, call->sql, parameters->n, parameters->types,
                                 parameters->values, parameters->lengths, parameters->formats, 1);
  else
    is_sent = PQsendQuery (self->connection, call->sql);
  if (is_sent && flush (self, deadline, cancellable, &problem))
    result = collect (self, deadline, cancellable, &problem);

  if (problem != NULL)
    {
      g_propagate_prefixed_error (error, g_steal_pointer (&problem), "cannot %s: ", call->what);
      abandon (self);
      return NULL;
    }
  if (result == NULL)
    {
      fail_link (self, call->what, error);
      return NULL;
    }
  if (is_failure (result))
    {
      fail_result (self, call->what, result, error);
      return NULL;
    }
  return g_steal_pointer (&result);
}

/* database-form.h: a PostgreSQL URL as the fields of a form, and back. A value. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define BIPE_DATABASE_PORT 5432

typedef enum
{
  BIPE_DATABASE_TLS_OFFERED, /* where the server has it */
  BIPE_DATABASE_TLS_ALWAYS,
  BIPE_DATABASE_TLS_TRUSTED, /* and the certificate is checked */
  BIPE_DATABASE_TLS_NEVER,
} BipeDatabaseTls;

/**
 * BipeDatabaseForm:
 * @host: a name or an address; empty: this computer
 * @database: empty: named as the user
 * @user: empty: named as the user of the system
 */
typedef struct
{
  char *host;
  guint16 port;
  char *database;
  char *user;
  BipeDatabaseTls tls;
} BipeDatabaseForm;

/* @url: without a password. NULL: it says more than the fields can. */
BipeDatabaseForm *bipe_database_form_parse (const char *url) G_GNUC_WARN_UNUSED_RESULT;

char *bipe_database_form_print (const BipeDatabaseForm *self);
void bipe_database_form_free (BipeDatabaseForm *self);

/* @url, or text of the form key=value, without its password, which comes apart. @password: NULL
 * where there is none. */
char *bipe_database_form_take_password (const char *url, char **password);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BipeDatabaseForm, bipe_database_form_free)

G_END_DECLS

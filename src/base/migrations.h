/* migrations.h: the numbered SQL files of data/migrations, compiled into the program. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  guint number; /* 1, 2, 3 … */
  char *name;   /* "0001-scan.sql" */
  char *sql;
} BipeMigration;

/**
 * bipe_migrations_load:
 * @dialect: "journal", "sqlite" or "postgres", a folder of data/migrations
 *
 * A gap in the numbers is our own mistake, and ends the process.
 *
 * Returns: (element-type BipeMigration): all of them in order
 */
GPtrArray *bipe_migrations_load (const char *dialect) G_GNUC_WARN_UNUSED_RESULT;

/* A file of that folder that is no numbered migration, such as an index that a setting asks for. */
char *bipe_migrations_load_extra (const char *dialect, const char *name);

G_END_DECLS

/* sqlite.h: a BipeConnection to the embedded store, an SQLite file. */
#pragma once

#include "store/connection.h"

G_BEGIN_DECLS

#define BIPE_TYPE_SQLITE (bipe_sqlite_get_type ())
G_DECLARE_FINAL_TYPE (BipeSqlite, bipe_sqlite, BIPE, SQLITE, GObject)

BipeConnection *bipe_sqlite_new (const char *path) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

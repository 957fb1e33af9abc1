/* format.h: scans, statuses and errors in words, colours and icons, for the templates' closures. */
#pragma once

#include <gtk/gtk.h>

#include "base/scan.h"
#include "base/status.h"

G_BEGIN_DECLS

/* Lets the template of @class name the functions of this file in its closures. */
void bipe_format_bind (GtkWidgetClass *class);

/* @code for the eye: control characters by their names (U+001D as <GS>), those that only change how
 * others are shown by their numbers (<U+202E>), cut after @limit characters. */
char *bipe_format_code (const char *code, glong limit);

/* When @timestamp was, microseconds since 1970: today's times without their date. */
char *bipe_format_moment (gint64 timestamp);

/* On which day. */
char *bipe_format_day (gint64 timestamp);

/* With the locale's thousands separators. */
char *bipe_format_number (gint64 number);

/* What went wrong, in the user's language where it is of a kind we know; then the cause. */
char *bipe_format_error (const GError *error);

/* Why the station can't start, below a heading that says that it can't. @has_chooser: another data
 * folder can be chosen beside it, so that nobody is sent to the command line for that. */
char *bipe_format_failure (const GError *error, gboolean has_chooser);

/* Why the database is away, without the words that say no more than that it is. */
char *bipe_format_store_problem (const char *problem);

G_END_DECLS

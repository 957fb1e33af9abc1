/* log.h: where the program's messages go: a line each on standard error, from a chosen level on. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Bytes of a message. */
#define BIPE_LOG_LENGTH_MAX 2048

/**
 * bipe_log_install:
 * @level: "debug", "info", "warning" or "error"
 *
 * A line is cut behind BIPE_LOG_LENGTH_MAX bytes: what strangers send is in some, and must not fill
 * a disk. Once, before there are threads. GLib's other rules (G_MESSAGES_DEBUG) no longer count.
 */
void bipe_log_install (const char *level);

/* Whether messages of @level are written: spares the making of those that are not. Any thread. */
gboolean bipe_log_wants (GLogLevelFlags level);

G_END_DECLS

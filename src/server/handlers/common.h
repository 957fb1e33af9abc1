/* common.h: what several handlers do alike. */
#pragma once

#include "server/exchange.h"

G_BEGIN_DECLS

/* Appends scans (element-type BipeScan) as a JSON array. */
void bipe_handlers_append_list (GString *out, GPtrArray *scans);

/* For find, void, restore, edit, remove: @user_data is the exchange, whose reference is taken;
 * answers 200 with the record. */
void bipe_handlers_scan_cb (GObject *source, GAsyncResult *result, gpointer user_data);

/* For query and list_queue, likewise with the list. */
void bipe_handlers_scans_cb (GObject *source, GAsyncResult *result, gpointer user_data);

/* A decimal integer of 64 bits, with nothing around it. */
gboolean bipe_handlers_parse_id (const char *text, gint64 *id);

/* The member `reason` of a body: text of 1 to 1,000 characters, or none. */
gboolean bipe_handlers_get_reason (const json_t *object, const char **reason, GError **error);

/* The body as a JSON object; one that is empty where no body is needed and none came. */
json_t *bipe_handlers_parse_object (BipeExchange *exchange,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS

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

/* 201 with @grant, and with the token, which is told this once. */
void bipe_handlers_reply_token (BipeExchange *exchange, const BipeGrant *grant, const char *token);

/* The member `reason` of a body: text of 1 to 1,000 characters, or none. */
gboolean bipe_handlers_get_reason (const json_t *object, const char **reason, GError **error);

/* The members `scopes` and `days` of a body: what a token is to be for, and for how long. @days
 * stays as it is where nobody says. FALSE: BIPE_ERROR_INVALID. */
gboolean
bipe_handlers_get_rights (const json_t *object, guint *scopes, gint64 *days, GError **error);

/* The body as a JSON object; one that is empty where no body is needed and none came. */
json_t *bipe_handlers_parse_object (BipeExchange *exchange,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Takes @body, which the program itself has made and which seldom changes: with a tag by which
 * clients know it again, and get 304. The caller's headers are set before. */
void bipe_handlers_reply_tagged (BipeExchange *exchange, const char *content_type, GString *body);

/* Likewise, with the caller's tag, in its quotes. */
void bipe_handlers_reply_with_tag (BipeExchange *exchange,
                                   const char *tag,
                                   const char *content_type,
                                   GString *body);

/* Whether the client has what has this tag already, and need not get it again. */
gboolean bipe_handlers_is_known (BipeExchange *exchange, const char *tag);

/* @error: NULL: it has been said, and @answer is the answer. Answers @exchange. */
typedef void (*BipeHandlersSaid) (const GError *error, GBytes *answer, BipeExchange *exchange);

/* Says what @body, an order of seed 001, wants said. */
void bipe_handlers_say (BipeExchange *exchange,
                        const json_t *body,
                        GBytes *answer,
                        BipeHandlersSaid said);

G_END_DECLS

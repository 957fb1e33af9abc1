/* docs.c: what this server can be asked: the document for programs (OpenAPI 3.1), and the page for
 * people that is made of it when the program is built. Both name the address that they were asked
 * at, so that a reader's first try works. */
#include "config.h"

#include "api-resource.h"
#include "server/handlers/common.h"
#include "server/handlers/handlers.h"
#include "server/peer.h"

#define FOLDER "/io/github/bipe/api/"

/* What stands in the files in the address's place. */
#define ADDRESS "http://localhost:5000"

#define CONTENT_POLICY                                                                             \
  "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'; " \
  "frame-ancestors 'none'"

/* Asked for by its path: see base/migrations.c for why not by get_resource(). */
static GString *
load (const char *name)
{
  static gsize is_registered;
  g_autofree char *path = g_strconcat (FOLDER, name, NULL);
  g_autoptr(GBytes) bytes = NULL;
  gsize length;
  const char *data;

  if (g_once_init_enter (&is_registered))
    {
      bipe_api_register_resource ();
      g_once_init_leave (&is_registered, 1);
    }
  bytes = g_resources_lookup_data (path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  g_assert (bytes != NULL);
  data = g_bytes_get_data (bytes, &length);
  return g_string_new_len (data, (gssize)length);
}

/* A document that names the address. @digest: of it as it is in the program, a char * once it has
 * been needed: anybody may ask, and it takes longer than all the rest. */
typedef struct
{
  const char *name;
  gsize digest;
} Document;

static Document description = { .name = "openapi.json" };
static Document page = { .name = "docs.html" };

static const char *
get_digest (Document *document, const GString *text)
{
  if (g_once_init_enter (&document->digest))
    g_once_init_leave (&document->digest,
                       (gsize)g_compute_checksum_for_data (G_CHECKSUM_SHA256,
                                                           (const guchar *)text->str, text->len));
  return (const char *)document->digest;
}

/* The header Host has been looked at: letters, digits, and no sign that means anything in JSON or
 * HTML. */
static void
reply_with_address (BipeExchange *exchange, Document *document, const char *content_type)
{
  GString *text = load (document->name);
  const char *host = bipe_exchange_get_header (exchange, "Host");
  gboolean is_secure = bipe_peer_is_secure (bipe_exchange_get_peer (exchange));
  /* HTTP/1.0 needs no Host */
  g_autofree char *address = host != NULL
                                 ? g_strconcat (is_secure ? "https://" : "http://", host, NULL)
                                 : g_strdup (ADDRESS);
  g_autofree char *content = g_strconcat (get_digest (document, text), address, NULL);
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, content, -1);
  g_autofree char *tag = g_strdup_printf ("\"%.32s\"", digest);

  g_string_replace (text, ADDRESS, address, 0);
  bipe_handlers_reply_with_tag (exchange, tag, content_type, text);
}

void
bipe_openapi_get (BipeExchange *exchange)
{
  reply_with_address (exchange, &description, "application/json");
}

static void
set_page_headers (BipeExchange *exchange)
{
  bipe_exchange_set_answer_header (exchange, "Content-Security-Policy", CONTENT_POLICY);
  bipe_exchange_set_answer_header (exchange, "Referrer-Policy", "no-referrer");
}

static void
reply_file (BipeExchange *exchange, const char *content_type, const char *name)
{
  set_page_headers (exchange);
  bipe_handlers_reply_tagged (exchange, content_type, load (name));
}

void
bipe_docs_get (BipeExchange *exchange)
{
  set_page_headers (exchange);
  reply_with_address (exchange, &page, "text/html; charset=utf-8");
}

void
bipe_docs_get_file (BipeExchange *exchange)
{
  const char *name = bipe_exchange_get_variable (exchange);

  if (g_str_equal (name, "docs.css"))
    reply_file (exchange, "text/css; charset=utf-8", "docs.css");
  else if (g_str_equal (name, "docs.js"))
    reply_file (exchange, "text/javascript; charset=utf-8", "docs.js");
  else
    bipe_exchange_refuse (exchange, BIPE_FAULT_NOT_FOUND, "the page has no such file");
}

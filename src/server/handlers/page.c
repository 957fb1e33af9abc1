/* page.c: the page for browsers: plain files that lie inside the program (data/web), each of them
 * named here. It is shown to everybody: what it may do is for the routes that it calls to say. */
#include "config.h"

#include "server/handlers/common.h"
#include "server/handlers/handlers.h"
#include "web-resource.h"

#define FOLDER "/io/github/bipe/web/"

/* Nothing from elsewhere, nothing inline, and no text ever taken for HTML. */
#define CONTENT_POLICY                                                                             \
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "                \
  "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "                 \
  "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

/* The camera's turn comes with its reader in the page. */
#define PERMISSIONS                                                                                \
  "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), hid=()"

#define HTML "text/html; charset=utf-8"
#define SCRIPT "text/javascript; charset=utf-8"

typedef struct
{
  const char *name;
  const char *type;
} File;

static const File front = { "index.html", HTML };

/* Those of the front, at /web/ and their name. */
static const File files[] = {
  { "style.css", "text/css; charset=utf-8" },
  { "manifest.webmanifest", "application/manifest+json" },
  { "icon.svg", "image/svg+xml" },
  { "icon-180.png", "image/png" },
  { "icon-192.png", "image/png" },
  { "icon-512.png", "image/png" },
  { "main.js", SCRIPT },
  { "api.js", SCRIPT },
  { "code.js", SCRIPT },
  { "connection.js", SCRIPT },
  { "device.js", SCRIPT },
  { "dom.js", SCRIPT },
  { "feed.js", SCRIPT },
  { "field.js", SCRIPT },
  { "list.js", SCRIPT },
  { "outbox.js", SCRIPT },
  { "pairing.js", SCRIPT },
  { "row.js", SCRIPT },
  { "sender.js", SCRIPT },
  { "settings.js", SCRIPT },
  { "wait.js", SCRIPT },
  { "words.js", SCRIPT },
  { "words-en.js", SCRIPT },
  { "words-pt.js", SCRIPT },
  { "words-zh.js", SCRIPT },
};

/* Asked for by its path: see base/migrations.c for why not by get_resource(). */
static GBytes *
load (const char *name)
{
  static gsize is_registered;
  g_autofree char *path = g_strconcat (FOLDER, name, NULL);

  if (g_once_init_enter (&is_registered))
    {
      bipe_web_register_resource ();
      g_once_init_leave (&is_registered, 1);
    }
  return g_resources_lookup_data (path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
}

static void
serve (BipeExchange *exchange, const File *file)
{
  g_autoptr(GBytes) bytes = load (file->name);
  gsize length;
  const char *data;

  g_return_if_fail (bytes != NULL);

  data = g_bytes_get_data (bytes, &length);
  bipe_exchange_set_answer_header (exchange, "Content-Security-Policy", CONTENT_POLICY);
  bipe_exchange_set_answer_header (exchange, "Referrer-Policy", "no-referrer");
  bipe_exchange_set_answer_header (exchange, "Permissions-Policy", PERMISSIONS);
  bipe_exchange_set_answer_header (exchange, "Cross-Origin-Opener-Policy", "same-origin");
  bipe_exchange_set_answer_header (exchange, "Cross-Origin-Resource-Policy", "same-origin");
  bipe_handlers_reply_tagged (exchange, file->type, g_string_new_len (data, (gssize)length));
}

void
bipe_page_get (BipeExchange *exchange)
{
  serve (exchange, &front);
}

void
bipe_page_get_file (BipeExchange *exchange)
{
  const char *name = bipe_exchange_get_variable (exchange);

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    if (g_str_equal (files[i].name, name))
      {
        serve (exchange, &files[i]);
        return;
      }
  bipe_exchange_refuse (exchange, BIPE_FAULT_NOT_FOUND, "the page has no such file");
}

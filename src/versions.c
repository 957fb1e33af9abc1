#include "config.h"

#include "versions.h"

#include <gnutls/gnutls.h>
#include <gst/gst.h>
#include <libpq-fe.h>
#include <libsoup/soup.h>
#include <sqlite3.h>

char *
bipe_versions_describe (void)
{
  g_autofree char *gstreamer = gst_version_string ();
  int libpq = PQlibVersion ();

  return g_strdup_printf ("libsoup %u.%u.%u\nGnuTLS %s\n%s\nPostgreSQL client %d.%d\nSQLite %s\n"
                          "built with ZXing-C++ %s, ZBar %s, eSpeak NG %s",
                          soup_get_major_version (), soup_get_minor_version (),
                          soup_get_micro_version (), gnutls_check_version (NULL), gstreamer,
                          libpq / 10000, libpq % 10000, sqlite3_libversion (), BIPE_ZXING_VERSION,
                          BIPE_ZBAR_VERSION, BIPE_ESPEAK_VERSION);
}

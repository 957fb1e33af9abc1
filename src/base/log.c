#include "config.h"

#include "base/log.h"

#include <string.h>
#include <unistd.h>

#include "base/timestamp.h"

static const struct
{
  GLogLevelFlags flag;
  const char *name;
  const char *setting; /* the level that lets this and all above it through */
} levels[] = {
  { G_LOG_LEVEL_ERROR, "FATAL", NULL },          { G_LOG_LEVEL_CRITICAL, "CRITICAL", "error" },
  { G_LOG_LEVEL_WARNING, "WARNING", "warning" }, { G_LOG_LEVEL_MESSAGE, "NOTICE", NULL },
  { G_LOG_LEVEL_INFO, "INFO", "info" },          { G_LOG_LEVEL_DEBUG, "DEBUG", "debug" },
};

static guint wanted = G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING;

gboolean
bipe_log_wants (GLogLevelFlags level)
{
  return (wanted & level) != 0;
}

static const char *
level_name (GLogLevelFlags flags)
{
  for (guint i = 0; i < G_N_ELEMENTS (levels); i++)
    if ((flags & levels[i].flag) != 0)
      return levels[i].name;
  return "NOTICE";
}

static const char *
field (const GLogField *fields, gsize n_fields, const char *key)
{
  for (gsize i = 0; i < n_fields; i++)
    if (g_str_equal (fields[i].key, key) && fields[i].length < 0)
      return fields[i].value;
  return "";
}

static void
append_message (GString *line, const char *message)
{
  gsize length = strlen (message);

  if (length <= BIPE_LOG_LENGTH_MAX)
    {
      g_string_append_len (line, message, (gssize)length);
      return;
    }
  length = BIPE_LOG_LENGTH_MAX;
  while (length > 0 && ((guchar)message[length] & 0xc0) == 0x80) /* not within a character */
    length--;
  g_string_append_len (line, message, (gssize)length);
  g_string_append (line, "…");
}

/* One write for a line, so that threads and processes that share the stream do not mix theirs. A
 * line break inside a message is a foreign one: it must not look like a line of ours. */
static GLogWriterOutput
write_cb (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  char time[BIPE_TIMESTAMP_SIZE];
  g_autoptr(GString) line = NULL;

  if (!bipe_log_wants (level & G_LOG_LEVEL_MASK))
    return G_LOG_WRITER_HANDLED;

  line = g_string_sized_new (256);
  bipe_timestamp_format (g_get_real_time (), time);
  g_string_append_printf (line, "%s %s %s: ", time, level_name (level),
                          field (fields, n_fields, "GLIB_DOMAIN"));
  append_message (line, field (fields, n_fields, "MESSAGE"));
  for (gsize i = 0; i < line->len; i++)
    if ((guchar)line->str[i] < 0x20 || line->str[i] == 0x7f)
      line->str[i] = ' ';
  g_string_append_c (line, '\n');
  if (write (STDERR_FILENO, line->str, line->len) < 0)
    return G_LOG_WRITER_UNHANDLED;
  return G_LOG_WRITER_HANDLED;
}

void
bipe_log_install (const char *level)
{
  wanted = 0;
  for (guint i = 0; i < G_N_ELEMENTS (levels); i++)
    {
      wanted |= levels[i].flag;
      if (g_strcmp0 (levels[i].setting, level) == 0)
        break;
    }
  g_log_set_writer_func (write_cb, NULL, NULL);
}

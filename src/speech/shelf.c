/* shelf.c: the order of use is in memory, and on disk in the files' access times, which are set
 * here whatever the file system does by itself. */
#include "config.h"

#include "speech/shelf.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

#define SUFFIX ".mp3"
#define UNFINISHED ".unfinished-"

typedef struct
{
  char *key;
  gsize size;
  gint64 used; /* while the folder is read: nanoseconds */
} Entry;

struct _BipeShelf
{
  char *folder;
  gsize bytes_max;
  guint files_max;

  GQueue order;       /* of Entry, the most recently used first */
  GHashTable *by_key; /* key → its link in the order */
  gsize n_bytes;
  guint64 n_begun;
};

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_free (entry->key);
  g_free (entry);
}

static gboolean
is_key (const char *text, gsize length)
{
  if (length != BIPE_SHELF_KEY_LENGTH)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isxdigit (text[i]) || g_ascii_isupper (text[i]))
      return FALSE;
  return TRUE;
}

static char *
path_of (BipeShelf *self, const char *key)
{
  return g_strdup_printf ("%s/%s" SUFFIX, self->folder, key);
}

static void
forget (BipeShelf *self, GList *link)
{
  Entry *entry = link->data;

  self->n_bytes -= entry->size;
  g_hash_table_remove (self->by_key, entry->key);
  g_queue_delete_link (&self->order, link);
  entry_free (entry);
}

/* Also the one entry for all that is added. */
static void
remember (BipeShelf *self, const char *key, gsize size)
{
  GList *link = g_hash_table_lookup (self->by_key, key);
  Entry *entry = g_new0 (Entry, 1);

  if (link != NULL)
    forget (self, link);
  entry->key = g_strdup (key);
  entry->size = size;
  g_queue_push_head (&self->order, entry);
  g_hash_table_insert (self->by_key, entry->key, self->order.head);
  self->n_bytes += size;
}

static void
make_room (BipeShelf *self)
{
  while (self->order.length > 1
         && (self->n_bytes > self->bytes_max || self->order.length > self->files_max))
    {
      Entry *oldest = self->order.tail->data;
      g_autofree char *path = path_of (self, oldest->key);

      if (g_unlink (path) < 0 && errno != ENOENT)
        g_warning ("Cannot remove %s: %s", path, g_strerror (errno));
      forget (self, self->order.tail);
    }
}

static int
compare_used (gconstpointer a, gconstpointer b)
{
  const Entry *first = *(Entry *const *)a, *second = *(Entry *const *)b;

  return (first->used > second->used) - (first->used < second->used);
}

static void
read_file (BipeShelf *self, const char *name, GPtrArray *entries)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  gsize length = strlen (name);
  struct stat status;
  Entry *entry;

  if (g_str_has_prefix (name, UNFINISHED))
    g_unlink (path);
  if (!g_str_has_suffix (name, SUFFIX) || !is_key (name, length - strlen (SUFFIX))
      || lstat (path, &status) < 0 || !S_ISREG (status.st_mode))
    return;
  entry = g_new0 (Entry, 1);
  entry->key = g_strndup (name, length - strlen (SUFFIX));
  entry->size = (gsize)status.st_size;
  entry->used = status.st_atim.tv_sec * G_GINT64_CONSTANT (1000000000) + status.st_atim.tv_nsec;
  g_ptr_array_add (entries, entry);
}

static void
read_folder (BipeShelf *self, GDir *dir)
{
  g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func (entry_free);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    read_file (self, name, entries);
  g_ptr_array_sort (entries, compare_used);
  for (guint i = 0; i < entries->len; i++)
    remember (self, ((Entry *)entries->pdata[i])->key, ((Entry *)entries->pdata[i])->size);
  make_room (self);
}

BipeShelf *
bipe_shelf_open (const char *folder, gsize bytes_max, guint files_max, GError **error)
{
  g_autoptr(GError) problem = NULL;
  g_autoptr(GDir) dir = NULL;
  BipeShelf *self;

  if (g_mkdir_with_parents (folder, 0700) < 0)
    {
      g_set_error (error, BIPE_ERROR, BIPE_ERROR_NOT_WRITABLE, "cannot make the folder %s: %s",
                   folder, g_strerror (errno));
      return NULL;
    }
  dir = g_dir_open (folder, 0, &problem);
  if (dir == NULL)
    {
      g_set_error (error, BIPE_ERROR, BIPE_ERROR_NOT_WRITABLE, "cannot read the folder: %s",
                   problem->message);
      return NULL;
    }
  self = g_new0 (BipeShelf, 1);
  self->folder = g_strdup (folder);
  self->bytes_max = bytes_max;
  self->files_max = files_max;
  g_queue_init (&self->order);
  self->by_key = g_hash_table_new (g_str_hash, g_str_equal);
  read_folder (self, dir);
  return self;
}

void
bipe_shelf_free (BipeShelf *self)
{
  g_hash_table_unref (self->by_key);
  g_queue_clear_full (&self->order, entry_free);
  g_free (self->folder);
  g_free (self);
}

char *
bipe_shelf_find (BipeShelf *self, const char *key)
{
  static const struct timespec now[2] = { { .tv_nsec = UTIME_NOW }, { .tv_nsec = UTIME_OMIT } };
  GList *link = g_hash_table_lookup (self->by_key, key);
  g_autofree char *path = NULL;

  if (link == NULL)
    return NULL;
  path = path_of (self, key);
  if (utimensat (AT_FDCWD, path, now, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT)
    {
      forget (self, link);
      return NULL;
    }
  g_queue_unlink (&self->order, link);
  g_queue_push_head_link (&self->order, link);
  return g_steal_pointer (&path);
}

static gboolean
fail (GError **error)
{
  g_set_error (error, BIPE_ERROR, BIPE_ERROR_FULL, "cannot keep the speech: %s",
               g_strerror (errno));
  return FALSE;
}

static char *
dup_unfinished (BipeShelf *self)
{
  return g_strdup_printf ("%s/" UNFINISHED "%" G_GUINT64_FORMAT, self->folder, self->n_begun++);
}

int
bipe_shelf_begin (BipeShelf *self, char **path, GError **error)
{
  g_autofree char *unfinished = dup_unfinished (self);
  int fd = open (unfinished, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

  if (fd < 0)
    fail (error);
  else
    *path = g_steal_pointer (&unfinished);
  return fd;
}

gboolean
bipe_shelf_put (BipeShelf *self, const char *path, const char *key, GError **error)
{
  g_autofree char *target = path_of (self, key);
  struct stat status;

  if (lstat (path, &status) < 0 || g_rename (path, target) < 0)
    return fail (error);
  remember (self, key, (gsize)status.st_size);
  make_room (self);
  return TRUE;
}

gboolean
bipe_shelf_link (BipeShelf *self, const char *path, const char *key, GError **error)
{
  g_autofree char *unfinished = dup_unfinished (self);
  gboolean is_put;

  if (link (path, unfinished) < 0)
    return fail (error);
  is_put = bipe_shelf_put (self, unfinished, key, error);
  /* A rename to a name that the file has already leaves both. */
  g_unlink (unfinished);
  return is_put;
}

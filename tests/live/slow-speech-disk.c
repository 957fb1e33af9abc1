/* slow-speech-disk.c: preloaded, it makes all that is done with the files of a data folder's speech
 * take as long as on a disk that is very slow; and where the program's first thread, which serves
 * everybody, is the one that waits, it says so. */
#define _GNU_SOURCE
#undef _FILE_OFFSET_BITS
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DISK_MICROSECONDS 100000

static void
wait_for (const char *call, const char *path)
{
  if (path == NULL || strstr (path, "/speech/") == NULL)
    return;
  if (gettid () == getpid ())
    dprintf (STDERR_FILENO, "The first thread waits for the disk: %s %s\n", call, path);
  usleep (DISK_MICROSECONDS);
}

#define NEXT(name) ((__typeof__ (&name))dlsym (RTLD_NEXT, #name))

#define DEFINE_OPEN(name)                                                                          \
  int name (const char *path, int flags, ...)                                                      \
  {                                                                                                \
    va_list arguments;                                                                             \
    mode_t mode;                                                                                   \
                                                                                                   \
    va_start (arguments, flags);                                                                   \
    mode = va_arg (arguments, mode_t);                                                             \
    va_end (arguments);                                                                            \
    wait_for (#name, path);                                                                        \
    return NEXT (name) (path, flags, mode);                                                        \
  }

DEFINE_OPEN (open)
DEFINE_OPEN (open64)

int
rename (const char *from, const char *to)
{
  wait_for ("rename", from);
  return NEXT (rename) (from, to);
}

int
link (const char *from, const char *to)
{
  wait_for ("link", from);
  return NEXT (link) (from, to);
}

int
unlink (const char *path)
{
  wait_for ("unlink", path);
  return NEXT (unlink) (path);
}

int
lstat (const char *path, struct stat *status)
{
  wait_for ("lstat", path);
  return NEXT (lstat) (path, status);
}

int
lstat64 (const char *path, struct stat64 *status)
{
  wait_for ("lstat64", path);
  return NEXT (lstat64) (path, status);
}

int
utimensat (int folder, const char *path, const struct timespec times[2], int flags)
{
  wait_for ("utimensat", path);
  return NEXT (utimensat) (folder, path, times, flags);
}

int
mkdir (const char *path, mode_t mode)
{
  wait_for ("mkdir", path);
  return NEXT (mkdir) (path, mode);
}

DIR *
opendir (const char *path)
{
  wait_for ("opendir", path);
  return NEXT (opendir) (path);
}

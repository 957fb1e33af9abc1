/* slow-sync.c: preloaded, it makes every fsync take as long as on a disk that is slow: 20 ms. */
#include <unistd.h>

#define SYNC_MICROSECONDS 20000

/* Nothing is kept for good in a test, so it is only the time that counts. */
int
fsync (int fd)
{
  (void)fd;
  return usleep (SYNC_MICROSECONDS);
}

int
fdatasync (int fd)
{
  return fsync (fd);
}

/* jump-clock.c: preloaded, it lets the wall clock jump: by 121 s with each SIGUSR1. */
#define _GNU_SOURCE /* RTLD_NEXT */
#include <dlfcn.h>
#include <signal.h>
#include <stddef.h>
#include <sys/time.h>
#include <time.h>

#define JUMP_SECONDS 121

static volatile sig_atomic_t ahead;

static void
jump_cb (int number)
{
  (void)number;
  ahead += JUMP_SECONDS;
}

__attribute__ ((constructor)) static void
install (void)
{
  signal (SIGUSR1, jump_cb);
}

int
clock_gettime (clockid_t clock, struct timespec *time)
{
  static int (*real) (clockid_t, struct timespec *);
  int result;

  if (real == NULL)
    real = (int (*) (clockid_t, struct timespec *))dlsym (RTLD_NEXT, "clock_gettime");
  result = real (clock, time);
  if (result == 0 && clock == CLOCK_REALTIME)
    time->tv_sec += ahead;
  return result;
}

int
gettimeofday (struct timeval *restrict time, void *restrict zone)
{
  struct timespec now;

  (void)zone;
  if (clock_gettime (CLOCK_REALTIME, &now) != 0)
    return -1;
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1000;
  return 0;
}

/* quark-leak.c: GLib makes its table of quarks before main(), and forgets it on purpose when it
 * grows, which GStreamer's many names bring about. LeakSanitizer is to overlook that one block; it
 * can't be told its name, since Debian's GLib is built without frame pointers. */
#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__
#endif
#endif

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>

/* Before the constructors of all libraries. */
static void
overlook (int argc, char **argv, char **environment)
{
  __lsan_disable ();
}

__attribute__ ((section (".preinit_array"),
                used)) static void (*const first) (int, char **, char **)
    = overlook;

/* The program's own constructors are the last. */
__attribute__ ((constructor)) static void
look (void)
{
  __lsan_enable ();
}
#endif

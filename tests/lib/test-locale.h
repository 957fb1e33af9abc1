/* test-locale.h: a locale in which every C library translates. */
#pragma once

/* C.UTF-8, which is always there, by another name: in that one newer C libraries translate nothing.
 * The language is LANGUAGE's. */
void test_locale_use (void);

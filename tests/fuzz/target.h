/* target.h: what a fuzz target is. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* libFuzzer's name for it. Ends the process where something is not as it must be. */
int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

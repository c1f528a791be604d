/* Which symbols a shared object exports. For the conformance kit only. */
#ifndef NURTURE_CHANNEL_SYMBOLS_H
#define NURTURE_CHANNEL_SYMBOLS_H

#include "base/error.h"

/* Counts the defined symbols of a 64-bit ELF file that others can bind to, but for those of the linker (they begin with _);
 * `other` is the name of one that is not `wanted`, or "". -1: the file is not one. */
int channel_symbols(const char *path, const char *wanted, char other[128], struct error *error) MUST_USE;

#endif

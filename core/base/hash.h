/* Hashes and random numbers, by libsodium. */
#ifndef NURTURE_BASE_HASH_H
#define NURTURE_BASE_HASH_H

#include "base/str.h"

#include <stddef.h>
#include <stdint.h>

enum { HASH_SHA256 = 32, HASH_HEX = 65 };

void hash_sha256(struct str data, unsigned char out[HASH_SHA256]);
/* Small letters, with NUL: 2 * n + 1 bytes. */
char *hash_hex(const unsigned char *bytes, size_t n, char *out);
uint64_t hash_seeded(struct str data); /* SipHash-2-4, seed of this process: for tables only, never stored */
uint64_t hash_stable(struct str data); /* the same for ever, on every machine: for sticky splits; not secret */
void hash_random(void *out, size_t n);  /* from the kernel */
uint64_t hash_random_u64(void);

#endif

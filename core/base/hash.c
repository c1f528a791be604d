/* libsodium behind the names of this house. */
#include "base/hash.h"

#include <sodium.h>
#include <stdlib.h>

static void ready(void)
{
	static bool done;
	if (!done && sodium_init() < 0)
		abort();
	done = true;
}

void hash_sha256(struct str data, unsigned char out[HASH_SHA256])
{
	ready();
	crypto_hash_sha256(out, (const unsigned char *)data.p, data.n);
}

char *hash_hex(const unsigned char *bytes, size_t n, char *out)
{
	return sodium_bin2hex(out, 2 * n + 1, bytes, n);
}

static uint64_t siphash(struct str data, const unsigned char key[crypto_shorthash_KEYBYTES])
{
	uint64_t out = 0;
	crypto_shorthash((unsigned char *)&out, (const unsigned char *)data.p, data.n, key);
	return out;
}

uint64_t hash_seeded(struct str data)
{
	static unsigned char key[crypto_shorthash_KEYBYTES];
	static bool seeded;
	if (!seeded) {
		hash_random(key, sizeof key);
		seeded = true;
	}
	return siphash(data, key);
}

uint64_t hash_stable(struct str data)
{
	static const unsigned char key[crypto_shorthash_KEYBYTES] = {0};
	return siphash(data, key);
}

void hash_random(void *out, size_t n)
{
	ready();
	randombytes_buf(out, n);
}

uint64_t hash_random_u64(void)
{
	uint64_t v = 0;
	hash_random(&v, sizeof v);
	return v;
}

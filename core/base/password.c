/* Passwords by argon2id with libsodium's interactive costs. Where there is no hash to look at, one of random bytes is looked at instead, so that an unknown
 * name costs what a known one costs. */
#include "base/password.h"

#include "base/hash.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

_Static_assert(PASSWORD_HASH >= crypto_pwhash_STRBYTES, "libsodium's text fits");

static char nobodys[PASSWORD_HASH];
static pthread_once_t made = PTHREAD_ONCE_INIT;

static bool is_one_letter(struct str s)
{
	for (size_t i = 1; i < s.n; i++)
		if (s.p[i] != s.p[0])
			return false;
	return true;
}

int password_check(struct str password, const char *name, struct error *error)
{
	if (password.n < PASSWORD_LEAST || password.n > PASSWORD_MOST)
		return error_set(error, ERROR_INVALID, "password", "a password has %d to %d bytes.", PASSWORD_LEAST, PASSWORD_MOST);
	if (!str_is_text(password))
		return error_set(error, ERROR_INVALID, "password", "a password is UTF-8 text without control characters.");
	if (is_one_letter(password) || str_same_nocase(password, str_of(name)))
		return error_set(error, ERROR_INVALID, "password", "a password is neither its person's name nor one letter again and again.");
	return 0;
}

int password_hash(struct str password, char out[PASSWORD_HASH])
{
	return crypto_pwhash_str_alg(out, password.p, password.n, crypto_pwhash_OPSLIMIT_INTERACTIVE, crypto_pwhash_MEMLIMIT_INTERACTIVE,
				     crypto_pwhash_ALG_ARGON2ID13);
}

static void make_nobodys(void)
{
	char random[32];
	hash_random(random, sizeof random);
	if (password_hash((struct str){random, sizeof random}, nobodys))
		nobodys[0] = '\0';
}

bool password_is(const char *hash, struct str password)
{
	bool known = hash && *hash;
	pthread_once(&made, make_nobodys);
	return crypto_pwhash_str_verify(known ? hash : nobodys, password.p ? password.p : "", password.n) == 0 && known;
}

/* What stays is a list: an entry is a name, or with a * the beginning of one. Called between fork and exec (or in a child that loads a
 * plugin): it changes only what the process has already. What it says always holds for the children of that child too. */
#include "base/environment.h"

#include <fnmatch.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

/* Programs, language, time and home; libpq, TLS and Kerberos; the loader (LD_…) and those who look for faults of ours. */
static const char *const needed[] = {"PATH=*",     "LANG=*",   "LANGUAGE=*", "LC_*",     "TZ=*",      "TZDIR=*",     "HOME=*",          "TMPDIR=*",
				     "PG*",        "SSL_CERT_*", "OPENSSL_CONF=*", "KRB5*", "LD_*",    "MALLOC_*",    "GLIBC_TUNABLES=*", "ASAN_*",
				     "UBSAN_*",    "LSAN_*",   "FAKETIME*",  "DONT_FAKE_*"};

static bool is_needed(const char *entry)
{
	for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
		if (fnmatch(needed[i], entry, 0) == 0)
			return true;
	return false;
}

void environment_reduce(void)
{
	char **kept = environ;
	for (char **entry = environ; entry && *entry; entry++) {
		if (is_needed(*entry))
			*kept++ = *entry;
		else
			explicit_bzero(*entry, strlen(*entry));
	}
	if (kept)
		*kept = NULL;
}

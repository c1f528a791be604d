/* Providers and patterns: see providers.h. Sources: the providers' own pages on their mailbox domains; providers of less than a per cent of usual lists are
 * not worth a row. */
#include "providers.h"

#include <glib.h>
#include <string.h>

static const struct {
	const char *name;
	const char *const patterns[12];
} providers[] = {
	{"google", {"gmail.com", "googlemail.com"}},
	{"microsoft", {"outlook.*", "hotmail.*", "live.*", "msn.com", "passport.com", "windowslive.com"}},
	{"yahoo", {"yahoo.*", "ymail.com", "rocketmail.com", "myyahoo.com", "aol.*", "aim.com", "verizon.net", "netscape.net"}},
	{"apple", {"icloud.com", "me.com", "mac.com"}},
	{"gmx", {"gmx.*", "web.de", "mail.com", "1und1.de"}},
	{"telekom", {"t-online.de", "magenta.de"}},
	{"comcast", {"comcast.net", "xfinity.com"}},
	{"orange", {"orange.fr", "wanadoo.fr"}},
	{"proton", {"proton.me", "protonmail.com", "protonmail.ch", "pm.me"}},
	{"yandex", {"yandex.*", "ya.ru"}},
	{"mail.ru", {"mail.ru", "bk.ru", "inbox.ru", "list.ru"}},
	{"qq", {"qq.com", "foxmail.com"}},
	{"netease", {"163.com", "126.com", "yeah.net"}},
	{"other", {NULL}},
};
enum { COUNT = sizeof providers / sizeof *providers };
_Static_assert((int)COUNT <= (int)PROVIDERS_MAX, "counters have a place for each");

unsigned provider_count(void)
{
	return COUNT;
}

const char *provider_name(unsigned provider)
{
	return providers[provider < COUNT ? provider : COUNT - 1].name;
}

bool provider_is_large(unsigned provider)
{
	return provider < COUNT - 1;
}

/* "outlook.*": one label and an ending of one or two: outlook.com, yahoo.co.uk. */
static bool fits_any_ending(const char *stem, size_t n, const char *domain)
{
	const char *ending = domain + n;
	if (strncmp(stem, domain, n) != 0 || !*ending)
		return false;
	const char *dot = strchr(ending, '.');
	return !dot || (strlen(ending) <= 6 && !strchr(dot + 1, '.'));
}

static bool fits_plain(const char *pattern, const char *domain)
{
	size_t n = strlen(pattern), m = strlen(domain);
	if (n > 2 && !strcmp(pattern + n - 2, ".*"))
		return fits_any_ending(pattern, n - 1, domain);
	if (n > 2 && !strncmp(pattern, "*.", 2))
		return !strcmp(domain, pattern + 2) || (m > n - 1 && !strcmp(domain + m - (n - 1), pattern + 1));
	return !strcmp(pattern, domain);
}

unsigned provider_of(const char *domain)
{
	for (unsigned i = 0; i + 1 < COUNT; i++)
		for (unsigned j = 0; j < G_N_ELEMENTS(providers[i].patterns) && providers[i].patterns[j]; j++)
			if (*providers[i].patterns[j] == *domain && fits_plain(providers[i].patterns[j], domain)) /* none of them begins with a * */
				return i;
	return COUNT - 1;
}

bool domain_fits(const char *pattern, const char *domain)
{
	for (unsigned i = 0; i < COUNT; i++)
		if (!strcmp(pattern, providers[i].name))
			return provider_of(domain) == i;
	return fits_plain(pattern, domain);
}

const char *domain_pattern_problem(const char *pattern)
{
	for (unsigned i = 0; i < COUNT; i++)
		if (!strcmp(pattern, providers[i].name))
			return NULL;
	const char *begin = g_str_has_prefix(pattern, "*.") ? pattern + 2 : pattern;
	size_t n = strlen(begin), body = g_str_has_suffix(begin, ".*") ? n - 2 : n;
	if (begin != pattern && body != n)
		return "a pattern has one *";
	if (!body || strspn(begin, "abcdefghijklmnopqrstuvwxyz0123456789.-") < body || begin[0] == '.' || begin[0] == '-')
		return "write a domain in small letters (in its ASCII form), \"*.domain\", \"name.*\" or a provider (google, microsoft, yahoo, apple …)";
	if (begin == pattern && body == n && !strchr(begin, '.'))
		return "this is neither a domain nor one of the providers google, microsoft, yahoo, apple, gmx, telekom, comcast, orange, proton, yandex, mail.ru, qq, netease, other";
	return NULL;
}

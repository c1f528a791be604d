/* Evaluates a record: see spf.h. Macros (%{…}) are not expanded: what holds one matches nothing. */
#include "spf.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOOKUPS_MOST = 10, DEEPEST = 10 };

struct asking {
	struct dns *dns;
	struct spf *spf;
	const unsigned char *address;
	size_t size;
	int depth;
};

static enum spf_result evaluate(struct asking *a, const char *domain, char **record);

static enum spf_result broken(struct asking *a, const char *domain, const char *why)
{
	if (!a->spf->why[0])
		snprintf(a->spf->why, sizeof a->spf->why, "%.180s: %.100s", domain, why);
	return SPF_BROKEN;
}

static bool costs(struct asking *a)
{
	return ++a->spf->lookups <= LOOKUPS_MOST;
}

/* ip4:192.0.2.0/24, ip6:2001:db8::/32 */
static bool matches_ip(const struct asking *a, const char *text, int family)
{
	unsigned char wanted[16];
	char *address = g_strdup(text), *slash = strchr(address, '/');
	size_t size = family == AF_INET ? 4 : 16;
	unsigned bits = slash ? (unsigned)strtoul(slash + 1, NULL, 10) : (unsigned)size * 8;
	if (slash)
		*slash = '\0';
	bool good = a->size == size && bits <= size * 8 && inet_pton(family, address, wanted) == 1;
	g_free(address);
	if (!good)
		return false;
	unsigned whole = bits / 8, rest = bits % 8;
	return !memcmp(wanted, a->address, whole) && (!rest || (wanted[whole] ^ a->address[whole]) >> (8 - rest) == 0);
}

/* a, a:domain, a/24, mx:domain/24//64 */
static bool matches_hosts(struct asking *a, const char *domain, const char *text, bool mx)
{
	unsigned bits = (unsigned)a->size * 8;
	char *own = g_strdup(text), *slash = strchr(own, '/');
	if (slash) {
		const char *six = strstr(slash, "//");
		if (a->size == 16 ? six != NULL : slash[1] != '/')
			bits = MIN(bits, (unsigned)strtoul(a->size == 16 ? six + 2 : slash + 1, NULL, 10));
		*slash = '\0';
	}
	const char *name = *own == ':' ? own + 1 : domain;
	GPtrArray *hosts = NULL;
	bool found = false;
	if (a->size && mx && dns_exchangers(a->dns, name, &hosts) == DNS_FOUND)
		for (size_t i = 0; i < hosts->len && i < 10 && !found; i++)
			found = dns_has_address(a->dns, hosts->pdata[i], a->address, a->size, bits);
	else if (a->size && !mx)
		found = dns_has_address(a->dns, name, a->address, a->size, bits);
	if (hosts)
		g_ptr_array_unref(hosts);
	g_free(own);
	return found;
}

/* One term: 1 = it matches, 0 = not, -1 = broken. */
static int term_matches(struct asking *a, const char *domain, const char *term)
{
	char *record = NULL;
	if (!g_ascii_strcasecmp(term, "all"))
		return 1;
	if (!g_ascii_strncasecmp(term, "ip4:", 4))
		return matches_ip(a, term + 4, AF_INET);
	if (!g_ascii_strncasecmp(term, "ip6:", 4))
		return matches_ip(a, term + 4, AF_INET6);
	bool include = !g_ascii_strncasecmp(term, "include:", 8), mx = !g_ascii_strncasecmp(term, "mx", 2) && strchr(":/", term[2]);
	bool host = (*term | 0x20) == 'a' && strchr(":/", term[1]), other = !g_ascii_strncasecmp(term, "ptr", 3) || !g_ascii_strncasecmp(term, "exists:", 7);
	if (!include && !mx && !host && !other)
		return broken(a, domain, term), -1;
	if (!costs(a))
		return broken(a, domain, "the record asks for more than 10 look-ups"), -1;
	if (mx || host)
		return matches_hosts(a, domain, term + (mx ? 2 : 1), mx);
	if (other)
		return 0;
	enum spf_result inner = evaluate(a, term + 8, &record);
	g_free(record);
	if (inner == SPF_NONE)
		return broken(a, term + 8, "it is included and has no SPF record"), -1;
	return inner == SPF_BROKEN || inner == SPF_UNREACHABLE ? -1 : inner == SPF_PASS;
}

static enum spf_result walk(struct asking *a, const char *domain, const char *record)
{
	static const enum spf_result results[] = {['+'] = SPF_PASS, ['-'] = SPF_FAIL, ['~'] = SPF_SOFTFAIL, ['?'] = SPF_NEUTRAL};
	char **terms = g_strsplit(record, " ", 0), *redirect = NULL, *inner = NULL;
	enum spf_result result = SPF_NEUTRAL;
	bool over = false;
	for (size_t i = 1; terms[i] && !over; i++) {
		char mark = terms[i][0] && strchr("+-~?", terms[i][0]) ? terms[i][0] : '\0';
		const char *term = terms[i] + (mark != '\0');
		bool redirects = !g_ascii_strncasecmp(term, "redirect=", 9);
		if (redirects && redirect) {
			result = broken(a, domain, "it has more than one redirect=");
			over = true;
		} else if (redirects) {
			redirect = g_strdup(term + 9);
		}
		if (!*term || strchr(term, '='))
			continue;
		int matches = term_matches(a, domain, term);
		over = matches != 0;
		result = matches < 0 ? SPF_BROKEN : over ? results[(unsigned char)(mark ? mark : '+')] : result;
	}
	if (!over && redirect)
		result = costs(a) ? evaluate(a, redirect, &inner) : broken(a, domain, "the record asks for more than 10 look-ups");
	if (!over && redirect && result == SPF_NONE)
		result = broken(a, redirect, "the record is to be read there, and there is none"); /* section 6.1 */
	g_free(inner);
	g_free(redirect);
	g_strfreev(terms);
	return result;
}

static enum spf_result evaluate(struct asking *a, const char *domain, char **record)
{
	GPtrArray *texts;
	enum dns_answer answer = dns_texts(a->dns, domain, "v=spf1", &texts);
	enum spf_result result = answer == DNS_FAILED ? SPF_UNREACHABLE : SPF_NONE;
	if (answer == DNS_FOUND && texts->len > 1)
		result = broken(a, domain, "it has more than one SPF record");
	else if (answer == DNS_FOUND && a->depth >= DEEPEST)
		result = broken(a, domain, "records include one another too deep");
	else if (answer == DNS_FOUND) {
		*record = g_strdup(texts->pdata[0]);
		a->depth++;
		result = walk(a, domain, *record);
		a->depth--;
	}
	g_ptr_array_unref(texts);
	return result;
}

enum spf_result spf_check(struct dns *dns, const char *domain, const unsigned char *address, size_t size, struct spf *out)
{
	*out = (struct spf){0};
	struct asking a = {.dns = dns, .spf = out, .address = address, .size = size};
	return evaluate(&a, domain, &out->record);
}

void spf_fini(struct spf *spf)
{
	g_free(spf->record);
	spf->record = NULL;
}

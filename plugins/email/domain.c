/* nurture email check-domain: what mailboxes will find of a sender's domain in the DNS (SPF, DKIM, DMARC), whether it is aligned with `from`, and what to write there. Called by
 * command.c; blocks. Says each thing in a line that begins with ok, note or FAIL. */
#include "command.h"
#include "spf.h"

#include <arpa/inet.h>
#include <libpsl.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

struct checking {
	const struct settings *settings;
	struct dns dns;
	const char *domain; /* of the From address: what people see, and what DMARC judges by */
	char dmarc_spf, dmarc_dkim; /* 'r' or 's': how strict its alignment is */
	bool signed_well;
	GString *out;
	bool failed;
};

__attribute__((format(printf, 3, 4))) static void say(struct checking *c, const char *how, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	g_string_append_printf(c->out, "%-5s ", how);
	g_string_append_vprintf(c->out, fmt, args);
	g_string_append_c(c->out, '\n');
	va_end(args);
	c->failed |= *how == 'F';
}

static const char *organisation(const char *domain)
{
	const char *found = psl_registrable_domain(psl_builtin(), domain);
	return found ? found : domain;
}

static bool aligned(const char *one, const char *other, char how)
{
	return how == 's' ? !g_ascii_strcasecmp(one, other) : !g_ascii_strcasecmp(organisation(one), organisation(other));
}

/* ---- DMARC, which says how strict the others must be ---- */

/* "p=" of "v=DMARC1; p=none; rua=…", in out. */
static bool tag(const char *record, const char *name, char out[128])
{
	char **parts = g_strsplit(record, ";", 0);
	bool found = false;
	for (size_t i = 0; parts[i] && !found; i++) {
		const char *part = g_strstrip(parts[i]);
		size_t n = strlen(name);
		if ((found = !g_ascii_strncasecmp(part, name, n) && part[n] == '='))
			g_strlcpy(out, part + n + 1, 128);
	}
	g_strfreev(parts);
	return found;
}

static char *find_dmarc(struct checking *c, bool *failed)
{
	const char *places[] = {c->domain, organisation(c->domain)};
	char *record = NULL;
	*failed = false;
	for (size_t i = 0; i < 2 && !record && !(i && places[1] == places[0]); i++) {
		GPtrArray *texts;
		char *name = g_strdup_printf("_dmarc.%s", places[i]);
		*failed |= dns_texts(&c->dns, name, "v=DMARC1", &texts) == DNS_FAILED;
		if (texts->len > 1)
			say(c, "FAIL", "DMARC: %s has %u records; with more than one there is none.", name, texts->len);
		else if (texts->len == 1)
			record = g_strdup(texts->pdata[0]);
		g_ptr_array_unref(texts);
		g_free(name);
	}
	return record;
}

static void check_dmarc(struct checking *c)
{
	bool failed;
	char *record = find_dmarc(c, &failed), policy[128] = "", mode[128];
	c->dmarc_spf = record && tag(record, "aspf", mode) && *mode == 's' ? 's' : 'r';
	c->dmarc_dkim = record && tag(record, "adkim", mode) && *mode == 's' ? 's' : 'r';
	if (!record && failed)
		say(c, "FAIL", "DMARC: the DNS did not answer for _dmarc.%s.", c->domain);
	else if (!record) {
		say(c, "FAIL", "DMARC: %s has no record, and Gmail, Yahoo and Microsoft want one. Write, and look at the reports before you grow stricter:", c->domain);
		g_string_append_printf(c->out, "      _dmarc.%s. IN TXT ( \"v=DMARC1; p=none; rua=mailto:dmarc@%s\" )\n", c->domain, c->domain);
	} else if (!tag(record, "p", policy))
		say(c, "FAIL", "DMARC: the record says no policy (p=): %s", record);
	else
		say(c, !strcmp(policy, "none") ? "note" : "ok", "DMARC: %s%s", record, !strcmp(policy, "none") ? " (p=none: forged mail is only reported)" : "");
	g_free(record);
}

/* ---- DKIM ---- */

static char *without_spaces(const char *text)
{
	GString *out = g_string_new(NULL);
	for (; *text; text++)
		if (!g_ascii_isspace(*text))
			g_string_append_c(out, *text);
	return g_string_free(out, FALSE);
}

static bool same_key(const char *record, const char *ours)
{
	char *a = without_spaces(record), *b = without_spaces(ours), *pa = strstr(a, "p="), *pb = strstr(b, "p=");
	size_t n = pb ? strlen(pb) : 0;
	bool same = pa && pb && !strncmp(pa, pb, n) && (pa[n] == '\0' || pa[n] == ';');
	g_free(a);
	g_free(b);
	return same;
}

static void check_key(struct checking *c, const struct dkim_key *key)
{
	char *name = g_strdup_printf("%s._domainkey.%s", key->selector, key->domain), *ours = dkim_record(key->key);
	GPtrArray *texts;
	enum dns_answer answer = dns_texts(&c->dns, name, "", &texts);
	if (answer == DNS_FAILED)
		say(c, "FAIL", "DKIM: the DNS did not answer for %s.", name);
	else if (!texts->len)
		say(c, "FAIL", "DKIM: %s has no record: what we sign cannot be verified. Write:", name);
	else if (texts->len > 1 || !same_key(texts->pdata[0], ours))
		say(c, "FAIL", "DKIM: %s tells another key than ours. Write instead:", name);
	else if (!aligned(key->domain, c->domain, c->dmarc_dkim))
		say(c, "FAIL", "DKIM: %s is right, but signs for another domain than the From address %s: DMARC does not count it.", name, c->domain);
	else
		say(c, "ok", "DKIM: %s tells our %s key, aligned with %s.", name, key->ed25519 ? "Ed25519" : "RSA", c->domain), c->signed_well = true;
	if (answer != DNS_FAILED && (texts->len != 1 || !same_key(texts->pdata[0], ours))) {
		g_string_append(c->out, "      ");
		command_append_record(c->out, name, ours);
	}
	g_ptr_array_unref(texts);
	g_free(name);
	g_free(ours);
}

static void check_dkim(struct checking *c)
{
	bool rsa = false;
	for (size_t i = 0; i < c->settings->dkim.count; i++) {
		check_key(c, &c->settings->dkim.keys[i]);
		rsa |= !c->settings->dkim.keys[i].ed25519;
	}
	if (!c->settings->dkim.count)
		say(c, "note", "DKIM: the channel signs nothing; the relay must. To sign here: nurture email dkim-key --new FILE.");
	else if (!rsa)
		say(c, "note", "DKIM: Ed25519 alone is not verified by all (Gmail, Microsoft): put an RSA key beside it.");
}

/* ---- SPF, of the domain that bounces go to ---- */

/* Is it one that the world sees? */
static bool is_public(const struct addrinfo *found)
{
	if (found->ai_family == AF_INET) {
		uint32_t a = ntohl(((const struct sockaddr_in *)(const void *)found->ai_addr)->sin_addr.s_addr);
		return a >> 24 != 0 && a >> 24 != 127 && a >> 24 != 10 && a >> 20 != 0xac1 && a >> 16 != 0xc0a8 && a >> 16 != 0xa9fe && a >> 22 != 0x191;
	}
	const struct in6_addr *six = &((const struct sockaddr_in6 *)(const void *)found->ai_addr)->sin6_addr;
	return !IN6_IS_ADDR_LOOPBACK(six) && !IN6_IS_ADDR_LINKLOCAL(six) && (six->s6_addr[0] & 0xfe) != 0xfc && !IN6_IS_ADDR_V4MAPPED(six);
}

/* What lets a relay send: a:NAME; of one that is given by number, ip4: or ip6:. false: it is not one that the world sees. */
static bool add_term(GString *terms, const char *relay)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST}, *found = NULL;
	bool number = getaddrinfo(relay, NULL, &hints, &found) == 0, good = number ? is_public(found) : strcmp(relay, "localhost") != 0;
	char *term = g_strdup_printf(" %s:%s", !number ? "a" : found->ai_family == AF_INET ? "ip4" : "ip6", relay);
	size_t n = strlen(term);
	const char *known = strstr(terms->str, term);
	if (good && !(known && (known[n] == ' ' || known[n] == '\0')))
		g_string_append(terms, term);
	if (number)
		freeaddrinfo(found);
	g_free(term);
	return good;
}

/* A domain has one record (RFC 7208 section 4.5), which names all relays. */
static void suggest_spf(struct checking *c, const char *domain)
{
	GString *terms = g_string_new("");
	bool unseen = false;
	for (size_t i = 0; i < c->settings->server_count; i++)
		unseen |= !add_term(terms, c->settings->servers[i].host);
	g_string_append_printf(c->out, "      %s. IN TXT ( \"v=spf1%s%s ~all\" )\n", domain, terms->str, unseen ? " ip4:ADDRESS" : c->settings->server_count ? "" : " mx");
	if (unseen)
		g_string_append(c->out, "      ADDRESS: the one by which the world sees what leaves this network.\n");
	g_string_free(terms, TRUE);
}

static void judge(struct checking *c, const char *domain, const char *relay, const char *address, enum spf_result result, const struct spf *spf)
{
	if (result == SPF_UNREACHABLE)
		say(c, "FAIL", "SPF: the DNS did not answer for %s.", domain);
	else if (result == SPF_BROKEN)
		say(c, "FAIL", "SPF: the record of %s is broken, and counts as none: %s.", domain, spf->why);
	else if (result == SPF_NONE) {
		say(c, "FAIL", "SPF: %s, where bounces go, has no record. Write (if your relay's provider names an include:, that instead):", domain);
		suggest_spf(c, domain);
	} else if (strstr(spf->record, "+all"))
		say(c, "FAIL", "SPF: the record of %s ends in +all: anybody may send for it: %s", domain, spf->record);
	else if (!address)
		say(c, "ok", "SPF: %s (%u look-ups of at most 10)", spf->record, spf->lookups);
	else if (result == SPF_PASS)
		say(c, "ok", "SPF: %s lets %s (%s) send (%u look-ups of at most 10).", domain, relay, address, spf->lookups);
	else
		say(c, "note", "SPF: %s does not let %s (%s) send. That is right only if the relay sends from other addresses: %s", domain, relay, address, spf->record);
}

/* That there is one record, and not one for everybody: said once. false: there is no sense in asking for each relay. */
static bool check_record(struct checking *c, const char *domain)
{
	struct spf spf;
	enum spf_result result = spf_check(&c->dns, domain, NULL, 0, &spf);
	bool good = spf.record && !strstr(spf.record, "+all");
	if (!good || !c->settings->server_count)
		judge(c, domain, NULL, NULL, result, &spf);
	spf_fini(&spf);
	return good;
}

static void check_spf_of(struct checking *c, const char *domain, const char *relay)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL, *each;
	char text[INET6_ADDRSTRLEN];
	struct spf spf;
	if (getaddrinfo(relay, NULL, &hints, &found))
		say(c, "note", "SPF: the relay %s is not in the DNS that this machine asks.", relay);
	for (each = found; each; each = each->ai_next) {
		bool four = each->ai_family == AF_INET;
		const void *address = four ? (const void *)&((const struct sockaddr_in *)(const void *)each->ai_addr)->sin_addr
					   : (const void *)&((const struct sockaddr_in6 *)(const void *)each->ai_addr)->sin6_addr;
		inet_ntop(each->ai_family, address, text, sizeof text);
		judge(c, domain, relay, text, spf_check(&c->dns, domain, address, four ? 4 : 16, &spf), &spf);
		spf_fini(&spf);
	}
	if (found)
		freeaddrinfo(found);
}

/* Each relay may send by another address. */
static void check_spf(struct checking *c)
{
	const struct settings *s = c->settings;
	const struct address *path = s->bounces.text[0] ? &s->bounces : s->return_path.text[0] ? &s->return_path : NULL;
	const char *domain = path ? path->domain : c->domain;
	bool good = check_record(c, domain), again = false;
	for (size_t i = 0; good && i < s->server_count; i++, again = false) {
		for (size_t k = 0; k < i; k++)
			again |= g_ascii_strcasecmp(s->servers[k].host, s->servers[i].host) == 0;
		if (!again)
			check_spf_of(c, domain, s->servers[i].host);
	}
	if (!aligned(domain, c->domain, c->dmarc_spf))
		say(c, c->signed_well ? "note" : "FAIL", "SPF: bounces go to %s, which is not aligned with the From address %s: DMARC counts DKIM alone.", domain, c->domain);
}

int domain_check(const struct settings *settings, const char *domain, const char *server, GString *out, struct nurture_problem *problem)
{
	struct address probe;
	const char *why;
	char *address = domain ? g_strdup_printf("x@%s", domain) : NULL;
	bool good = !address || (*domain != '[' && address_parse(address, &probe, &why));
	struct checking c = {.settings = settings, .domain = address ? probe.domain : settings->from.address.domain, .out = out};
	g_free(address);
	if (!good || settings_can_sign(settings, problem)) {
		if (!good)
			snprintf(problem->message, sizeof problem->message, "\"%.200s\" is no domain", domain);
		return -1;
	}
	if (!dns_init(&c.dns, server)) {
		snprintf(problem->message, sizeof problem->message, "--server must be ADDRESS or ADDRESS:PORT of a DNS server");
		return -1;
	}
	check_dmarc(&c);
	check_dkim(&c);
	check_spf(&c);
	dns_fini(&c.dns);
	return c.failed;
}

/* Questions and answers: see dns.h. */
#include "dns.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

enum { ANSWER = 65536 };

bool dns_init(struct dns *dns, const char *server)
{
	*dns = (struct dns){0};
	if (res_ninit(&dns->state))
		return false;
	dns->state.retrans = 2;
	dns->state.retry = 1;
	dns->state.options &= ~(RES_DNSRCH | RES_DEFNAMES);
	if (!server)
		return true;
	char *address = g_strdup(server), *colon = strchr(address, ':');
	struct sockaddr_in *to = &dns->state.nsaddr_list[0];
	if (colon)
		*colon++ = '\0';
	to->sin_family = AF_INET;
	to->sin_port = htons((uint16_t)(colon ? strtoul(colon, NULL, 10) : 53));
	bool good = inet_pton(AF_INET, address, &to->sin_addr) == 1;
	dns->state.nscount = 1;
	g_free(address);
	return good;
}

void dns_fini(struct dns *dns)
{
	res_nclose(&dns->state);
}

static enum dns_answer ask(struct dns *dns, const char *name, int type, unsigned char *answer, ns_msg *message)
{
	dns->asked++;
	int n = res_nquery(&dns->state, name, ns_c_in, type, answer, ANSWER);
	if (n < 0) {
		int why = dns->state.res_h_errno;
		return why == HOST_NOT_FOUND || why == NO_DATA ? DNS_NONE : DNS_FAILED;
	}
	return n > ANSWER || ns_initparse(answer, n, message) ? DNS_FAILED : DNS_FOUND;
}

/* The character strings of one TXT record, put together (RFC 7208 3.3, RFC 6376 3.6.2.2). */
static char *text_of(const ns_rr *record)
{
	const unsigned char *p = ns_rr_rdata(*record), *end = p + ns_rr_rdlen(*record);
	GString *text = g_string_new(NULL);
	while (p < end && p + 1 + *p <= end) {
		for (size_t i = 1; i <= *p; i++)
			g_string_append_c(text, p[i] >= ' ' && p[i] < 0x7F ? (char)p[i] : '?');
		p += 1 + *p;
	}
	return g_string_free(text, FALSE);
}

enum dns_answer dns_texts(struct dns *dns, const char *name, const char *prefix, GPtrArray **out)
{
	unsigned char *answer = g_malloc(ANSWER);
	ns_msg message;
	enum dns_answer result = ask(dns, name, ns_t_txt, answer, &message);
	*out = g_ptr_array_new_with_free_func(g_free);
	for (int i = 0; result == DNS_FOUND && i < ns_msg_count(message, ns_s_an); i++) {
		ns_rr record;
		if (ns_parserr(&message, ns_s_an, i, &record) || ns_rr_type(record) != ns_t_txt)
			continue;
		char *text = text_of(&record);
		if (g_ascii_strncasecmp(text, prefix, strlen(prefix)) == 0)
			g_ptr_array_add(*out, text);
		else
			g_free(text);
	}
	g_free(answer);
	return result == DNS_FOUND && !(*out)->len ? DNS_NONE : result;
}

static bool same_bits(const unsigned char *a, const unsigned char *b, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;
	return !memcmp(a, b, whole) && (!rest || (a[whole] ^ b[whole]) >> (8 - rest) == 0);
}

bool dns_has_address(struct dns *dns, const char *name, const unsigned char *address, size_t size, unsigned bits)
{
	unsigned char *answer = g_malloc(ANSWER);
	ns_msg message;
	ns_type type = size == 4 ? ns_t_a : ns_t_aaaa;
	bool found = false;
	enum dns_answer result = ask(dns, name, type, answer, &message);
	for (int i = 0; result == DNS_FOUND && i < ns_msg_count(message, ns_s_an); i++) {
		ns_rr record;
		if (!ns_parserr(&message, ns_s_an, i, &record) && ns_rr_type(record) == type && ns_rr_rdlen(record) == size)
			found |= same_bits(ns_rr_rdata(record), address, bits);
	}
	g_free(answer);
	return found;
}

enum dns_answer dns_exchangers(struct dns *dns, const char *name, GPtrArray **out)
{
	unsigned char *answer = g_malloc(ANSWER);
	ns_msg message;
	enum dns_answer result = ask(dns, name, ns_t_mx, answer, &message);
	*out = g_ptr_array_new_with_free_func(g_free);
	for (int i = 0; result == DNS_FOUND && i < ns_msg_count(message, ns_s_an); i++) {
		ns_rr record;
		char host[NS_MAXDNAME];
		if (ns_parserr(&message, ns_s_an, i, &record) || ns_rr_type(record) != ns_t_mx || ns_rr_rdlen(record) < 3)
			continue;
		if (ns_name_uncompress(ns_msg_base(message), ns_msg_end(message), ns_rr_rdata(record) + 2, host, sizeof host) >= 0)
			g_ptr_array_add(*out, g_strdup(host));
	}
	g_free(answer);
	return result;
}

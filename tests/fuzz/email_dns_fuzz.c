/* What the DNS answers to check-domain: packets of any kind, and records of any words (SPF, DKIM, DMARC). It is said what is wrong, in lines of text, and no record asks for ever.
 *
 *   'p' then answers as two bytes of length and a packet each; or 't' and lines: each the text of one TXT record, in a packet that is sound. Then there are no more. */
#include "command.h"
#include "dns.h"

#include <arpa/nameser.h>
#include <netdb.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static const uint8_t *rest;
static size_t left, asked;
static bool as_text;

/* One TXT record whose text is a line; its owner is the root. */
static int text_answer(unsigned char *answer, int room)
{
	const uint8_t *end = memchr(rest, '\n', left);
	size_t n = end ? (size_t)(end - rest) : left, parts = n / 255 + 1, length = n + parts, at = 0;
	unsigned char head[] = {0, 1, 0x81, 0x80, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 16, 0, 1, 0, 0, 0, 60, (unsigned char)(length >> 8), (unsigned char)length};
	if (length > 60000 || (int)(sizeof head + length) > room)
		return -1;
	memcpy(answer, head, sizeof head);
	for (unsigned char *p = answer + sizeof head; parts--; at += 255) {
		size_t part = n - at < 255 ? n - at : 255;
		*p++ = (unsigned char)part;
		memcpy(p, rest + at, part);
		p += part;
	}
	rest += end ? n + 1 : n;
	left -= end ? n + 1 : n;
	return (int)(sizeof head + length);
}

static int packet_answer(unsigned char *answer, int room)
{
	size_t n = left > 1 ? (size_t)rest[0] << 8 | rest[1] : left;
	if (left < 3)
		return -1;
	rest += 2;
	left -= 2;
	n = n > left ? left : n;
	n = n > (size_t)room ? (size_t)room : n;
	memcpy(answer, rest, n);
	rest += n;
	left -= n;
	return (int)n;
}

/* Instead of the C library's. */
int res_nquery(res_state state, const char *name, int class, int type, unsigned char *answer, int room)
{
	(void)class;
	(void)type;
	if (strlen(name) > 100000 || ++asked > 1000)
		abort();
	int n = !left ? -1 : as_text ? text_answer(answer, room) : packet_answer(answer, room);
	state->res_h_errno = n < 0 ? NO_DATA : 0;
	return n;
}

static struct settings *our_settings(void)
{
	static struct settings s;
	static char domain[] = "example.com", selector[] = "n1";
	const char *why;
	if (s.dkim.count)
		return &s;
	s.from.name = g_strdup("Us");
	if (!address_parse("us@example.com", &s.from.address, &why))
		abort();
	s.dkim.keys[0] = (struct dkim_key){.domain = domain, .selector = selector, .key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), .ed25519 = true};
	s.dkim.count = 1;
	return &s;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct nurture_problem problem;
	GString *out = g_string_new(NULL);
	if (n < 1 || n > 100000)
		return g_string_free(out, TRUE), 0;
	as_text = bytes[0] == 't';
	rest = bytes + 1;
	left = n - 1;
	asked = 0;
	if (domain_check(our_settings(), NULL, "127.0.0.1", out, &problem) < 0 || !g_utf8_validate(out->str, (gssize)out->len, NULL))
		abort();
	g_string_free(out, TRUE);
	return 0;
}

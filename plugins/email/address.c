/* Addresses, read strictly: see address.h. Used for settings, touches and the `from` of templates. */
#include "address.h"

#include "text.h"

#include <arpa/inet.h>
#include <idn2.h>
#include <stdlib.h>
#include <string.h>

static bool refuse(const char **why, const char *reason)
{
	*why = reason;
	return false;
}

static bool is_atext(unsigned char c)
{
	return g_ascii_isalnum((char)c) || c >= 0x80 || (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

/* The length of a dot-atom at the start of text, 0 when there is none. */
static size_t dot_atom(const char *text)
{
	size_t i = 0;
	bool atom = false;
	for (; text[i]; i++) {
		if (is_atext((unsigned char)text[i]))
			atom = true;
		else if (text[i] == '.' && atom)
			atom = false;
		else
			break;
	}
	return atom ? i : 0;
}

/* The length of a quoted string with its quotes, 0 when it is none. */
static size_t quoted(const char *text)
{
	for (size_t i = 1; text[i]; i++) {
		unsigned char c = (unsigned char)text[i];
		if (c == '"')
			return i > 1 ? i + 1 : 0;
		if (c == '\\')
			c = (unsigned char)text[++i];
		if (c < 0x20 || c == 0x7F)
			return 0;
	}
	return 0;
}

static bool domain_literal(const char *text, size_t n)
{
	char copy[INET6_ADDRSTRLEN + 8];
	unsigned char binary[16];
	if (n < 3 || n - 2 >= sizeof copy || text[n - 1] != ']')
		return false;
	memcpy(copy, text + 1, n - 2);
	copy[n - 2] = '\0';
	if (!g_ascii_strncasecmp(copy, "IPv6:", 5))
		return inet_pton(AF_INET6, copy + 5, binary) == 1;
	return inet_pton(AF_INET, copy, binary) == 1;
}

/* Letters, digits, hyphens; labels of 1 to 63. */
static bool domain_labels(const char *domain)
{
	size_t label = 0;
	for (const char *p = domain;; p++) {
		if (*p == '.' || *p == '\0') {
			if (label == 0 || label > 63 || p[-1] == '-' || p[-(ptrdiff_t)label] == '-')
				return false;
			label = 0;
			if (*p == '\0')
				return true;
		} else if (g_ascii_isalnum(*p) || *p == '-') {
			label++;
		} else {
			return false;
		}
	}
}

/* The domain as it goes over the wire; NULL if it is none. The caller frees it with free(). */
static char *domain_wire(const char *domain)
{
	if (domain[0] == '[')
		return domain_literal(domain, strlen(domain)) ? strdup(domain) : NULL;
	if (text_is_ascii(domain, strlen(domain)))
		return domain_labels(domain) ? strdup(domain) : NULL;
	char *ascii = NULL;
	int flags = IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL;
	if (idn2_lookup_u8((const uint8_t *)domain, (uint8_t **)&ascii, flags) != IDN2_OK)
		return NULL;
	if (domain_labels(ascii))
		return ascii;
	free(ascii);
	return NULL;
}

/* Characters that would read as something else, though they are well-formed UTF-8. */
static bool is_plain_text(const char *text, size_t n)
{
	GString *line = g_string_sized_new(n + 8);
	text_append_line(line, text, n, n + 8);
	bool same = line->len == n && !memcmp(line->str, text, n);
	g_string_free(line, TRUE);
	return same;
}

bool address_parse(const char *text, struct address *out, const char **why)
{
	size_t local = text[0] == '"' ? quoted(text) : dot_atom(text);
	if (local == 0 || text[local] != '@')
		return refuse(why, "not an e-mail address");
	if (local > ADDRESS_LOCAL_MAX)
		return refuse(why, "the part before @ is longer than 64 octets");
	if (strlen(text) > 1024)
		return refuse(why, "the address is too long");
	bool ascii = text_is_ascii(text, local);
	if (!ascii && (!g_utf8_validate(text, (gssize)local, NULL) || !is_plain_text(text, local)))
		return refuse(why, "the part before @ is not plain text");
	char *domain = domain_wire(text + local + 1);
	if (!domain)
		return refuse(why, "the part after @ is not a domain");
	size_t length = strlen(domain);
	bool fits = length <= ADDRESS_DOMAIN_MAX && local + 1 + length <= ADDRESS_MAX;
	if (fits) {
		memcpy(out->text, text, local + 1);
		memcpy(out->text + local + 1, domain, length + 1);
		out->domain = out->text + local + 1;
		out->utf8 = !ascii;
	}
	free(domain);
	return fits || refuse(why, "the address is longer than 254 octets");
}

void address_copy(struct address *to, const struct address *from)
{
	*to = *from;
	to->domain = to->text + (from->domain - from->text);
}

/* "Name" with its quotes and backslashes gone. */
static void unquote(GString *name)
{
	if (name->len < 2 || name->str[0] != '"' || name->str[name->len - 1] != '"')
		return;
	g_string_truncate(name, name->len - 1);
	g_string_erase(name, 0, 1);
	for (size_t i = 0; i < name->len; i++)
		if (name->str[i] == '\\' && i + 1 < name->len)
			g_string_erase(name, (gssize)i, 1);
}

bool mailbox_parse(const char *text, struct mailbox *out, const char **why)
{
	size_t n = strlen(text);
	const char *open = strrchr(text, '<');
	*out = (struct mailbox){0};
	if (!open || n == 0 || text[n - 1] != '>') {
		out->name = g_strdup("");
		return address_parse(text, &out->address, why);
	}
	char *inside = g_strndup(open + 1, (gsize)(text + n - 1 - open - 1));
	bool good = address_parse(inside, &out->address, why);
	g_free(inside);
	GString *name = g_string_new(NULL);
	text_append_line(name, text, (size_t)(open - text), 256);
	unquote(name);
	out->name = g_string_free(name, FALSE);
	return good;
}

void mailbox_fini(struct mailbox *mailbox)
{
	g_free(mailbox->name);
	mailbox->name = NULL;
}

uint64_t address_person(const char *address)
{
	uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */
	const char *at = strrchr(address, '@');
	size_t local = strcspn(address, "+@");
	for (const char *p = address; *p; p++) {
		bool before = at && p < at;
		if (before && (*p == '.' || (size_t)(p - address) >= local))
			continue;
		hash = (hash ^ (unsigned char)g_ascii_tolower(*p)) * UINT64_C(1099511628211);
	}
	return hash ? hash : 1;
}

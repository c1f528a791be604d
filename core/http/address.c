/* IPv4 and IPv6 as one kind of 16 bytes (IPv4 mapped), so that ranges compare alike. */
#include "http/address.h"

#include "base/mem.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static bool is_mapped(const struct http_address *address)
{
	return memcmp(address->bytes, mapped, sizeof mapped) == 0;
}

bool address_parse(struct str text, struct http_address *out)
{
	char copy[ADDRESS_TEXT];
	if (!text.n || text.n >= sizeof copy || memchr(text.p, 0, text.n))
		return false;
	memcpy(copy, text.p, text.n);
	copy[text.n] = '\0';
	*out = (struct http_address){0};
	if (inet_pton(AF_INET6, copy, out->bytes) == 1)
		return true;
	memcpy(out->bytes, mapped, sizeof mapped);
	return inet_pton(AF_INET, copy, out->bytes + sizeof mapped) == 1;
}

void address_from_socket(const struct sockaddr_storage *from, struct http_address *out)
{
	*out = (struct http_address){0};
	if (from->ss_family == AF_INET) {
		const struct sockaddr_in *v4 = (const struct sockaddr_in *)from;
		memcpy(out->bytes, mapped, sizeof mapped);
		memcpy(out->bytes + sizeof mapped, &v4->sin_addr, 4);
	} else if (from->ss_family == AF_INET6) {
		memcpy(out->bytes, &((const struct sockaddr_in6 *)from)->sin6_addr, 16);
	} else {
		out->is_unix = true;
	}
}

const char *address_text(const struct http_address *address, char out[ADDRESS_TEXT])
{
	if (address->is_unix)
		snprintf(out, ADDRESS_TEXT, "unix");
	else if (is_mapped(address))
		inet_ntop(AF_INET, address->bytes + sizeof mapped, out, ADDRESS_TEXT);
	else
		inet_ntop(AF_INET6, address->bytes, out, ADDRESS_TEXT);
	return out;
}

bool address_range_parse(struct str text, struct address_range *out)
{
	struct http_address address;
	int64_t bits = 0;
	struct str rest = text;
	if (!address_parse(str_cut(&rest, '/'), &address))
		return false;
	unsigned before = is_mapped(&address) ? 96 : 0;
	if (rest.p && (!str_to_int(rest, &bits) || bits < 0 || bits > 128 - before))
		return false;
	memcpy(out->bytes, address.bytes, sizeof out->bytes);
	out->bits = rest.p ? before + (unsigned)bits : 128;
	return true;
}

int address_ranges_parse(const char *const *names, struct address_ranges *out, struct error *error)
{
	size_t count = 0;
	*out = (struct address_ranges){0};
	while (names && names[count])
		count++;
	if (!count)
		return 0;
	out->items = mem_array(count, sizeof *out->items);
	for (; out->count < count; out->count++) {
		const char *name = names[out->count];
		if (address_range_parse(str_of(name), &out->items[out->count]))
			continue;
		address_ranges_fini(out);
		return error_set(error, ERROR_INVALID, "trusted_proxies",
				 "\"%s\" is not an address or a range such as \"127.0.0.1\" or \"10.0.0.0/8\"", name);
	}
	return 0;
}

void address_ranges_fini(struct address_ranges *ranges)
{
	free(ranges->items);
	*ranges = (struct address_ranges){0};
}

bool address_range_covers(const struct address_range *range, const struct http_address *address)
{
	unsigned whole = range->bits / 8, left = range->bits % 8;
	if (memcmp(range->bytes, address->bytes, whole) != 0)
		return false;
	return !left || !((range->bytes[whole] ^ address->bytes[whole]) & (0xff << (8 - left) & 0xff));
}

bool address_is_in(const struct address_ranges *ranges, const struct http_address *address)
{
	if (address->is_unix)
		return true; /* who may connect is a matter of the socket file's permissions */
	for (size_t i = 0; i < ranges->count; i++)
		if (address_range_covers(&ranges->items[i], address))
			return true;
	return false;
}

/* "192.0.2.1:4711" and "[2001:db8::1]:4711" without port and brackets. */
static struct str without_port(struct str s)
{
	if (s.n && s.p[0] == '[') {
		s.p++, s.n--;
		return str_cut(&s, ']');
	}
	const char *colon = s.n ? memchr(s.p, ':', s.n) : NULL;
	if (colon && !memchr(colon + 1, ':', s.n - (size_t)(colon + 1 - s.p)))
		s.n = (size_t)(colon - s.p);
	return s;
}

bool address_last_forwarded(struct str *list, struct http_address *out)
{
	if (!list->p)
		return false;
	const char *comma = list->n ? memrchr(list->p, ',', list->n) : NULL;
	struct str last = *list;
	if (comma) {
		size_t before = (size_t)(comma - list->p);
		last = (struct str){comma + 1, list->n - before - 1};
		list->n = before;
	} else {
		*list = (struct str){0};
	}
	return address_parse(without_port(str_trim(last)), out);
}

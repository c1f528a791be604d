/* Addresses: of peers, of trusted proxies, and in X-Forwarded-For. Pure. Called by the server and request.c. */
#ifndef NURTURE_HTTP_ADDRESS_H
#define NURTURE_HTTP_ADDRESS_H

#include "http/http.h"

#include <sys/socket.h>

enum { ADDRESS_TEXT = 46 };

struct address_range {
	unsigned char bytes[16];
	unsigned bits; /* of 128 */
};
struct address_ranges {
	struct address_range *items;
	size_t count;
};

bool address_parse(struct str text, struct http_address *out); /* "192.0.2.1", "2001:db8::1"; no port, no brackets */
void address_from_socket(const struct sockaddr_storage *from, struct http_address *out);
const char *address_text(const struct http_address *address, char out[ADDRESS_TEXT]);

bool address_range_parse(struct str text, struct address_range *out); /* "10.0.0.0/8", or an address alone */
bool address_range_covers(const struct address_range *range, const struct http_address *address);
/* names is NULL-ended, or NULL. */
int address_ranges_parse(const char *const *names, struct address_ranges *out, struct error *error) MUST_USE;
void address_ranges_fini(struct address_ranges *ranges);
bool address_is_in(const struct address_ranges *ranges, const struct http_address *address);

/* One step from the right of an X-Forwarded-For value: cuts the last element off *list and reads it (a port or brackets are
 * allowed). false when nothing is left or it is no address. */
bool address_last_forwarded(struct str *list, struct http_address *out);

#endif

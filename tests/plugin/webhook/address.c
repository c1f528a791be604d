/* Which addresses are nobody's but ours, or nobody's: RFC 6890 and its successors. It is asked of the address that a socket is made for, so no
 * spelling of it, no redirect and no DNS answer goes around it. */
#include "webhook.h"

#include <netinet/in.h>
#include <string.h>

struct range {
	unsigned char prefix[16];
	unsigned bits;
};

static const struct range v4[] = {
	{{0}, 8}, {{10}, 8}, {{100, 64}, 10}, {{127}, 8}, {{169, 254}, 16}, {{172, 16}, 12}, {{192, 0, 0}, 24}, {{192, 0, 2}, 24},
	{{192, 88, 99}, 24}, {{192, 168}, 16}, {{198, 18}, 15}, {{198, 51, 100}, 24}, {{203, 0, 113}, 24}, {{224}, 4}, {{240}, 4},
};
/* What is not global unicast (2000::/3), and in it: protocol assignments with Teredo and ORCHID, documentation. */
static const struct range v6[] = {{{0x20, 0x01}, 23}, {{0x20, 0x01, 0x0d, 0xb8}, 32}, {{0x3f, 0xff}, 20}};
static const struct range v6_global = {{0x20}, 3}, v6_6to4 = {{0x20, 0x02}, 16}, v6_nat64 = {{0x00, 0x64, 0xff, 0x9b}, 96},
			  v6_mapped = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96};

static bool is_in(const unsigned char *address, const struct range *range)
{
	unsigned whole = range->bits / 8, rest = range->bits % 8;
	unsigned char mask = (unsigned char)(0xff00 >> rest);
	return memcmp(address, range->prefix, whole) == 0 && (!rest || (address[whole] & mask) == (range->prefix[whole] & mask));
}

static bool is_in_any(const unsigned char *address, const struct range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is_in(address, &ranges[i]))
			return true;
	return false;
}

static bool v4_is_public(const unsigned char *address)
{
	return !is_in_any(address, v4, sizeof v4 / sizeof *v4);
}

static bool v6_is_public(const unsigned char *address)
{
	if (is_in(address, &v6_mapped) || is_in(address, &v6_nat64))
		return v4_is_public(address + 12);
	if (is_in(address, &v6_6to4))
		return v4_is_public(address + 2);
	return is_in(address, &v6_global) && !is_in_any(address, v6, sizeof v6 / sizeof *v6);
}

bool address_is_public(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET)
		return v4_is_public((const unsigned char *)&((const struct sockaddr_in *)address)->sin_addr);
	if (address->sa_family == AF_INET6)
		return v6_is_public((const unsigned char *)&((const struct sockaddr_in6 *)address)->sin6_addr);
	return false;
}

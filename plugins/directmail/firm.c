/* See firm.h. Pure. */
#include "firm.h"

#include <string.h>

static void hash(const char *what, const char *key, char out[OUT_HASH_TEXT])
{
	unsigned char sum[crypto_hash_sha256_BYTES];
	crypto_hash_sha256_state state;
	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, (const unsigned char *)what, strlen(what));
	crypto_hash_sha256_update(&state, (const unsigned char *)key, strlen(key));
	crypto_hash_sha256_final(&state, sum);
	out_hash_text(sum, out);
}

/* A name is compared as that of a household is, in one street for all: so two spellings of a firm are one here when they are one there. */
static void firm_of(const struct post_address *address, const char *sender_country, char out[OUT_HASH_TEXT])
{
	const struct post_address place = {.name = "", .organisation = address->organisation, .street = "1 Street", .street2 = "", .city = "", .region = "",
					   .postal_code = address->postal_code, .country = address->country};
	GString *key = g_string_new(NULL);
	post_household_key(&place, sender_country, key);
	if (key->len)
		hash("firm|", key->str, out);
	g_string_free(key, TRUE);
}

static bool is_blank(const char *text)
{
	return !text || !text[strspn(text, " \t")];
}

void firm_keys(const struct post_address *address, const char *sender_country, const char *domain, char firm[OUT_HASH_TEXT], char site[OUT_HASH_TEXT])
{
	*firm = *site = 0;
	if (!is_blank(address->organisation) && !is_blank(address->postal_code))
		firm_of(address, sender_country, firm);
	if (is_blank(domain))
		return;
	char *small = g_ascii_strdown(domain, -1), *bare = g_strstrip(small);
	hash("domain|", bare, site);
	g_free(small);
}

/* Tokens of what was sent, for what comes back: tag (12) · encrypted touch_id (8) and address (4), in 39 digits of 5 bits: see return_token.h. */
#include "base/return_token.h"

#include <sodium.h>
#include <string.h>

enum { TAG = 12, PAYLOAD = 12, RAW = TAG + PAYLOAD, DIGITS = RETURN_TOKEN_TEXT - 1, PURPOSE = 12 /* beside those of token.h, under the same keys */ };
_Static_assert((RAW * 8 + 4) / 5 == DIGITS, "a token fits");
_Static_assert(crypto_stream_xchacha20_NONCEBYTES == TAG + 12, "the tag and a constant are the nonce");

static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567"; /* RFC 4648, base32, small */

uint32_t return_token_address(const struct token_key *key, struct str address)
{
	unsigned char hash[crypto_generichash_BYTES_MIN];
	uint32_t first = 0;
	crypto_generichash(hash, sizeof hash, (const unsigned char *)address.p, address.n, key->secret, TOKEN_KEY);
	for (int i = 0; i < 4; i++)
		first = first << 8 | hash[i];
	return first;
}

static void make_tag(const struct token_key *key, const unsigned char payload[PAYLOAD], unsigned char tag[TAG])
{
	unsigned char said[1 + PAYLOAD] = {PURPOSE}, hash[24];
	memcpy(said + 1, payload, PAYLOAD);
	crypto_generichash(hash, sizeof hash, said, sizeof said, key->secret, TOKEN_KEY);
	memcpy(tag, hash, TAG);
}

static void crypt_payload(const struct token_key *key, const unsigned char tag[TAG], const unsigned char *in, unsigned char *out)
{
	unsigned char nonce[crypto_stream_xchacha20_NONCEBYTES];
	memcpy(nonce, tag, TAG);
	memcpy(nonce + TAG, "return-token", sizeof nonce - TAG);
	crypto_stream_xchacha20_xor(out, in, PAYLOAD, nonce, key->secret);
}

static void put_digits(const unsigned char raw[RAW], char out[RETURN_TOKEN_TEXT])
{
	uint32_t bits = 0;
	int have = 0, n = 0;
	for (int i = 0; i < RAW; i++) {
		bits = bits << 8 | raw[i];
		for (have += 8; have >= 5; have -= 5)
			out[n++] = digits[bits >> (have - 5) & 31];
	}
	if (have)
		out[n++] = digits[bits << (5 - have) & 31];
	out[n] = '\0';
}

static bool get_digits(struct str text, unsigned char raw[RAW])
{
	uint32_t bits = 0;
	int have = 0, n = 0;
	if (text.n != DIGITS)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		c = c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c;
		const char *at = c ? strchr(digits, c) : NULL;
		if (!at)
			return false;
		bits = bits << 5 | (uint32_t)(at - digits);
		have += 5;
		if (have >= 8 && n < RAW) {
			have -= 8;
			raw[n++] = (unsigned char)(bits >> have);
		}
	}
	return n == RAW && (bits & ((1u << have) - 1)) == 0;
}

void return_token_write(const struct token_keys *keys, int64_t touch_id, struct str address, char out[RETURN_TOKEN_TEXT])
{
	const struct token_key *key = &keys->keys[keys->count - 1];
	unsigned char payload[PAYLOAD], raw[RAW];
	uint32_t hash = return_token_address(key, address);
	for (int i = 0; i < 8; i++)
		payload[i] = (unsigned char)((uint64_t)touch_id >> (56 - 8 * i));
	for (int i = 0; i < 4; i++)
		payload[8 + i] = (unsigned char)(hash >> (24 - 8 * i));
	make_tag(key, payload, raw);
	crypt_payload(key, raw, payload, raw + TAG);
	put_digits(raw, out);
}

/* Every key is tried: which one it was the token does not say. */
bool return_token_read(const struct token_keys *keys, struct str text, int64_t *touch_id, uint32_t *address, const struct token_key **key)
{
	unsigned char raw[RAW] = {0}, payload[PAYLOAD], tag[TAG];
	bool whole = get_digits(text, raw), found = false;
	for (size_t k = 0; k < keys->count; k++) {
		crypt_payload(&keys->keys[k], raw, raw + TAG, payload);
		make_tag(&keys->keys[k], payload, tag);
		if (sodium_memcmp(tag, raw, TAG) != 0 || !whole)
			continue;
		uint64_t id = 0;
		*address = 0;
		for (int i = 0; i < 8; i++)
			id = id << 8 | payload[i];
		for (int i = 0; i < 4; i++)
			*address = *address << 8 | payload[8 + i];
		*touch_id = (int64_t)id;
		*key = &keys->keys[k];
		found = true;
	}
	return found;
}

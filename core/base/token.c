/* Link tokens: key id (4) · nonce (24) · sealed payload (21) · tag (16), base64url.
 *
 * The nonce is a keyed hash of the payload, so the same link always gets the same token and no two payloads share a nonce.
 * The purpose is sealed in and is also associated data: a token of one purpose is noise to every other. */
#include "base/token.h"

#include "base/hash.h"

#include <sodium.h>
#include <stdlib.h>

enum {
	PAYLOAD = 1 + 8 + 8 + 4,
	KEY_ID = 4,
	NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
	SEALED = PAYLOAD + crypto_aead_xchacha20poly1305_ietf_ABYTES,
	RAW = KEY_ID + NONCE + SEALED,
};
_Static_assert(TOKEN_KEY == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "a key is a key");
_Static_assert(sodium_base64_ENCODED_LEN(RAW, sodium_base64_VARIANT_URLSAFE_NO_PADDING) <= TOKEN_TEXT, "a token fits");

void token_key_random(unsigned char secret[TOKEN_KEY])
{
	hash_random(secret, TOKEN_KEY);
}

static void put_number(unsigned char *p, uint64_t v, int bytes)
{
	for (int i = bytes - 1; i >= 0; i--, v >>= 8)
		p[i] = (unsigned char)v;
}

static uint64_t get_number(const unsigned char *p, int bytes)
{
	uint64_t v = 0;
	for (int i = 0; i < bytes; i++)
		v = v << 8 | p[i];
	return v;
}

void token_write(const struct token_keys *keys, const struct token *token, char out[TOKEN_TEXT])
{
	const struct token_key *key = &keys->keys[keys->count - 1];
	unsigned char payload[PAYLOAD], raw[RAW];
	payload[0] = (unsigned char)token->purpose;
	put_number(payload + 1, (uint64_t)token->touch_id, 8);
	put_number(payload + 9, (uint64_t)token->lead_id, 8);
	put_number(payload + 17, token->link, 4);
	put_number(raw, key->id, KEY_ID);
	crypto_generichash(raw + KEY_ID, NONCE, payload, PAYLOAD, key->secret, TOKEN_KEY);
	crypto_aead_xchacha20poly1305_ietf_encrypt(raw + KEY_ID + NONCE, NULL, payload, PAYLOAD, payload, 1, NULL,
						   raw + KEY_ID, key->secret);
	sodium_bin2base64(out, TOKEN_TEXT, raw, RAW, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

/* An unknown key id is tried with a key of zeros, so that it costs what a forged token costs. */
static const unsigned char *find_key(const struct token_keys *keys, uint32_t id, bool *known)
{
	static const unsigned char nobody[TOKEN_KEY];
	for (size_t i = 0; i < keys->count; i++) {
		if (keys->keys[i].id == id) {
			*known = true;
			return keys->keys[i].secret;
		}
	}
	*known = false;
	return nobody;
}

bool token_read(const struct token_keys *keys, struct str text, enum token_purpose purpose, struct token *out)
{
	unsigned char raw[RAW] = {0}, payload[PAYLOAD], ad = (unsigned char)purpose;
	size_t n = 0;
	bool known = false;
	bool whole = sodium_base642bin(raw, RAW, text.p, text.n, NULL, &n, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
		     n == RAW;
	const unsigned char *secret = find_key(keys, (uint32_t)get_number(raw, KEY_ID), &known);
	bool sealed = crypto_aead_xchacha20poly1305_ietf_decrypt(payload, NULL, NULL, raw + KEY_ID + NONCE, SEALED, &ad, 1,
								 raw + KEY_ID, secret) == 0;
	if (!whole || !known || !sealed || payload[0] != ad)
		return false;
	*out = (struct token){.purpose = purpose,
			      .touch_id = (int64_t)get_number(payload + 1, 8),
			      .lead_id = (int64_t)get_number(payload + 9, 8),
			      .link = (uint32_t)get_number(payload + 17, 4)};
	return true;
}

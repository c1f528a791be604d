/* Link tokens: key id (4) · nonce (24) · sealed payload (21) · tag (16), base64url.
 *
 * The nonce is a keyed hash of the payload, so the same link always gets the same token and no two payloads share a nonce. Those of one mail's links are made
 * together: 16 bytes of a keyed hash of all of them, which make the key of its seals once (XChaCha20 is ChaCha20 under a key made of the key and these), and
 * behind them each link's place among them. So no hash is made for each, and none of another set of links shares its nonce.
 * The purpose is sealed in and is also associated data: a token of one purpose is noise to every other. */
#include "base/token.h"

#include "base/hash.h"

#include <endian.h>
#include <sodium.h>
#include <stdlib.h>

enum {
	PAYLOAD = 1 + 8 + 8 + 4,
	KEY_ID = 4,
	NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
	SEED = crypto_core_hchacha20_INPUTBYTES, /* of it, that many make the key; the rest is ChaCha20's own */
	TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES,
	AROUND = KEY_ID + NONCE + TAG,
	RAW = AROUND + PAYLOAD,
	RAW_MOST = RAW + TOKEN_URL,
};
_Static_assert(TOKEN_KEY == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "a key is a key");
_Static_assert(sodium_base64_ENCODED_LEN(RAW, sodium_base64_VARIANT_URLSAFE_NO_PADDING) <= TOKEN_TEXT, "a token fits");
_Static_assert(sodium_base64_ENCODED_LEN(RAW_MOST, sodium_base64_VARIANT_URLSAFE_NO_PADDING) <= TOKEN_LINK_TEXT, "a link's token fits");

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

/* base64url without padding. What it writes is sealed, and stands in a mail: there is no secret whose bytes time could tell, and a mail has a dozen of them. */
static void put_text(char *out, const unsigned char *p, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	static char pairs[64 * 64][2]; /* of two digits at once */
	for (unsigned i = 0; !pairs[64 * 64 - 1][0] && i < 64 * 64; i++) {
		pairs[i][0] = digits[i >> 6];
		pairs[i][1] = digits[i & 63];
	}
	for (; n >= 8; n -= 6, p += 6, out += 8) { /* of eight bytes at once the first six */
		uint64_t v;
		memcpy(&v, p, sizeof v);
		v = be64toh(v);
		memcpy(out, pairs[v >> 52], 2);
		memcpy(out + 2, pairs[v >> 40 & 0xFFF], 2);
		memcpy(out + 4, pairs[v >> 28 & 0xFFF], 2);
		memcpy(out + 6, pairs[v >> 16 & 0xFFF], 2);
	}
	for (; n >= 3; n -= 3, p += 3, out += 4) {
		uint32_t v = (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
		memcpy(out, pairs[v >> 12], 2);
		memcpy(out + 2, pairs[v & 0xFFF], 2);
	}
	if (n) {
		uint32_t v = (uint32_t)p[0] << 16 | (n > 1 ? (uint32_t)p[1] << 8 : 0);
		*out++ = digits[v >> 18];
		*out++ = digits[v >> 12 & 63];
		if (n > 1)
			*out++ = digits[v >> 6 & 63];
	}
	*out = '\0';
}

static size_t put_payload(unsigned char payload[PAYLOAD + TOKEN_URL], const struct token *token, struct str url)
{
	payload[0] = (unsigned char)token->purpose;
	put_number(payload + 1, (uint64_t)token->touch_id, 8);
	put_number(payload + 9, (uint64_t)token->lead_id, 8);
	put_number(payload + 17, token->link, 4);
	if (url.n)
		memcpy(payload + PAYLOAD, url.p, url.n);
	return PAYLOAD + url.n;
}

void token_write(const struct token_keys *keys, const struct token *token, char out[TOKEN_TEXT])
{
	const struct token_key *key = &keys->keys[keys->count - 1];
	unsigned char payload[PAYLOAD + TOKEN_URL], raw[RAW_MOST];
	size_t n = put_payload(payload, token, (struct str){"", 0});
	put_number(raw, key->id, KEY_ID);
	crypto_generichash(raw + KEY_ID, NONCE, payload, n, key->secret, TOKEN_KEY);
	crypto_aead_xchacha20poly1305_ietf_encrypt(raw + KEY_ID + NONCE, NULL, payload, n, payload, 1, NULL, raw + KEY_ID, key->secret);
	put_text(out, raw, AROUND + n);
}

size_t token_link_length(size_t url)
{
	return url > TOKEN_URL ? 0 : sodium_base64_ENCODED_LEN(RAW + url, sodium_base64_VARIANT_URLSAFE_NO_PADDING) - 1;
}

/* What the links' nonces begin with: of all that they say, each part with its length before it. */
static void hash_links(const struct token_key *key, const struct token *token, const struct str *urls, size_t count, unsigned char seed[SEED])
{
	static const unsigned char purpose[] = "links of one mail";
	unsigned char payload[PAYLOAD + TOKEN_URL], length[4];
	crypto_generichash_state state;
	crypto_generichash_init(&state, key->secret, TOKEN_KEY, SEED);
	crypto_generichash_update(&state, purpose, sizeof purpose);
	crypto_generichash_update(&state, payload, put_payload(payload, token, (struct str){"", 0}));
	for (size_t i = 0; i < count; i++) {
		put_number(length, urls[i].n, sizeof length);
		crypto_generichash_update(&state, length, sizeof length);
		crypto_generichash_update(&state, (const unsigned char *)urls[i].p, urls[i].n);
	}
	crypto_generichash_final(&state, seed, SEED);
}

/* A number of eight bytes, the lowest first. */
static void put_length(unsigned char *p, uint64_t v)
{
	for (int i = 0; i < 8; i++, v >>= 8)
		p[i] = (unsigned char)v;
}

/* XChaCha20-Poly1305 as libsodium makes it of the whole nonce, with the first half of the work done: `made` is crypto_core_hchacha20 of key and seed. The rest is
 * RFC 8439 2.8 in one piece of stream and one of authentication, which for texts as short as these costs half of what libsodium's own composition of
 * it does: the stream's first block is the key of the tag, behind it lies what seals the payload. Who reads it lets libsodium unseal it. */
static void seal_link(const unsigned char made[TOKEN_KEY], unsigned char *raw, const unsigned char *payload, size_t n)
{
	enum { STREAM_BLOCK = 64, TAG_BLOCK = 16, LENGTHS = 16 };
	unsigned char rest[crypto_stream_chacha20_ietf_NONCEBYTES] = {0}, stream[STREAM_BLOCK + PAYLOAD + TOKEN_URL];
	unsigned char tagged[TAG_BLOCK + PAYLOAD + TOKEN_URL + TAG_BLOCK + LENGTHS], *sealed = raw + KEY_ID + NONCE;
	size_t padded = (n + TAG_BLOCK - 1) / TAG_BLOCK * TAG_BLOCK;
	memset(stream, 0, STREAM_BLOCK);
	memset(tagged, 0, TAG_BLOCK);
	memset(tagged + TAG_BLOCK + n, 0, padded - n);
	tagged[0] = payload[0];
	memcpy(rest + sizeof rest - (NONCE - SEED), raw + KEY_ID + SEED, NONCE - SEED);
	memcpy(stream + STREAM_BLOCK, payload, n);
	crypto_stream_chacha20_ietf_xor(stream, stream, STREAM_BLOCK + n, rest, made);
	memcpy(sealed, stream + STREAM_BLOCK, n);
	memcpy(tagged + TAG_BLOCK, sealed, n);
	put_length(tagged + TAG_BLOCK + padded, 1);
	put_length(tagged + TAG_BLOCK + padded + 8, n);
	crypto_onetimeauth_poly1305(sealed + n, tagged, TAG_BLOCK + padded + LENGTHS, stream);
	sodium_memzero(stream, STREAM_BLOCK);
}

void token_links_write(const struct token_keys *keys, const struct token *token, const struct str *urls, size_t count, char *const *out)
{
	const struct token_key *key = &keys->keys[keys->count - 1];
	unsigned char payload[PAYLOAD + TOKEN_URL], raw[RAW_MOST], made[TOKEN_KEY];
	struct token link = *token;
	put_number(raw, key->id, KEY_ID);
	hash_links(key, token, urls, count, raw + KEY_ID);
	crypto_core_hchacha20(made, raw + KEY_ID, key->secret, NULL);
	for (size_t i = 0; i < count; i++) {
		link.link = (uint32_t)(count << 16 | i);
		size_t n = put_payload(payload, &link, urls[i]);
		put_number(raw + KEY_ID + SEED, i, NONCE - SEED);
		seal_link(made, raw, payload, n);
		put_text(out[i], raw, AROUND + n);
	}
	sodium_memzero(made, sizeof made);
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

/* Whatever is wrong, it is decrypted: of RAW bytes at least. payload has room for n - AROUND of `most`. */
static bool unseal(const struct token_keys *keys, struct str text, enum token_purpose purpose, size_t most, unsigned char *payload, size_t *length)
{
	unsigned char raw[RAW_MOST] = {0}, ad = (unsigned char)purpose;
	size_t n = 0;
	bool known = false;
	bool whole = sodium_base642bin(raw, most, text.p, text.n, NULL, &n, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
		     n >= RAW;
	n = n < RAW ? RAW : n;
	const unsigned char *secret = find_key(keys, (uint32_t)get_number(raw, KEY_ID), &known);
	bool sealed = crypto_aead_xchacha20poly1305_ietf_decrypt(payload, NULL, NULL, raw + KEY_ID + NONCE, n - KEY_ID - NONCE, &ad, 1,
								 raw + KEY_ID, secret) == 0;
	*length = n - AROUND;
	return whole && known && sealed && payload[0] == ad;
}

static void read_payload(const unsigned char *payload, enum token_purpose purpose, struct token *out)
{
	*out = (struct token){.purpose = purpose,
			      .touch_id = (int64_t)get_number(payload + 1, 8),
			      .lead_id = (int64_t)get_number(payload + 9, 8),
			      .link = (uint32_t)get_number(payload + 17, 4)};
}

bool token_read(const struct token_keys *keys, struct str text, enum token_purpose purpose, struct token *out)
{
	unsigned char payload[PAYLOAD];
	size_t n = 0;
	if (!unseal(keys, text, purpose, RAW, payload, &n))
		return false;
	read_payload(payload, purpose, out);
	return true;
}

bool token_link_read(const struct token_keys *keys, struct str text, enum token_purpose purpose, struct token *token, char *out, struct str *url)
{
	unsigned char payload[PAYLOAD + TOKEN_URL];
	size_t n = 0;
	if (!unseal(keys, text, purpose, RAW_MOST, payload, &n))
		return false;
	read_payload(payload, purpose, token);
	memcpy(out, payload + PAYLOAD, n - PAYLOAD);
	out[n - PAYLOAD] = '\0';
	*url = (struct str){out, n - PAYLOAD};
	return true;
}

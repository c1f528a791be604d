/* Codes of letters: see reply_code.h. Number (6 octets) · tag (4), enciphered as one block of 80 bits by a balanced Feistel network: eight rounds of SipHash-2-4 (Luby and
 * Rackoff, "How to construct pseudorandom permutations", 1988: four are enough against who may choose what is deciphered). Both subkeys are derived from the link key. */
#include "base/reply_code.h"

#include <sodium.h>
#include <string.h>

enum { DIGITS = 16, BITS_NUMBER = 48, ROUNDS = 8, SUBKEY = crypto_shorthash_KEYBYTES };
static const uint64_t HALF = (UINT64_C(1) << 40) - 1;
static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

struct subkeys {
	unsigned char rounds[SUBKEY], tag[SUBKEY];
};

/* The most significant 40 bits, and the others. */
struct block {
	uint64_t left, right;
};

static void derive(const struct token_key *key, struct subkeys *out)
{
	static const char purpose[] = "reply-code";
	unsigned char both[2 * SUBKEY];
	crypto_generichash(both, sizeof both, (const unsigned char *)purpose, sizeof purpose - 1, key->secret, TOKEN_KEY);
	memcpy(out->rounds, both, SUBKEY);
	memcpy(out->tag, both + SUBKEY, SUBKEY);
}

static uint64_t hash_of(const unsigned char key[SUBKEY], int round, uint64_t value)
{
	unsigned char in[9] = {(unsigned char)round}, hash[crypto_shorthash_BYTES];
	uint64_t out = 0;
	for (int i = 0; i < 8; i++)
		in[1 + i] = (unsigned char)(value >> (56 - 8 * i));
	crypto_shorthash(hash, in, sizeof in, key);
	for (int i = 0; i < 8; i++)
		out = out << 8 | hash[i];
	return out;
}

static uint32_t tag_of(const struct subkeys *keys, uint64_t number)
{
	return (uint32_t)hash_of(keys->tag, 0, number);
}

static struct block encipher(const struct subkeys *keys, struct block b)
{
	for (int round = 0; round < ROUNDS; round++)
		b = (struct block){b.right, b.left ^ (hash_of(keys->rounds, round, b.right) & HALF)};
	return b;
}

static struct block decipher(const struct subkeys *keys, struct block b)
{
	for (int round = ROUNDS; round--;)
		b = (struct block){b.right ^ (hash_of(keys->rounds, round, b.left) & HALF), b.left};
	return b;
}

/* ---- text ---- */

static void put_digits(struct block b, char out[REPLY_CODE_TEXT])
{
	for (int i = 0; i < DIGITS; i++) {
		uint64_t half = i < DIGITS / 2 ? b.left : b.right;
		*out++ = digits[half >> (35 - 5 * (i % 8)) & 31];
		if (i % 4 == 3)
			*out++ = i == DIGITS - 1 ? '\0' : '-';
	}
}

static int digit_of(char c)
{
	c = (char)(c >= 'a' && c <= 'z' ? c - 32 : c);
	c = (char)(c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c);
	const char *at = c ? strchr(digits, c) : NULL;
	return at ? (int)(at - digits) : -1;
}

/* Octets of what may stand between digits: blanks, hyphens, dots; the dashes and the narrow blank that word processors make of them (U+00A0, U+2010 to U+2015, U+202F). */
static size_t between(struct str text)
{
	static const char wide[][4] = {"\u00a0", "\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2015", "\u202f"};
	if (strchr(" \t\r\n-._", *text.p) && *text.p)
		return 1;
	for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
		if (str_starts(text, str_of(wide[i])))
			return strlen(wide[i]);
	return 0;
}

static bool get_digits(struct str text, struct block *out)
{
	int count = 0;
	*out = (struct block){0};
	while (text.n) {
		size_t step = between(text);
		int digit = step ? 0 : digit_of(*text.p);
		if (digit < 0 || (!step && count == DIGITS))
			return false;
		if (!step) {
			uint64_t *half = count++ < DIGITS / 2 ? &out->left : &out->right;
			*half = *half << 5 | (uint64_t)digit;
		}
		step += !step;
		text = (struct str){text.p + step, text.n - step};
	}
	return count == DIGITS;
}

/* ---- codes ---- */

bool reply_code_write(const struct token_keys *keys, int64_t touch_id, char out[REPLY_CODE_TEXT])
{
	struct subkeys sub;
	*out = '\0';
	if (touch_id <= 0 || touch_id >> BITS_NUMBER || !keys->count)
		return false;
	uint64_t number = (uint64_t)touch_id;
	derive(&keys->keys[keys->count - 1], &sub);
	uint32_t tag = tag_of(&sub, number);
	put_digits(encipher(&sub, (struct block){number >> 8, (number & 0xff) << 32 | tag}), out);
	return true;
}

/* Every key is tried: which one it was the code does not say. */
bool reply_code_read(const struct token_keys *keys, struct str text, int64_t *touch_id)
{
	struct block given;
	bool found = false;
	if (!get_digits(text, &given))
		return false;
	for (size_t i = 0; i < keys->count; i++) {
		struct subkeys sub;
		derive(&keys->keys[i], &sub);
		struct block b = decipher(&sub, given);
		uint64_t number = b.left << 8 | b.right >> 32;
		uint32_t tag = tag_of(&sub, number), said = (uint32_t)b.right;
		if (sodium_memcmp(&tag, &said, sizeof tag) != 0 || !number)
			continue;
		*touch_id = (int64_t)number;
		found = true;
	}
	return found;
}

bool reply_code_is(struct str text)
{
	struct block given;
	return get_digits(text, &given);
}

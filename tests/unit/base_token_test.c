/* Tokens in links: only what we made, whole, for its purpose. */
#include "base/token.h"
#include "unit/check_main.h"

#include <dlfcn.h>
#include <sodium.h>

/* Stands before libsodium's: what it costs to look at a token is the opening of its seal, and how much is under it. */
static int opened;
static unsigned long long octets;

int crypto_aead_xchacha20poly1305_ietf_decrypt(unsigned char *m, unsigned long long *mlen, unsigned char *nsec, const unsigned char *c, unsigned long long clen,
					       const unsigned char *ad, unsigned long long adlen, const unsigned char *npub, const unsigned char *k)
{
	static int (*real)(unsigned char *, unsigned long long *, unsigned char *, const unsigned char *, unsigned long long, const unsigned char *,
			   unsigned long long, const unsigned char *, const unsigned char *);
	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "crypto_aead_xchacha20poly1305_ietf_decrypt");
	opened++;
	octets += clen;
	return real(m, mlen, nsec, c, clen, ad, adlen, npub, k);
}

static struct token_key pair[2] = {{.id = 1}, {.id = 2}};

static void make_keys(void)
{
	token_key_random(pair[0].secret);
	token_key_random(pair[1].secret);
}

START_TEST(a_token_tells_its_touch_and_lead_and_stays_the_same)
{
	char a[TOKEN_TEXT], b[TOKEN_TEXT];
	struct token in = {.purpose = TOKEN_UNSUBSCRIBE, .touch_id = INT64_MAX, .lead_id = 4711, .link = 3}, out;
	make_keys();
	struct token_keys keys = {pair, 2};
	token_write(&keys, &in, a);
	token_write(&keys, &in, b);
	ck_assert_str_eq(a, b);
	ck_assert(token_read(&keys, str_of(a), TOKEN_UNSUBSCRIBE, &out));
	ck_assert_int_eq(out.touch_id, INT64_MAX);
	ck_assert_int_eq(out.lead_id, 4711);
	ck_assert_uint_eq(out.link, 3);
}
END_TEST

START_TEST(any_flipped_bit_cut_or_other_purpose_is_refused)
{
	char text[TOKEN_TEXT], bad[TOKEN_TEXT];
	struct token in = {.purpose = TOKEN_CLICK, .touch_id = 7, .lead_id = 64}, out;
	make_keys();
	struct token_keys keys = {pair, 2};
	token_write(&keys, &in, text);
	size_t n = strlen(text);
	for (size_t i = 0; i < n; i++) {
		for (int bit = 0; bit < 7; bit++) {
			memcpy(bad, text, sizeof bad);
			bad[i] ^= (char)(1 << bit);
			ck_assert(!token_read(&keys, (struct str){bad, n}, TOKEN_CLICK, &out));
		}
		ck_assert(!token_read(&keys, (struct str){text, i}, TOKEN_CLICK, &out));
	}
	ck_assert(!token_read(&keys, str_of(text), TOKEN_OPEN, &out));
	ck_assert(token_read(&keys, str_of(text), TOKEN_CLICK, &out));
}
END_TEST

START_TEST(old_keys_verify_and_unknown_ones_do_not)
{
	char old[TOKEN_TEXT];
	struct token in = {.purpose = TOKEN_OPEN, .touch_id = 1, .lead_id = 2}, out;
	make_keys();
	token_write(&(struct token_keys){pair, 1}, &in, old);
	ck_assert(token_read(&(struct token_keys){pair, 2}, str_of(old), TOKEN_OPEN, &out));
	ck_assert(!token_read(&(struct token_keys){pair + 1, 1}, str_of(old), TOKEN_OPEN, &out));
}
END_TEST

/* Of two links, as the second. */
static void write_second(const struct token_keys *keys, struct str url, char *text)
{
	static char first[TOKEN_LINK_TEXT];
	struct str urls[] = {STR("https://example.com/"), url};
	token_links_write(keys, &(struct token){.purpose = TOKEN_CLICK, .touch_id = 7, .lead_id = 64}, urls, 2, (char *const[]){first, text});
}

START_TEST(a_link_carries_its_address_and_no_other)
{
	static char text[TOKEN_LINK_TEXT], bad[TOKEN_LINK_TEXT], back[TOKEN_URL + 1], long_url[TOKEN_URL + 2];
	struct token out;
	struct str url;
	make_keys();
	struct token_keys keys = {pair, 2};
	write_second(&keys, STR("https://example.com/prices?a=1&b=2"), text);
	size_t n = strlen(text);
	ck_assert_uint_eq(n, token_link_length(34));
	ck_assert(token_link_read(&keys, str_of(text), TOKEN_CLICK, &out, back, &url));
	ck_assert(str_is(url, "https://example.com/prices?a=1&b=2") && out.touch_id == 7 && out.lead_id == 64 && out.link == (2 << 16 | 1));
	for (size_t i = 0; i < n; i++) {
		memcpy(bad, text, sizeof bad);
		bad[i] = bad[i] == 'A' ? 'B' : 'A';
		ck_assert(!token_link_read(&keys, (struct str){bad, n}, TOKEN_CLICK, &out, back, &url));
		ck_assert(!token_link_read(&keys, (struct str){text, i}, TOKEN_CLICK, &out, back, &url));
	}
	ck_assert(!token_link_read(&keys, str_of(text), TOKEN_DOWNLOAD, &out, back, &url));
	ck_assert(!token_read(&keys, str_of(text), TOKEN_CLICK, &out));
	memset(long_url, 'a', TOKEN_URL + 1);
	ck_assert_uint_eq(token_link_length(TOKEN_URL + 1), 0);
	long_url[TOKEN_URL] = '\0';
	write_second(&keys, str_of(long_url), text);
	ck_assert_uint_lt(strlen(text), TOKEN_LINK_TEXT);
	ck_assert(token_link_read(&keys, str_of(text), TOKEN_CLICK, &out, back, &url) && url.n == TOKEN_URL);
	for (size_t i = 0; i < 64; i++) { /* however its bytes fall into digits */
		write_second(&keys, (struct str){long_url, i}, text);
		ck_assert_uint_eq(strlen(text), token_link_length(i));
		ck_assert(token_link_read(&keys, str_of(text), TOKEN_CLICK, &out, back, &url) && str_same(url, (struct str){long_url, i}));
	}
	memset(bad, 'A', sizeof bad);
	ck_assert(!token_link_read(&keys, (struct str){bad, sizeof bad}, TOKEN_CLICK, &out, back, &url));
}
END_TEST

enum { BEFORE = 28 /* octets: the key's id, and the nonce */ };

static bool same_nonce(const char *left, const char *right)
{
	unsigned char a[TOKEN_LINK_TEXT], b[TOKEN_LINK_TEXT];
	ck_assert_int_eq(sodium_base642bin(a, sizeof a, left, strlen(left), NULL, NULL, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING), 0);
	ck_assert_int_eq(sodium_base642bin(b, sizeof b, right, strlen(right), NULL, NULL, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING), 0);
	return memcmp(a, b, BEFORE) == 0;
}

/* Under one nonce two different texts must never be sealed: who has both reads both, and can forge. */
START_TEST(no_two_links_share_a_nonce_and_the_same_mail_has_the_same_links)
{
	static char texts[3][4][TOKEN_LINK_TEXT];
	static const struct str urls[3][4] = {
		{STR("https://a.example/"), STR("https://b.example/"), STR("https://c.example/"), STR("https://a.example/")},
		{STR("https://a.example/"), STR("https://b.example/"), STR("https://c.example/"), STR("https://d.example/")},
		{STR("https://a.example/h"), STR("ttps://b.example/"), STR("https://c.example/"), STR("https://a.example/")}};
	struct token of = {.purpose = TOKEN_CLICK, .touch_id = 7, .lead_id = 64};
	make_keys();
	struct token_keys keys = {pair, 2};
	for (int m = 0; m < 3; m++)
		token_links_write(&keys, &of, urls[m], 4, (char *const[]){texts[m][0], texts[m][1], texts[m][2], texts[m][3]});
	for (int a = 0; a < 12; a++)
		for (int b = 0; b < a; b++)
			ck_assert(!same_nonce(texts[a / 4][a % 4], texts[b / 4][b % 4]));
	static char again[4][TOKEN_LINK_TEXT];
	token_links_write(&keys, &of, urls[0], 4, (char *const[]){again[0], again[1], again[2], again[3]});
	ck_assert_mem_eq(again, texts[0], sizeof again);
	of.touch_id = 8;
	token_links_write(&keys, &of, urls[0], 4, (char *const[]){again[0], again[1], again[2], again[3]});
	ck_assert(!same_nonce(again[0], texts[0][0]));
}
END_TEST

/* No stopwatch: one seal of the same size is opened, whatever is wrong, as for a token that is right. */
START_TEST(what_is_forged_costs_what_is_unknown_costs_and_what_is_genuine_costs)
{
	char genuine[TOKEN_TEXT], of_another_key[TOKEN_TEXT], text[TOKEN_TEXT];
	struct token in = {.purpose = TOKEN_UNSUBSCRIBE, .touch_id = 7, .lead_id = 64}, out;
	make_keys();
	struct token_keys keys = {pair, 1}, stranger = {pair + 1, 1};
	token_write(&keys, &in, genuine);
	token_write(&stranger, &in, of_another_key);
	size_t n = strlen(genuine);
	opened = 0, octets = 0;
	ck_assert(token_read(&keys, str_of(genuine), TOKEN_UNSUBSCRIBE, &out));
	ck_assert_int_eq(opened, 1);
	unsigned long long cost = octets;
	for (size_t i = 0; i < n + 6; i++) {
		memcpy(text, genuine, sizeof text);
		if (i < n)
			text[i] = text[i] == 'A' ? 'B' : 'A'; /* the last letter may carry bits that say nothing: then it is no base64 of ours */
		struct str bad[] = {{text, n}, {genuine, i < n ? i : 0}, str_of(of_another_key), {"", 0}, STR("%%%"), STR("1")};
		struct str one = bad[i < n ? i & 1 : i - n];
		bool right_key = i >= n && i == n; /* the genuine one, for something else */
		opened = 0, octets = 0;
		ck_assert(!token_read(&keys, right_key ? str_of(genuine) : one, right_key ? TOKEN_DOWNLOAD : TOKEN_UNSUBSCRIBE, &out));
		ck_assert_int_eq(opened, 1);
		ck_assert_uint_eq(octets, cost);
	}
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(what_is_forged_costs_what_is_unknown_costs_and_what_is_genuine_costs),
	UNIT(a_link_carries_its_address_and_no_other),
	UNIT(no_two_links_share_a_nonce_and_the_same_mail_has_the_same_links),
	UNIT(a_token_tells_its_touch_and_lead_and_stays_the_same),
	UNIT(any_flipped_bit_cut_or_other_purpose_is_refused),
	UNIT(old_keys_verify_and_unknown_ones_do_not),
};
UNIT_MAIN("base/token", cases)

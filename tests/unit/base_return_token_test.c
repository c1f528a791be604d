/* The token of what was sent: short, small letters, the same each time, of nobody's making but ours. */
#include "base/return_token.h"

#include "unit/check_main.h"

#include <ctype.h>
#include <string.h>

static struct token_key two[2];
static struct token_keys keys;

static void begin(void)
{
	for (uint32_t i = 0; i < 2; i++) {
		two[i].id = i + 1;
		token_key_random(two[i].secret);
	}
	keys = (struct token_keys){two, 1};
}

START_TEST(it_names_its_touch_and_address_and_is_the_same_each_time)
{
	char one[RETURN_TOKEN_TEXT], two_[RETURN_TOKEN_TEXT];
	int64_t id = 0;
	uint32_t address = 0;
	const struct token_key *key = NULL;
	for (int64_t touch = 1; touch < INT64_C(1) << 62; touch = touch * 3 + 1) {
		return_token_write(&keys, touch, STR("a@example.com"), one);
		return_token_write(&keys, touch, STR("a@example.com"), two_);
		ck_assert_str_eq(one, two_);
		ck_assert_uint_eq(strlen(one), 39);
		for (const char *p = one; *p; p++)
			ck_assert(islower((unsigned char)*p) || isdigit((unsigned char)*p));
		ck_assert(return_token_read(&keys, str_of(one), &id, &address, &key));
		ck_assert_int_eq(id, touch);
		ck_assert(key == &two[0]);
		ck_assert_uint_eq(address, return_token_address(&two[0], STR("a@example.com")));
		ck_assert_uint_ne(address, return_token_address(&two[1], STR("a@example.com"))); /* nobody without the key finds another with the same */
		for (char *p = two_; *p; p++)
			*p = (char)toupper((unsigned char)*p); /* a mail server may do so */
		ck_assert(return_token_read(&keys, str_of(two_), &id, &address, &key));
	}
	return_token_write(&keys, 7, STR("b@example.com"), two_);
	return_token_write(&keys, 7, STR("a@example.com"), one);
	ck_assert_str_ne(one, two_);
}
END_TEST

START_TEST(every_change_makes_it_nobody_s)
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
	char text[RETURN_TOKEN_TEXT + 1];
	int64_t id = 77;
	uint32_t address = 78;
	const struct token_key *key = NULL;
	return_token_write(&keys, 12345, STR("a@example.com"), text);
	for (size_t i = 0; i < 39; i++) {
		char was = text[i];
		for (const char *d = digits; *d; d++) {
			text[i] = *d;
			if (*d != was)
				ck_assert(!return_token_read(&keys, str_of(text), &id, &address, &key));
		}
		text[i] = was;
	}
	ck_assert(!return_token_read(&keys, (struct str){text, 38}, &id, &address, &key));
	ck_assert(!return_token_read(&keys, STR(""), &id, &address, &key));
	text[39] = 'a', text[40] = 0;
	ck_assert(!return_token_read(&keys, str_of(text), &id, &address, &key));
	text[5] = '1';
	ck_assert(!return_token_read(&keys, (struct str){text, 39}, &id, &address, &key));
	ck_assert_int_eq(id, 77);
}
END_TEST

START_TEST(old_keys_verify_and_strange_ones_do_not)
{
	char old[RETURN_TOKEN_TEXT], new[RETURN_TOKEN_TEXT];
	int64_t id = 0;
	uint32_t address = 0;
	const struct token_key *key = NULL;
	return_token_write(&keys, 9, STR("a@example.com"), old);
	keys.count = 2;
	return_token_write(&keys, 9, STR("a@example.com"), new);
	ck_assert_str_ne(old, new);
	ck_assert(return_token_read(&keys, str_of(old), &id, &address, &key));
	ck_assert(return_token_read(&keys, str_of(new), &id, &address, &key));
	keys = (struct token_keys){two, 1};
	ck_assert(!return_token_read(&keys, str_of(new), &id, &address, &key));
	keys.count = 0;
	ck_assert(!return_token_read(&keys, str_of(old), &id, &address, &key));
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(it_names_its_touch_and_address_and_is_the_same_each_time),
	UNIT(every_change_makes_it_nobody_s),
	UNIT(old_keys_verify_and_strange_ones_do_not),
};
UNIT_MAIN_EACH("base/return_token", cases, (void)0, begin, NULL)

/* Codes of letters: short, the same each time, read as people write them, of nobody's making but ours. */
#include "base/reply_code.h"

#include "unit/check_main.h"

#include <ctype.h>
#include <string.h>

static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
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

static int64_t read_back(const char *text)
{
	int64_t touch = 0;
	return reply_code_read(&keys, str_of(text), &touch) ? touch : -1;
}

START_TEST(it_names_its_touch_and_is_the_same_each_time)
{
	char one[REPLY_CODE_TEXT], again[REPLY_CODE_TEXT];
	for (int64_t touch = 1; touch < INT64_C(1) << 48; touch = touch * 3 + 1) {
		ck_assert(reply_code_write(&keys, touch, one) && reply_code_write(&keys, touch, again));
		ck_assert_str_eq(one, again);
		ck_assert_uint_eq(strlen(one), 19);
		for (size_t i = 0; i < 19; i++)
			ck_assert(i % 5 == 4 ? one[i] == '-' : strchr(digits, one[i]) != NULL);
		ck_assert_int_eq(read_back(one), touch);
	}
	ck_assert(!reply_code_write(&keys, INT64_C(1) << 48, one) && !*one);
	ck_assert(!reply_code_write(&keys, 0, one) && !reply_code_write(&keys, -64, one));
}
END_TEST

START_TEST(it_is_read_as_people_write_it)
{
	char code[REPLY_CODE_TEXT], text[200];
	for (int64_t touch = 64; touch < 64 * 200; touch += 64) {
		size_t n = 0;
		ck_assert(reply_code_write(&keys, touch, code));
		for (const char *p = code; *p; p++) {
			char c = *p == '0' ? "oO0"[touch / 64 % 3] : *p == '1' ? "ilIL"[touch / 64 % 4] : touch % 128 ? (char)tolower((unsigned char)*p) : *p;
			if (*p == '-')
				n += (size_t)snprintf(text + n, sizeof text - n, "%s", (const char *[]){"", " ", "\u2013", " - ", ".", "\u00a0"}[touch / 64 % 6]);
			else
				text[n++] = c;
		}
		text[n] = '\0';
		ck_assert_int_eq(read_back(text), touch);
		snprintf(text + n, sizeof text - n, " \r\n");
		ck_assert_int_eq(read_back(text), touch);
	}
}
END_TEST

START_TEST(every_slip_makes_it_nobody_s)
{
	char text[REPLY_CODE_TEXT + 2];
	int64_t touch = 77;
	ck_assert(reply_code_write(&keys, 12345, text));
	for (size_t i = 0; i < 19; i++) {
		char was = text[i];
		for (const char *d = digits; was != '-' && *d; d++) {
			text[i] = *d;
			if (*d != was)
				ck_assert(!reply_code_read(&keys, str_of(text), &touch));
		}
		text[i] = was;
	}
	for (size_t i = 0; i + 1 < 19; i++) { /* two that changed places: the slip of hands */
		char was = text[i], next = text[i + 1];
		text[i] = next, text[i + 1] = was;
		if (was != next && was != '-' && next != '-')
			ck_assert(!reply_code_read(&keys, str_of(text), &touch));
		text[i] = was, text[i + 1] = next;
	}
	ck_assert(!reply_code_read(&keys, (struct str){text, 18}, &touch));
	ck_assert(!reply_code_read(&keys, STR(""), &touch) && !reply_code_read(&keys, STR("----"), &touch));
	ck_assert(!reply_code_read(&keys, STR(REPLY_CODE_SAMPLE), &touch) && reply_code_is(STR(REPLY_CODE_SAMPLE)));
	text[19] = '0', text[20] = '\0';
	ck_assert(!reply_code_read(&keys, str_of(text), &touch) && !reply_code_is(str_of(text)));
	ck_assert(!reply_code_is(STR("ABCD-EFGH-JKMN-PQR\xc3")) && !reply_code_is((struct str){"ABCDEFGHJKMNPQR\0", 16}));
	ck_assert_int_eq(touch, 77);
}
END_TEST

START_TEST(old_keys_verify_and_strange_ones_do_not)
{
	char old[REPLY_CODE_TEXT], new[REPLY_CODE_TEXT];
	ck_assert(reply_code_write(&keys, 9, old));
	keys.count = 2;
	ck_assert(reply_code_write(&keys, 9, new));
	ck_assert_str_ne(old, new);
	ck_assert(read_back(old) == 9 && read_back(new) == 9);
	keys = (struct token_keys){two, 1};
	ck_assert_int_eq(read_back(new), -1);
	keys.count = 0;
	ck_assert_int_eq(read_back(old), -1);
	ck_assert(!reply_code_write(&keys, 9, new));
}
END_TEST

/* Letters printed one after the other: no place of their codes says which came first. */
START_TEST(neighbours_have_nothing_in_common)
{
	enum { LETTERS = 2000 };
	char before[REPLY_CODE_TEXT] = "", code[REPLY_CODE_TEXT];
	int same = 0;
	for (int64_t touch = 64; touch <= 64 * LETTERS; touch += 64) {
		ck_assert(reply_code_write(&keys, touch, code));
		for (size_t i = 0; *before && i < 19; i++)
			same += code[i] != '-' && code[i] == before[i];
		memcpy(before, code, sizeof before);
	}
	ck_assert_int_lt(same, LETTERS); /* by chance 1,000 of 32,000; sd 31 */
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(it_names_its_touch_and_is_the_same_each_time),
	UNIT(it_is_read_as_people_write_it),
	UNIT(every_slip_makes_it_nobody_s),
	UNIT(old_keys_verify_and_strange_ones_do_not),
	UNIT(neighbours_have_nothing_in_common),
};
UNIT_MAIN_EACH("base/reply_code", cases, (void)0, begin, NULL)

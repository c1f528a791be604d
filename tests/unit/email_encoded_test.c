/* Files of mails are encoded once, and what is kept of them is bounded. */
#include "encoded.h"

#include "unit/check_main.h"

#include <string.h>

START_TEST(a_file_is_encoded_once_and_another_in_its_place_is_another)
{
	struct encoded *encoded = encoded_new("\r\n");
	char file[300];
	memset(file, 'a', sizeof file);
	char *first = g_strdup(encoded_of(encoded, file, sizeof file)->str);
	for (int i = 0; i < 10; i++)
		ck_assert_str_eq(encoded_of(encoded, file, sizeof file)->str, first);
	ck_assert_uint_eq(encoded_made(encoded), 1);
	file[299] = 'b'; /* the same place and length */
	ck_assert_str_ne(encoded_of(encoded, file, sizeof file)->str, first);
	ck_assert_uint_eq(encoded_made(encoded), 2);
	ck_assert(strncmp(first, "YWFh", 4) == 0 && strstr(first, "\r\n") == first + 76);
	ck_assert_uint_eq(encoded_of(encoded, file, 0)->len, 0);
	g_free(first);
	encoded_free(encoded);
	encoded_free(NULL);
}
END_TEST

START_TEST(what_was_not_asked_for_lately_goes_and_large_ones_do_not_heap_up)
{
	struct encoded *encoded = encoded_new("\n");
	char small[3] = "00";
	for (int i = 0; i < 2 * ENCODED_FILES; i++) {
		encoded_of(encoded, small, 3);
		small[0] = (char)(i + 1);
		small[1] = 'x';
	}
	size_t made = encoded_made(encoded);
	encoded_of(encoded, "00", 3); /* the first: forgotten */
	ck_assert_uint_eq(encoded_made(encoded), made + 1);
	enum { LARGE = 20 << 20 };
	char *large = g_malloc0(LARGE);
	for (int i = 0; i < 4; i++) {
		large[0] = (char)i;
		ck_assert_uint_gt(encoded_of(encoded, large, LARGE)->len, LARGE);
	}
	made = encoded_made(encoded);
	large[0] = 3;
	encoded_of(encoded, large, LARGE); /* the last stays */
	ck_assert_uint_eq(encoded_made(encoded), made);
	large[0] = 0;
	encoded_of(encoded, large, LARGE);
	ck_assert_uint_eq(encoded_made(encoded), made + 1);
	g_free(large);
	encoded_free(encoded);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(a_file_is_encoded_once_and_another_in_its_place_is_another),
	UNIT(what_was_not_asked_for_lately_goes_and_large_ones_do_not_heap_up),
};
UNIT_MAIN("email/encoded", cases)

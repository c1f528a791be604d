/* Do-not-call lists as their keepers write them (plugins/telemarketing/numbers.h). */
#include "numbers.h"

#include "unit/check_main.h"

#include <string.h>

START_TEST(numbers_are_read_as_they_are_dialled_at_home)
{
	static const struct { const char *line, *country, *number; } all[] = {
		{"020 7946 0000", "44", "+442079460000"}, {"+44 (0)20 7946 0000", "44", "+442079460000"}, {"0044 20 7946 0000", "", "+442079460000"},
		{"06 698 1234", "39", "+39066981234"},   {"8 495 123-45-67", "7", "+74951234567"},       {"800 123 45 67", "7", "+78001234567"},
		{"06 1 234 5678", "36", "+3612345678"},  {"1 212 555 0100", "1", "+12125550100"},        {"212-555-0100", "1", "+12125550100"},
		{"8 612 34567", "370", "+37061234567"},  {"\xef\xbb\xbf+49 30 123456", "", "+4930123456"}, {"\"030 123456\",\"A. B.\"", "49", "+4930123456"}};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		struct numbers numbers;
		char *out;
		numbers_read(&numbers, all[i].line, strlen(all[i].line), all[i].country);
		ck_assert_msg(numbers_cut(&numbers, 10, &out) == 1 && strcmp(out, all[i].number) == 0 && !numbers.bad, "%s: %s", all[i].line, out);
		numbers_fini(&numbers);
	}
}
END_TEST

START_TEST(what_is_none_is_counted_with_its_line)
{
	static const char text[] = "number\n\n+49301\n030 123456\r\nrubbish 12\n+49 30 1234567\n";
	struct numbers numbers;
	numbers_read(&numbers, text, strlen(text), "");
	ck_assert_uint_eq(numbers.count, 2);
	ck_assert_uint_eq(numbers.bad, 2);
	ck_assert_uint_eq(numbers.bad_at[0], 4);
	numbers_fini(&numbers);
}
END_TEST

START_TEST(they_are_cut_into_pieces_without_losing_one)
{
	struct numbers numbers;
	char *out, all[200] = "";
	numbers_read(&numbers, "+4911111\n+4922222\n+4933333\n", 27, "");
	ck_assert_uint_eq(numbers_cut(&numbers, 2, &out), 2);
	strcat(all, out);
	ck_assert_uint_eq(numbers_cut(&numbers, 2, &out), 1);
	strcat(strcat(all, " "), out);
	ck_assert_uint_eq(numbers_cut(&numbers, 2, &out), 0);
	ck_assert_str_eq(all, "+4911111,+4922222 +4933333");
	numbers_fini(&numbers);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(numbers_are_read_as_they_are_dialled_at_home),
	UNIT(what_is_none_is_counted_with_its_line),
	UNIT(they_are_cut_into_pieces_without_losing_one),
};
UNIT_MAIN("telemarketing/numbers", cases)

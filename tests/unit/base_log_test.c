/* The log: no value can forge a line or steer a terminal. */
#include "base/log.h"
#include "base/mem.h"
#include "unit/check_main.h"

#include <unistd.h>

/* What one entry writes. */
static const char *written(struct str value)
{
	static char text[8192];
	int ends[2];
	ck_assert_int_eq(pipe(ends), 0);
	log_set_fd(ends[1]);
	log_info("test.event", log_slice("value", value), log_int("n", 7));
	log_set_fd(2);
	close(ends[1]);
	ssize_t n = read(ends[0], text, sizeof text - 1);
	close(ends[0]);
	ck_assert_int_gt(n, 0);
	text[n] = '\0';
	return strstr(text, "test.event");
}

START_TEST(a_plain_value_stands_as_it_is)
{
	ck_assert_str_eq(written(STR("engine")), "test.event value=engine n=7\n");
	ck_assert_str_eq(written(STR("two words")), "test.event value=\"two words\" n=7\n");
	ck_assert_str_eq(written(STR("Z\xc3\xbcrich")), "test.event value=Z\xc3\xbcrich n=7\n");
}
END_TEST

START_TEST(line_ends_escapes_and_turned_text_cannot_leave_their_value)
{
	static const struct {
		struct str value;
		const char *line;
	} table[] = {
		{{"a\r\n2026 error forged", 20}, "value=\"a\\x0d\\x0a2026 error forged\""},
		{{"\x1b[31m", 5}, "\\x1b"},
		{{"\xe2\x80\xae", 3}, "\\xe2\\x80\\xae"},
		{{"\xd8\x9c", 2}, "\\xd8\\x9c"},
		{{"\xf3\xa0\x81\xa5", 4}, "\\xf3\\xa0"},
		{{"\xe2\x80\xa8", 3}, "\\xe2\\x80\\xa8"},
		{{"\xc2\x85", 2}, "\\xc2\\x85"},
		{{"\xff", 1}, "\\xff"},
		{{"\" n=8 x=\"", 9}, "value=\"\\\" n=8 x=\\\"\" n=7"},
		{{"a\0b", 3}, "\\x00"},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		const char *line = written(table[i].value);
		ck_assert_msg(strstr(line, table[i].line) != NULL, "%zu: %s", i, line);
		ck_assert_ptr_eq(strchr(line, '\n'), line + strlen(line) - 1);
	}
}
END_TEST

START_TEST(a_megabyte_is_cut)
{
	char *big = mem_alloc(1 << 20);
	memset(big, 'x', (1 << 20) - 1);
	const char *line = written(str_of(big));
	ck_assert(strlen(line) < 4096);
	ck_assert(strstr(line, "xxx... n=7"));
	free(big);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(a_plain_value_stands_as_it_is),
	UNIT(line_ends_escapes_and_turned_text_cannot_leave_their_value),
	UNIT(a_megabyte_is_cut),
};
UNIT_MAIN("base/log", cases)

/* The file of refused rows: whose columns are ours, and what a run that goes on writes behind the one before. */
#include "jobs/rejects.h"
#include "unit/check_main.h"

#include <string.h>
#include <unistd.h>

static char path[] = "/tmp/nurture-rejects-XXXXXX";
static struct error error;

static void new_file(const char *text)
{
	memcpy(path + sizeof path - 7, "XXXXXX", 6);
	int fd = mkstemp(path);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

/* Refuses one row of two columns behind the bytes that are there; all that stands in the file then. */
static const char *refuse(const char *a, const char *b, const char *c, const char *before, char separator)
{
	static char all[500];
	struct str head[] = {str_of(a), str_of(b), str_of(c)}, cells[] = {STR("1"), STR("2"), STR("3")};
	struct csv_row header = {.line = 1, .cells = head, .count = 3}, row = {.line = 7, .cells = cells, .count = 3};
	new_file(before);
	struct rejects *rejects = rejects_new(path, (int64_t)strlen(before), separator);
	ck_assert_int_eq(rejects_add(rejects, &header, &row, "email", "it is none.", &error), 0);
	ck_assert_int_eq(rejects_flush(rejects, &error), 0);
	rejects_free(rejects);
	FILE *file = fopen(path, "r");
	all[fread(all, 1, sizeof all - 1, file)] = '\0';
	fclose(file);
	unlink(path);
	return all;
}

START_TEST(a_customers_columns_line_and_reason_are_kept)
{
	ck_assert_str_eq(refuse("line", "reason", "email", "", ','),
			 "\xEF\xBB\xBFrefused line,refused reason,\"line\",\"reason\",\"email\"\n7,\"email: it is none.\",\"1\",\"2\",\"3\"\n");
	ck_assert_str_eq(refuse("refused line", "refused reason", "email", "", ';'), "\xEF\xBB\xBFrefused line;refused reason;\"email\"\n7;\"email: it is none.\";\"3\"\n");
	ck_assert_str_eq(refuse("a", "refused line", "refused reason", "", ','),
			 "\xEF\xBB\xBFrefused line,refused reason,\"a\",\"refused line\",\"refused reason\"\n7,\"email: it is none.\",\"1\",\"2\",\"3\"\n");
}
END_TEST

START_TEST(a_file_that_was_begun_keeps_its_separator)
{
	ck_assert_str_eq(refuse("a", "b", "c", "\xEF\xBB\xBFline,reason,\"a;x\"\n3,\"why\",\"x\"\n", ';'),
			 "\xEF\xBB\xBFline,reason,\"a;x\"\n3,\"why\",\"x\"\n7,\"email: it is none.\",\"1\",\"2\",\"3\"\n");
	ck_assert_str_eq(refuse("a", "b", "c", "\xEF\xBB\xBFrefused line\trefused reason\n", ','),
			 "\xEF\xBB\xBFrefused line\trefused reason\n7\t\"email: it is none.\"\t\"1\"\t\"2\"\t\"3\"\n");
	ck_assert_str_eq(refuse("a", "b", "c", "no head\n", '|'), "no head\n7|\"email: it is none.\"|\"1\"|\"2\"|\"3\"\n");
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(a_customers_columns_line_and_reason_are_kept),
	UNIT(a_file_that_was_begun_keeps_its_separator),
};
UNIT_MAIN("jobs/rejects", cases)

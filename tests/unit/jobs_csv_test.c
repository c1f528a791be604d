/* CSV: every row is read or reported with its line, whatever stands around it. */
#include "jobs/csv.h"
#include "unit/check_main.h"

#include <sys/mman.h>
#include <unistd.h>

static struct arena *arena;
static struct csv_reader *reader;
static struct csv_row row;
static int fd;

static void open_bytes(const char *text, size_t n)
{
	arena = arena_new();
	fd = memfd_create("csv", 0);
	ck_assert_int_eq(write(fd, text, n), (ssize_t)n);
	lseek(fd, 0, SEEK_SET);
	reader = csv_reader_new(fd, ',');
}

static void open_text(const char *text)
{
	open_bytes(text, strlen(text));
}

static void expect(int64_t line, size_t count, const char *first)
{
	struct error error;
	ck_assert_int_eq(csv_next(reader, arena, &row, &error), 1);
	ck_assert_int_eq(row.line, line);
	ck_assert_msg(row.broken == NULL, "line %d: %s", (int)line, row.broken);
	ck_assert_uint_eq(row.count, count);
	ck_assert_str_eq(row.cells[0].p, first);
}

static void expect_broken(int64_t line, const char *part)
{
	struct error error;
	ck_assert_int_eq(csv_next(reader, arena, &row, &error), 1);
	ck_assert_int_eq(row.line, line);
	ck_assert_ptr_nonnull(row.broken);
	ck_assert_msg(strstr(row.broken, part) != NULL, "“%s” does not say “%s”", row.broken, part);
}

static void expect_end(void)
{
	struct error error;
	ck_assert_int_eq(csv_next(reader, arena, &row, &error), 0);
	csv_reader_free(reader);
	arena_free(arena);
	close(fd);
}

START_TEST(rows_come_with_the_line_on_which_they_begin)
{
	open_text("a,b\n1,2\n\n\"x\ny\",3\r\n4,5");
	expect(1, 2, "a");
	expect(2, 2, "1");
	expect(4, 2, "x\ny");
	expect(6, 2, "4");
	expect_end();
}
END_TEST

START_TEST(a_byte_order_mark_is_not_part_of_the_first_name)
{
	open_text("\xEF\xBB\xBFid,name\n1,x\n");
	expect(1, 2, "id");
	expect(2, 2, "1");
	expect_end();
}
END_TEST

START_TEST(a_stray_quote_costs_its_own_line_only)
{
	open_text("a,b\n1,\"x\"y\n3,4\n5,\"q\"\"q\"\n");
	expect(1, 2, "a");
	expect_broken(2, "quote stands where none may");
	expect(3, 2, "3");
	expect(4, 2, "5");
	ck_assert_str_eq(row.cells[1].p, "q\"q");
	expect_end();
}
END_TEST

START_TEST(a_quote_that_is_never_closed_does_not_swallow_the_rows_behind_it)
{
	open_text("a,b\n1,\"open\n2,x\n3,y\n");
	expect(1, 2, "a");
	expect_broken(2, "never closed");
	expect(3, 2, "2");
	expect(4, 2, "3");
	expect_end();
}
END_TEST

START_TEST(two_unclosed_quotes_are_two_broken_rows)
{
	open_text("a,b\n\"1,x\n2,y\n3,\"z\n4,w\n");
	expect(1, 2, "a");
	expect_broken(2, "quote");
	expect(3, 2, "2");
	expect_broken(4, "quote");
	expect(5, 2, "4");
	expect_end();
}
END_TEST

START_TEST(bytes_that_are_no_text_are_reported_with_their_line)
{
	static const char text[] = "a,b\n1,\xff\xfe\n2,nul\0here\n3,fine\n";
	open_bytes(text, sizeof text - 1);
	expect(1, 2, "a");
	expect_broken(2, "not UTF-8");
	expect_broken(3, "not UTF-8");
	expect(4, 2, "3");
	expect_end();
}
END_TEST

START_TEST(an_endless_line_is_reported_and_passed_over)
{
	size_t n = 3 * 1024 * 1024;
	char *text = malloc(n);
	memset(text, 'x', n);
	memcpy(text, "a,b\n", 4);
	memcpy(text + n - 8, "\n1,2\n3,4", 8);
	open_bytes(text, n);
	expect(1, 2, "a");
	expect_broken(2, "longer than 256 KB");
	expect(3, 2, "1");
	expect(4, 2, "3");
	expect_end();
	free(text);
}
END_TEST

START_TEST(an_empty_file_has_no_rows)
{
	open_text("");
	expect_end();
	open_text("\n\n\n");
	expect_end();
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(rows_come_with_the_line_on_which_they_begin),
	UNIT(a_byte_order_mark_is_not_part_of_the_first_name),
	UNIT(a_stray_quote_costs_its_own_line_only),
	UNIT(a_quote_that_is_never_closed_does_not_swallow_the_rows_behind_it),
	UNIT(two_unclosed_quotes_are_two_broken_rows),
	UNIT(bytes_that_are_no_text_are_reported_with_their_line),
	UNIT(an_endless_line_is_reported_and_passed_over),
	UNIT(an_empty_file_has_no_rows),
};
UNIT_MAIN("jobs/csv", cases)

/* CSV: every row is read or reported with its line, whatever stands around it. */
#include "jobs/csv.h"
#include "unit/check_main.h"

#include <sys/mman.h>
#include <unistd.h>

static struct arena *arena;
static struct csv_reader *reader;
static struct csv_row row;
static int fd;
static enum encoding encoding;
static char separator = ',';

static void open_bytes(const char *text, size_t n)
{
	arena = arena_new();
	fd = memfd_create("csv", 0);
	ck_assert_int_eq(write(fd, text, n), (ssize_t)n);
	lseek(fd, 0, SEEK_SET);
	reader = csv_reader_new(fd, encoding, separator);
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

#define BYTES(literal) literal, sizeof(literal) - 1

/* The cells that the broken row before seems to have, as they are, with | between them. */
static void expect_guess(const char *cells, size_t n)
{
	struct buf all = {0};
	for (size_t i = 0; i < row.count; i++) {
		if (i)
			buf_putc(&all, '|');
		buf_put(&all, row.cells[i].p, row.cells[i].n);
	}
	ck_assert_msg(all.n == n && memcmp(all.p ? all.p : "", cells, n) == 0, "“%s” in place of “%s”", all.p, cells);
	buf_fini(&all);
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
	expect_broken(2, "UTF-8");
	expect_broken(3, "UTF-8");
	expect(4, 2, "3");
	expect_end();
}
END_TEST

START_TEST(a_broken_row_comes_with_the_cells_that_it_seems_to_have)
{
	static const char text[] = "a,b,c\n1,\"open,x\r\n2,nul\0here,y\n3,\"a\"b,\"say \"\"no\"\", if\"\n4,\"two\nl\0nes\",z\n5,\xff,\n6,w,";
	open_bytes(text, sizeof text - 1);
	expect(1, 3, "a");
	expect_broken(2, "");
	expect_guess(BYTES("1|\"open|x"));
	expect_broken(3, "control characters");
	expect_guess(BYTES("2|nul\0here|y"));
	expect_broken(4, "quote");
	expect_guess(BYTES("3|\"a\"b|say \"no\", if"));
	expect_broken(5, "control characters");
	expect_guess(BYTES("4|two\nl\0nes|z"));
	expect_broken(7, "UTF-8");
	expect_guess(BYTES("5|\xff|"));
	expect(8, 3, "6");
	expect_end();
}
END_TEST

START_TEST(a_line_with_too_many_cells_keeps_all_that_was_in_it)
{
	struct buf text = {0};
	buf_puts(&text, "a\n");
	for (int i = 0; i < CSV_COLUMNS_MAX + 1; i++)
		buf_puts(&text, i ? ",x" : "x");
	open_bytes(text.p, text.n);
	expect(1, 1, "a");
	expect_broken(2, "1,000 columns");
	ck_assert_uint_eq(row.count, CSV_COLUMNS_MAX);
	ck_assert_str_eq(row.cells[CSV_COLUMNS_MAX - 1].p, "x,x");
	expect_end();
	buf_fini(&text);
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

static enum encoding told(const char *text, size_t n)
{
	struct encoding_look whole = {0}, pieces = {0};
	encoding_look(&whole, text, n);
	for (size_t i = 0; i < n; i++) /* cut anywhere it is the same */
		encoding_look(&pieces, text + i, 1);
	ck_assert_int_eq(encoding_tell(&whole), encoding_tell(&pieces));
	ck_assert_uint_eq(whole.letters, pieces.letters);
	ck_assert_uint_eq(whole.wrong, pieces.wrong);
	ck_assert(encoding_in_doubt(&whole) == encoding_in_doubt(&pieces));
	return encoding_tell(&whole);
}
#define TOLD(text) told(text, sizeof(text) - 1)

START_TEST(the_encoding_is_told_from_the_bytes)
{
	ck_assert_int_eq(TOLD("name,city\nAnn,Paris\n"), ENCODING_UTF8);
	ck_assert_int_eq(TOLD(""), ENCODING_UTF8);
	ck_assert_int_eq(TOLD("Zo\xC3\xAB,M\xC3\xBCnchen\nbad,\xFF\n"), ENCODING_UTF8);
	ck_assert_int_eq(TOLD("\xEF\xBB\xBFname\n\xE9\n\xE8\n"), ENCODING_UTF8);
	ck_assert_int_eq(TOLD("Zo\xEB,M\xFCnchen\n\x80\n"), ENCODING_WINDOWS_1252);
	ck_assert_int_eq(TOLD("caf\xE9"), ENCODING_WINDOWS_1252);
	ck_assert_int_eq(TOLD("\xFF\xFEn\0,\0"), ENCODING_UTF16LE);
	ck_assert_int_eq(TOLD("\xFE\xFF\0n\0,"), ENCODING_UTF16BE);
	ck_assert_int_eq(TOLD("n\0a\0m\0e\0\n\0\xE9\0"), ENCODING_UTF16LE);
	ck_assert_int_eq(TOLD("\0n\0a\0m\0e\0\n\0\xE9"), ENCODING_UTF16BE);
	ck_assert_int_eq(TOLD("a,b\n1,nul\0here\n"), ENCODING_UTF8);
}
END_TEST

static bool in_doubt(const char *text)
{
	struct encoding_look look = {0};
	ck_assert_int_eq(told(text, strlen(text)), ENCODING_WINDOWS_1252);
	encoding_look(&look, text, strlen(text));
	return encoding_in_doubt(&look);
}

START_TEST(words_of_no_western_language_put_the_encoding_in_doubt)
{
	ck_assert(in_doubt("mail,name\nivan@example.com,\xC8\xE2\xE0\xED\n"));              /* windows-1251 */
	ck_assert(in_doubt("mail,name\na@example.com,\x91\xBE\x98Y"));                        /* Shift-JIS */
	ck_assert(in_doubt("mail,name\na@example.com,\xC3\xE9\xFE\xF1\xE3\xEF\xF2 caf\xE9\nb@example.com,\xCD\xDF\xEA\xEF\xF2\n")); /* windows-1253 */
	ck_assert(!in_doubt("Zo\xEB,M\xFCnchen\n\x80 12\n\xD6\xC4\n"));
	ck_assert(!in_doubt("\xC9t\xE9,\xE0 cr\xE9\xE9\xE9,\x96,\x93q\x94,\xC5s\n"));
	struct encoding_look look = {0};
	encoding_look(&look, "name\n\xD0\x98\xD0\xB2\xD0\xB0\xD0\xBD\n", 14); /* UTF-8 */
	ck_assert(!encoding_in_doubt(&look));
}
END_TEST

START_TEST(other_encodings_are_read_as_text)
{
	static const char wide[] = "\xFF\xFEn\0;\0b\0\n\0\xE9\0;\0=\xD8\x00\xDE\n\0=\xD8;\0x\0\n\0z\0;\0y\0";
	encoding = ENCODING_WINDOWS_1252;
	open_text("name,b\ncaf\xE9,\x80 \x84q\x93\n\x81,no letter\nlast,1\n");
	expect(1, 2, "name");
	expect(2, 2, "caf\xC3\xA9");
	ck_assert_str_eq(row.cells[1].p, "\xE2\x82\xAC \xE2\x80\x9Eq\xE2\x80\x9C");
	expect_broken(3, "not text");
	expect(4, 2, "last");
	expect_end();
	encoding = ENCODING_WINDOWS_1251;
	open_text("\xC8\xE2\xE0\xED,b\n");
	expect(1, 2, "Иван");
	expect_end();
	encoding = ENCODING_WINDOWS_1250;
	open_text("\xA3\xF3\x9C,b\n");
	expect(1, 2, "Łóś");
	expect_end();
	encoding = ENCODING_UTF16LE;
	separator = '\0';
	open_bytes(wide, sizeof wide - 1);
	expect(1, 2, "n");
	ck_assert_int_eq(csv_separator(reader), ';');
	expect(2, 2, "\xC3\xA9");
	ck_assert_str_eq(row.cells[1].p, "\xF0\x9F\x98\x80");
	expect_broken(3, "not text"); /* half a letter */
	expect(4, 2, "z");
	ck_assert_int_eq(csv_bytes(reader), sizeof wide - 1);
	expect_end();
}
END_TEST

START_TEST(the_separator_is_the_one_that_the_first_line_has_most_often)
{
	static const struct { const char *text; char is; } cases_of[] = {{"a;b;c,d\n", ';'}, {"a\tb\n", '\t'}, {"a|b\n", '|'}, {"a\n", ','}, {"\"a,b,c\";d\n", ';'}, {"\n\na;b\n", ';'}};
	separator = '\0';
	for (size_t i = 0; i < sizeof cases_of / sizeof *cases_of; i++) {
		struct error error;
		open_text(cases_of[i].text);
		ck_assert_int_eq(csv_next(reader, arena, &row, &error), 1);
		ck_assert_int_eq(csv_separator(reader), cases_of[i].is);
		expect_end();
	}
}
END_TEST

START_TEST(a_first_line_that_names_the_separator_is_passed_over)
{
	static const char *const files[] = {"sep=;\na,b;c\n1;2\n", "\xEF\xBB\xBFSEP=;\r\na,b;c\r\n1;2\r\n", "\"sep=;\"\na,b;c\n1;2\n"};
	separator = '\0';
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		open_text(files[i]);
		expect(2, 2, "a,b");
		ck_assert_int_eq(csv_separator(reader), ';');
		expect(3, 2, "1");
		expect_end();
	}
	open_text("sep=\t\na\tb\n");
	expect(2, 2, "a");
	expect_end();
	open_text("sep=x\na,b\n");
	expect(1, 1, "sep=x");
	expect(2, 2, "a");
	expect_end();
	open_text("a,b\nsep=;\n");
	expect(1, 2, "a");
	expect(2, 1, "sep=;");
	expect_end();
	separator = ','; /* the map says so */
	open_text("sep=;\na,b\n");
	expect(2, 2, "a");
	expect_end();
}
END_TEST

START_TEST(ten_thousand_columns_are_a_broken_row)
{
	struct buf text = {0};
	for (int i = 0; i < 10000; i++)
		buf_printf(&text, "c%d,", i);
	buf_puts(&text, "\n1,2\n");
	open_bytes(text.p, text.n);
	expect_broken(1, "more than 1,000 columns");
	expect(2, 2, "1");
	expect_end();
	buf_fini(&text);
}
END_TEST

START_TEST(lines_of_old_macs_are_lines_and_a_carriage_return_elsewhere_tears_no_row)
{
	open_text("email,name\ra@example.com,A\rb@example.com,\"B\rb\"\r");
	expect(1, 2, "email");
	expect(2, 2, "a@example.com");
	expect(3, 2, "b@example.com");
	expect_end();
	open_text("email,first,last\na@example.com,A\rB\nb@example.com,B,C\r\nc@example.com,\"C\rc\",D\n");
	expect(1, 3, "email");
	expect_broken(2, "carriage return");
	expect(3, 3, "b@example.com");
	expect(4, 3, "c@example.com");
	expect_end();
}
END_TEST

START_TEST(what_is_no_text_at_all_is_told_with_what_to_do)
{
	static const struct { const char *bytes; size_t n; const char *told; } known[] = {
		{"PK\3\4rest", 8, "Save it as CSV"}, {"\x1F\x8B\x08rest", 7, "Unpack it"}, {"\xD0\xCF\x11\xE0rest", 8, "Save it as CSV"}, {"%PDF-1.7", 8, "PDF"}};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		struct encoding_look look = {0};
		encoding_look(&look, known[i].bytes, known[i].n);
		ck_assert_ptr_nonnull(strstr(encoding_no_text(&look), known[i].told));
	}
	struct encoding_look look = {0};
	encoding_look(&look, "PKZ,email\n", 10);
	ck_assert_ptr_null(encoding_no_text(&look));
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(lines_of_old_macs_are_lines_and_a_carriage_return_elsewhere_tears_no_row),
	UNIT(what_is_no_text_at_all_is_told_with_what_to_do),
	UNIT(the_encoding_is_told_from_the_bytes),
	UNIT(words_of_no_western_language_put_the_encoding_in_doubt),
	UNIT(a_first_line_that_names_the_separator_is_passed_over),
	UNIT(other_encodings_are_read_as_text),
	UNIT(the_separator_is_the_one_that_the_first_line_has_most_often),
	UNIT(ten_thousand_columns_are_a_broken_row),
	UNIT(rows_come_with_the_line_on_which_they_begin),
	UNIT(a_byte_order_mark_is_not_part_of_the_first_name),
	UNIT(a_stray_quote_costs_its_own_line_only),
	UNIT(a_quote_that_is_never_closed_does_not_swallow_the_rows_behind_it),
	UNIT(two_unclosed_quotes_are_two_broken_rows),
	UNIT(bytes_that_are_no_text_are_reported_with_their_line),
	UNIT(a_broken_row_comes_with_the_cells_that_it_seems_to_have),
	UNIT(a_line_with_too_many_cells_keeps_all_that_was_in_it),
	UNIT(an_endless_line_is_reported_and_passed_over),
	UNIT(an_empty_file_has_no_rows),
};
UNIT_MAIN("jobs/csv", cases)

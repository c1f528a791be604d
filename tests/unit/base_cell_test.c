/* Cells of CSV files: what a spreadsheet would calculate is text, and comes in again as it was. */
#include "base/cell.h"
#include "unit/check_main.h"

static void expect(const char *text, const char *written)
{
	struct buf out = {0};
	cell_put(&out, str_of(text));
	buf_putc(&out, '\0');
	ck_assert_str_eq(out.p, written);
	buf_fini(&out);
	struct str cell = str_of(written);
	if (cell.n && cell.p[0] == '"')
		cell = (struct str){cell.p + 1, cell.n - 2};
	ck_assert_msg(str_is(cell_text(cell), text), "“%.*s” in place of “%s”", (int)cell_text(cell).n, cell_text(cell).p, text);
}

START_TEST(what_looks_like_a_formula_gets_an_apostrophe_and_loses_it_again)
{
	expect("=1+1", "'=1+1");
	expect("@SUM(A1)", "'@SUM(A1)");
	expect("-2+3", "'-2+3");
	expect("\tx", "\"'\tx\"");
	expect("\xef\xbc\x9d""1+1", "'\xef\xbc\x9d""1+1");
	expect("\xef\xbc\x8b""1", "'\xef\xbc\x8b""1");
	expect("\xef\xbc\x8d""1", "'\xef\xbc\x8d""1");
	expect("\xef\xbc\xa0""A", "'\xef\xbc\xa0""A");
	expect("  =1", "\"'  =1\"");
	expect("'=1", "''=1");
	expect("' =1", "'' =1");
}
END_TEST

START_TEST(what_is_none_stands_as_it_is)
{
	expect("", "");
	expect("-7", "-7");
	expect("+493090182099", "+493090182099");
	expect("'quoted'", "'quoted'");
	expect("\xef\xbc\xa1", "\xef\xbc\xa1");
	expect(" ", "\" \"");
	expect("'", "'");
	expect("a=1", "a=1");
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(what_looks_like_a_formula_gets_an_apostrophe_and_loses_it_again),
	UNIT(what_is_none_stands_as_it_is),
};
UNIT_MAIN("base/cell", cases)

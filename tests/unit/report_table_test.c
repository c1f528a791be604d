/* Rows made readable. */
#include "report/report.h"
#include "unit/check_main.h"

START_TEST(columns_line_up_and_shares_are_per_cent)
{
	struct buf out = {0};
	json_t *rows = json_pack("[{s:s, s:i, s:f}, {s:s, s:i, s:n}]", "stage", "qualified", "leads", 1200, "share", 0.25, "stage",
				 "Z\xc3\xbcrich\x1b[31m\xe2\x80\xae", "leads", 3, "share");
	report_table(report_find(STR("stages"))->columns, rows, &out);
	ck_assert_str_eq(out.p, "stage         leads  of all\n"
				"qualified      1200  25.0 %\n"
				"Z\xc3\xbcrich\xef\xbf\xbd[31m\xef\xbf\xbd      3       -\n");
	json_decref(rows);
	buf_fini(&out);
}
END_TEST

START_TEST(no_rows_say_so)
{
	struct buf out = {0};
	json_t *rows = json_array();
	report_table(report_find(STR("grades"))->columns, rows, &out);
	ck_assert_str_eq(out.p, "nothing yet\n");
	ck_assert_ptr_null(report_find(STR("grade")));
	json_decref(rows);
	buf_fini(&out);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(columns_line_up_and_shares_are_per_cent),
	UNIT(no_rows_say_so),
};
UNIT_MAIN("report/table", cases)

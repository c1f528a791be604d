/* Tables of Markdown in mails: for readers of HTML, and of plain text. */
#include "unit/playbook_template_rows.h"

#define TH "<th align=\"left\" style=\"padding:6px 16px 6px 0;vertical-align:top;text-align:left;border-bottom:2px solid #9ca3af;\">"
#define TD "<td align=\"left\" style=\"padding:6px 16px 6px 0;vertical-align:top;text-align:left;border-bottom:1px solid #d1d5db;\">"
#define TDR "<td align=\"right\" style=\"padding:6px 16px 6px 0;vertical-align:top;text-align:right;border-bottom:1px solid #d1d5db;\">"

START_TEST(a_table_is_a_table_for_every_reader)
{
	load(SUBJECT "| Plan | Price |\n|:-----|------:|\n| *Small* | {{ lead.company }} |\n{% for t in lead.topics %}\n| {{ t }} | 1 |\n{% endfor %}\n| [Large](https://e.com/a) | \\| |\n");
	ck_assert_msg(kit.problems.count == 0, "%s", kit_problems(&kit));
	const char *page = kit_render(&kit, "email", "html");
	ck_assert_ptr_nonnull(strstr(page, "<thead>\n<tr>" TH "Plan</th>"));
	ck_assert_ptr_nonnull(strstr(page, "<tr>" TD "<em>Small</em></td>" TDR "Fish &amp; Sons &lt;Ltd&gt;</td></tr>\n<tr>" TD "security</td>" TDR "1</td></tr>\n<tr>" TD "cloud</td>"));
	ck_assert_ptr_nonnull(strstr(page, ">Large</a></td>" TDR "|</td></tr>\n</tbody>\n</table>"));
	kit_end(&kit);
}
END_TEST

START_TEST(a_table_reads_well_in_plain_text)
{
	static const struct row rows[] = {
		{"| Plan | Price | Seats |\n|---|--:|:-:|\n| Small | 10 \xe2\x82\xac | 5 |\n| X | 1000 \xe2\x82\xac | many |",
		 "Plan    Price  Seats\n-----  ------  -----\nSmall    10 \xe2\x82\xac    5\nX      1000 \xe2\x82\xac  many\n"},
		/* more than a line has room for */
		{"| Plan | What it is |\n|---|---|\n| Small | word word word word word word word word word word word word word word word |\n| Large | x |\n\nEnd",
		 "Plan: Small\nWhat it is: word word word word word word word word word word word word word\nword word\n\nPlan: Large\nWhat it is: x\n\nEnd\n"},
		{"| | |\n|---|---|\n| | |\n\nnothing stands there", "nothing stands there\n"},
		/* without a head; a row that data leaves blank */
		{"| | |\n|---|---|\n| Date | {{ lead.company }} |\n| {{ lead.last_name }} | |", "Date  Fish & Sons <Ltd>\n"},
		{"| a | b |\n|---|---|\n{% for t in lead.topics %}\n| {{ t }} | {% if t == \"cloud\" %}yes{% endif %} |\n{% endfor %}", "a         b\n--------  ---\nsecurity\ncloud     yes\n"},
		/* the if holds the whole table, or begins behind it */
		{"{% if lead.vip %}\n| a |\n|---|\n| 1 |\n{% endif %}\nx", "a\n-\n1\n\nx\n"},
		{"{% if lead.last_name %}\n| a |\n|---|\n| 1 |\n{% endif %}\nx", "x\n"},
		{"| a |\n|---|\n| 1 |\n{% if lead.vip %}\nvery\n{% endif %}", "a\n-\n1\n\nvery\n"},
		{"| a |\n|---|\n{% if lead.vip %}\n| 1 |\n{% else %}\n| 2 |\n{% endif %}\n| 3 |", "a\n-\n1\n3\n"},
		{"> | a | b |\n> |---|---|\n> | {{ data.lines }} | 2 |", "> a        b\n> -------  -\n> one two  2\n"},
		{"- x\n\n  | a | b |\n  |---|---|\n  {% for t in lead.topics %}\n  | {{ t }} | 2 |\n  {% endfor %}\n", "- x\n\n  a         b\n  --------  -\n  security  2\n  cloud     2\n"},
		{"```\n| a |\n|---|\n{% if lead.vip %}\n| 1 |\n{% endif %}\n```", "| a |\n|---|\n| 1 |\n"},
	};
	CHECK_ROWS(rows, "text", "{\"lines\": \"one\\r\\ntwo\"}");
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(a_table_is_a_table_for_every_reader),
	UNIT(a_table_reads_well_in_plain_text),
};
UNIT_MAIN("playbook/template_tables", cases)

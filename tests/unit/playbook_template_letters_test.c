/* Templates of letters: where their answers are led, what paper has room for, the code that is named. */
#include "base/map.h"
#include "unit/check_main.h"
#include "unit/playbook_template_kit.h"

static struct kit kit;

struct row {
	const char *source, *result;
};

/* Where a letter's code leads is fixed with the playbook: nothing of it is made of data, or of a request. */
START_TEST(a_letter_says_where_its_answers_are_led)
{
	static const struct row rows[] = {
		{"page: handbook", NULL}, {"page: 'handbook'", NULL}, {"page: /z/executives", NULL}, {"page: https://example.com/a?b=c#d", NULL}, {"subject: x", NULL},
		{"page: hanbook", "2: page: there is no asset \"hanbook\". Did you mean \"handbook\"?"},
		{"page: /z/executive", "2: page: there is no /z/executive."},
		{"page: /z/../page/executives", "2: page: there is no /z/../page/executives."},
		{"page: //evil.example", "2: page: there is no //evil.example."},
		{"page: /f/nobody", "2: page: there is no /f/nobody."},
		{"page: http://example.com/", "2: page: \"http://example.com/\" is no address to lead somebody to."},
		{"page: https://you@example.com/", "2: page: \"https://you@example.com/\" is no address"},
		{"page: https://example.com/a b", "2: page: \"https://example.com/a b\" is no address"},
		{"page: https:///a", "2: page: \"https:///a\" is no address"},
		{"page: javascript:alert(1)", "2: page: \"javascript:alert(1)\" is none. It is the name of an asset, a page or form of ours"},
		{"page: https://{{ lead.company }}/", "2: page is fixed, the same for everybody: it holds no Liquid."},
		{"page:", "2: page: \"\" is none."},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char source[300], expected[400];
		snprintf(source, sizeof source, "---\n%s\n---\nDear {{ lead.first_name }}, {{ reply.url }}", rows[i].source);
		kit_begin(&kit);
		kit_add(&kit, "templates/letter/t.md", source);
		kit_add(&kit, "templates/page/executives.html", "<p>Welcome</p>");
		kit_load(&kit);
		snprintf(expected, sizeof expected, "templates/letter/t.md:%s", rows[i].result ? rows[i].result : "");
		ck_assert_msg(rows[i].result ? strncmp(kit_problems(&kit), expected, strlen(expected)) == 0 : kit.problems.errors == 0, "%s\n  gave: %s\n  not:  %s", source,
			      kit_problems(&kit), expected);
		kit_end(&kit);
	}
}
END_TEST

/* Paper has no layout of HTML, no address to fetch a picture from, and no room for what a lead's name would like to be. */
START_TEST(a_letter_is_its_body_alone)
{
	static const struct row rows[] = {
		{"---\nsubject: x\nlayout: plain\n---\nx", "t.md:3: a letter has no layout of its own: paper, window, font and logo are settings of the channel."},
		{"---\nsubject: x\n---\n![Ann](https://example.com/a.png)", "t.md:4: a picture of a letter is a file of the playbook, and the same for all: put a PNG beside the template and write ![what it shows](FILE.png)."},
		{"---\nsubject: x\n---\n![Ann]({{ lead.company }}.png)", "t.md:4: a picture of a letter is a file of the playbook"},
		{"---\nsubject: x\n---\n![Ann](photo.png)", "t.md:4: there is no picture templates/letter/photo.png. Put it beside the template."},
		{"---\nsubject: x\n---\n![Ann](ann.jpg)", "t.md:4: templates/letter/ann.jpg is jpeg: letters take PNG. Save it as PNG, with 300 dots an inch of paper."},
		{"---\nsubject: x\n---\n![Ann](false.png)", "t.md:4: templates/letter/false.png is gif: letters take PNG."},
		{"---\nsubject: x\n---\n![Ann](cut.png)", "t.md:4: templates/letter/cut.png is a PNG that is broken or cut off. Save it anew."},
		{"---\nsubject: x\n---\n| a |\n|---|\n| ![Ann](cut.png) |", "t.md:6: a picture cannot stand in a table of a letter."},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		kit_begin(&kit);
		kit_add(&kit, "templates/letter/ann.jpg", "\xff\xd8\xff\xe0 and so on"); /* sorted, as a folder is read */
		kit_add(&kit, "templates/letter/cut.png", "\x89PNG\r\n\x1a\n and so on");
		kit_add(&kit, "templates/letter/false.png", "GIF89");
		kit_add(&kit, "templates/letter/layout.html", "<p>{{ content }}</p>");
		kit_add(&kit, "templates/letter/t.md", rows[i].source);
		kit_load(&kit);
		ck_assert_ptr_nonnull(strstr(kit_problems(&kit), "templates/letter/layout.html:1: this is no template."));
		ck_assert_msg(strstr(kit_problems(&kit), rows[i].result) != NULL, "%s\n  gave: %s\n  not:  %s", rows[i].source, kit_problems(&kit), rows[i].result);
		kit_end(&kit);
	}
	kit_begin(&kit);
	kit_add(&kit, "templates/letter/t.md", "---\nsubject: x\n---\nDear *{{ lead.first_name }}*,\n\n[come](https://example.com/a).\n\n---\n\nmore");
	kit_load(&kit);
	const char *html = kit_render(&kit, "letter", "html");
	ck_assert_msg(html != NULL, "%s%s", kit_problems(&kit), kit.error.message);
	ck_assert_msg(strncmp(html, "<p style=", 9) == 0 && strstr(html, "Dear <em>Ada</em>,</p>") && strstr(html, "<a href=\"https://example.com/a\"") && strstr(html, "<hr") &&
			      !strstr(html, "<html"), "%s", html);
	kit_end(&kit);
}
END_TEST

START_TEST(letters_name_their_code_and_nothing_else_does)
{
	struct map *replies;
	kit_begin(&kit);
	kit_add(&kit, "templates/letter/t.md", "---\nsubject: Answer with {{ reply.code }}\npage: handbook\n---\nOr scan {{ reply.url }}");
	kit_add(&kit, "templates/letter/u.md", "---\nsubject: x\n---\nx");
	kit_add(&kit, "templates/email/t.md", "---\npage: nowhere\nsubject: x\n---\n{{ reply.code }}");
	kit_add(&kit, "templates/letter/v.md", "{{ reply }} {{ reply.url.x }} {{ reply.link }}");
	kit_load(&kit);
	ck_assert_ptr_nonnull(strstr(kit_problems(&kit), "templates/email/t.md:2: there is no field \"page\" in the front matter of this channel."));
	ck_assert_ptr_nonnull(strstr(kit_problems(&kit), "templates/letter/v.md:1: reply alone prints nothing."));
	ck_assert_ptr_nonnull(strstr(kit_problems(&kit), "templates/letter/v.md:1: there is no part of a reply called \"link\"."));
	ck_assert_str_eq(kit_render(&kit, "letter", "subject"), "Answer with C0DE");
	ck_assert_str_eq(kit_render(&kit, "letter", "text"), "Or scan https://go.example.com/r/C0DE\n");
	ck_assert_ptr_null(kit_render(&kit, "letter", "page"));
	replies = kit.playbook.reply_of = template_replies(&kit.list, kit.arena);
	ck_assert_str_eq(playbook_letter_page(&kit.playbook, STR("t")), "handbook");
	ck_assert_ptr_null(playbook_letter_page(&kit.playbook, STR("u")));
	ck_assert_ptr_null(playbook_letter_page(&kit.playbook, STR("nobody")));
	map_free(replies);
	kit_end(&kit);
	kit_begin(&kit);
	kit_add(&kit, "templates/email/t.md", "---\nsubject: x\n---\n{{ reply.code }}");
	kit_load(&kit);
	ck_assert_ptr_nonnull(strstr(kit_problems(&kit), "templates/email/t.md:4: reply stands in letters only: templates/letter/NAME.md."));
	kit_end(&kit);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(a_letter_says_where_its_answers_are_led),
	UNIT(a_letter_is_its_body_alone),
	UNIT(letters_name_their_code_and_nothing_else_does),
};
UNIT_MAIN("playbook/template_letters", cases)

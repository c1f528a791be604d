/* templates/email/layout.html: addresses are made safe however they are quoted, and what a reader must see cannot stand where nobody sees it. */
#include "unit/check_main.h"
#include "unit/playbook_template_kit.h"

static struct kit kit;

static void load(const char *layout)
{
	kit_begin(&kit);
	kit_add(&kit, "templates/email/t.md", "---\nsubject: S\n---\nWords.\n");
	kit_add(&kit, "templates/email/layout.html", layout);
	kit_add(&kit, "templates/email/logo.png", "\x89PNG\r\n\x1a\n.");
	kit_load(&kit);
}

static const char *html(const char *layout)
{
	load(layout);
	for (size_t i = 0; i < kit.problems.count; i++)
		ck_assert_msg(kit.problems.items[i].kind == PROBLEM_NOTE, "%s\n%s", layout, kit_problems(&kit));
	const char *text = kit_render(&kit, "email", "html");
	ck_assert_msg(text != NULL, "%s: %s %s", layout, kit.error.where, kit.error.message);
	return text;
}

START_TEST(an_address_is_safe_however_it_is_quoted)
{
	static const char *const rows[][2] = {
		{"<a href=\"{{ lead.first_name }}\">", "<a href=\"#\">"},
		{"<a href='{{ lead.first_name }}'>", "<a href='#'>"},
		{"<a HREF=\"{{ lead.first_name }}\">", "<a HREF=\"#\">"},
		{"<a href = \"{{ lead.first_name }}\">", "<a href = \"#\">"},
		{"<a href={{ lead.first_name }}>", "<a href=\"#\">"},
		{"<a\nhref={{ lead.first_name }} id=x>", "<a\nhref=\"#\" id=x>"},
		{"<img data-src=\"x\" src=\"{{ lead.first_name }}\">", "<img data-src=\"x\" src=\"#\">"},
		{"<a id=\"a\"href=\"{{ lead.first_name }}\">", "<a id=\"a\"href=\"#\">"},
		{"<a title=\"a href=\" href=\"{{ lead.first_name }}\">", "<a title=\"a href=\" href=\"#\">"},
		{"<svg><a xlink:href=\"{{ lead.first_name }}\"></a></svg>", "<svg><a xlink:href=\"#\"></a></svg>"},
		{"<a href=\"{% if lead.company %}{{ lead.first_name }}{% else %}/x{% endif %}\">", "<a href=\"#\">"},
		{"<a href=https://example.com/a>", "<a href=\"https://example.com/a\">"},
		{"<a href=\"/pricing\">", "<a href=\"https://go.example.com/pricing\">"},
		{"<a href=#top class=x>", "<a href=\"#top\" class=x>"},
		{"<a title=\"{{ lead.company }}\">", "<a title=\"Fish &amp; Sons &lt;Ltd&gt;\">"},
		{"<p>a < b href=\"x\"</p>", "<p>a < b href=\"x\"</p>"},
		{"<style>a > b { c: \"<a href='x'>\" }</style>", "<style>a > b { c: \"<a href='x'>\" }</style>"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char layout[1000];
		snprintf(layout, sizeof layout, "<body>%s|{{ content }}{{ footer }}</body>", rows[i][0]);
		load(layout);
		kit.fields[LEAD_FIRST_NAME] = kit_text("javascript:alert(1)");
		ck_assert_msg(kit.problems.count <= 1, "%s\n%s", layout, kit_problems(&kit)); /* the picture beside it that nobody shows is noted */
		const char *got = kit_render(&kit, "email", "html");
		ck_assert_msg(got != NULL, "%s: %s %s", layout, kit.error.where, kit.error.message);
		snprintf(layout, sizeof layout, "<body>%s|<p", rows[i][1]);
		ck_assert_msg(strncmp(got, layout, strlen(layout)) == 0, "%s\n  gave: %s\n  not: %s", rows[i][0], got, layout);
		kit_end(&kit);
	}
}
END_TEST

START_TEST(a_picture_is_found_behind_what_only_looks_like_one)
{
	static const char *const rows[] = {"<img data-src=\"x\" src=\"logo.png\">", "<img src='logo.png'>", "<img src=logo.png>", "<img SRC = \"logo.png\" alt=\"a\">",
					   "<td background=\"logo.png\">"};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char layout[500];
		snprintf(layout, sizeof layout, "<body>%s{{ content }}{{ footer }}</body>", rows[i]);
		ck_assert_msg(strstr(html(layout), "cid:") != NULL, "%s", rows[i]);
		ck_assert_uint_eq(kit.problems.count, 0);
		kit_end(&kit);
	}
}
END_TEST

#define ALL "{{ content }}{{ footer }}"

START_TEST(what_must_be_seen_cannot_be_hidden)
{
	static const char *const rows[][2] = {
		{"<body>{{ content }}\n<!-- {{ footer }} --></body>", "layout.html:2: {{ footer }} stands in a comment"},
		{"<body>{{ content }}<div style=\"display:none\">{{ footer }}</div>", "{{ footer }} stands in a <div> that nobody sees"},
		{"<body>{{ content }}<div style='color:red; DISPLAY : none'><div>x</div>{{ footer }}</div>", "{{ footer }} stands in a <div> that nobody sees"},
		{"<body>{{ content }}<p hidden>{{ footer }}</p>", "{{ footer }} stands in a <p> that nobody sees"},
		{"<body>{{ content }}<p style=\"opacity:0\">{{ footer }}</p>", "{{ footer }} stands in a <p> that nobody sees"},
		{"<body>{{ content }}<p style=\"font-size: 0; color: #fff\">{{ footer }}</p>", "{{ footer }} stands in a <p> that nobody sees"},
		{"<body>{{ content }}<p style=\"color:transparent\">{{ footer }}</p>", "{{ footer }} stands in a <p> that nobody sees"},
		{"<body>{{ content }}<p style=\"font-size:1px\">{{ footer }}</p>", "{{ footer }} stands in a <p> that nobody sees"},
		{"<body>{{ content }}<p style=\"position:absolute;left:-9999px\">{{ footer }}</p>", "{{ footer }} stands in a <p> that nobody sees"},
		{"<body>{{ content }}<p style=\"color: #FFF\">{{ footer }}</p>", "{{ footer }} stands in the colour of its background"},
		{"<body>{{ content }}<p style=\"color:rgb( 250, 250 ,250 ) !important;margin:0\">{{ footer }}</p>", "{{ footer }} stands in the colour"},
		{"<style>\n.x { display: none }\n</style><body>{{ content }}\n<p class=\"a x b\">{{ footer }}</p>", "layout.html:4: {{ footer }} stands in a <p> that nobody sees: .x in line 2 hides it"},
		{"<style>p{color:red}\n#foot , .y{VISIBILITY:Hidden;}</style><body>{{ content }}<div id=foot><p>{{ footer }}</p></div>", "in a <div> that nobody sees: #foot in line 2 hides it"},
		{"<style>td.small a, td.small { font-size: 0px !important }</style><body>{{ content }}<table><td class='small' style='font-size:14px'>{{ footer }}", "td.small in line 1 hides it"},
		{"<style>.foot p { opacity: 0 }</style><body>{{ content }}<div class=foot><div><p>{{ footer }}", "{{ footer }} stands in a <p> that nobody sees: .foot p in line 1"},
		{"<style>.x{display:block} /* .x{display:block} */ .x{display:none}</style><body>{{ content }}<p class=x>{{ footer }}", ".x in line 1 hides it"},
		{"<style>@media{.x{display:none}}</style><body>{{ content }}<p class=x>{{ footer }}", ".x in line 1 hides it"},
		{"<style>@media screen { .x { display:none } }</style><body>{{ content }}<p class=x>{{ footer }}", ".x in line 1 hides it"},
		{"<style media=\"all\">@import url(x.css); .x{display:none}</style><body>{{ content }}<p class=x>{{ footer }}", ".x in line 1 hides it"},
		{"<style>@media (max-width:600px){.x{display:none}} @media (min-width:601px){.x{visibility:hidden}}</style><body>{{ content }}<p class=x>{{ footer }}", ".x in line 1 hides it"},
		{"<style><!--\n*{left:-9999px}--></style><body>{{ content }}{{ footer }}", "{{ content }} stands in a <body> that nobody sees: * in line 2 hides it"},
		/* the rule that is named is the one that holds: not one that another takes back, nor one that the element's own style does */
		{"<style>p.x{display:none}\n.x{display:none}</style><body>{{ content }}<p class=x>{{ footer }}", "p.x in line 1 hides it"},
		{"<style>.x{visibility:hidden}\n.x{display:none} p.x{display:block}</style><body>{{ content }}<p class=x>{{ footer }}", ".x in line 1 hides it"},
		{"<style>.x{display:none}\n.x{font-size:0}</style><body>{{ content }}<p class=x style='font-size:14px'>{{ footer }}", ".x in line 1 hides it"},
		{"<style>.x{font-size:0}</style><body>{{ content }}<p class=x style='display:none;font-size:14px'>{{ footer }}", "in a <p> that nobody sees."},
		{"<body>{{ content }}<style>.x{display:none}</style><p class={% if lead.company %}x{% endif %}>{{ footer }}", ".x in line 1 hides it"},
		{"<style>.x{display:none}</style><body>{{ content }}\n<a class=x href=\"{{ unsubscribe_url }}\">Stop</a>", "layout.html:2: {{ unsubscribe_url }} stands in a <a> that nobody sees: .x in line 1"},
		{"<body>{{ content }}<a href=\"{{ unsubscribe_url }}\" style=\"display:none\">Stop</a>", "{{ unsubscribe_url }} stands in a <a> that nobody sees"},
		{"<body>{{ content }}<p hidden>{{ postal_address }}</p>{{ footer }}", "{{ postal_address }} stands in a <p> that nobody sees"},
		{"<body bgcolor=\"#000\">{{ content }}", "{{ content }} stands in the colour of its background"},
		{"<body>{{ content }}<table bgcolor=navy><tr><td><font color=\"#000080\">{{ footer }}</font>", "{{ footer }} stands in the colour"},
		{"<body>{{ content }}{% if lead.company %}<p style=\"color:red\">x</p>{% else %}<br>{% endif %}<p style='background:white;color:snow'>{{ footer }}", "{{ footer }} stands in the colour"},
		{"<body>{{ content }}", "layout.html:1: this layout prints no {{ footer }}"},
		{"<body><!-- " ALL, "{{ content }} stands in a comment"},
		{"<body>{{ content }}<!--[if mso]>{{ footer }}<![endif]-->", "{{ footer }} stands in a comment"},
		{"<body>{{ content }}<div style=\"display:none\"><!--[if mso]></div><![endif]-->{{ footer }}", "{{ footer }} stands in a <div>"},
		{"<head>{{ footer }}</head><body>{{ content }}", "{{ footer }} stands in a <head>"},
		{"<title>" ALL "</title>", "{{ content }} stands in a comment or within a tag"},
		{"<body>{% if lead.company %}{{ content }}{% endif %}{{ footer }}", "{{ content }} stands within {% if %}"},
		{"<body>{% for x in lead.topics %}{{ content }}{% endfor %}{{ footer }}", "{{ content }} stands within {% for %}"},
		{"<body>" ALL "<!-- x", "the layout ends within a comment that is never closed"},
		{"<body>" ALL "<a href=\"x", "the layout ends within a tag that is never closed"},
		{"<body>" ALL "\n<script>x</script>", "layout.html:2: <script> does nothing in a mail"},
		{"<body>" ALL "<a href=\"guide\">", "the link \"guide\" is no address"},
		{"<body>" ALL "<a href=\"javascript:x\">", "cannot stand in a mail"},
		{"<body>" ALL "<a href=\"/f/gone\">", "there is no form \"gone\""},
		{"<body>" ALL "<td width={{ lead.company }}>", "Write width=\"{{ … }}\""},
		{"<body>" ALL "<td {{ lead.company }}>", "stands within a tag"},
		{"<body>" ALL "<td onclick=\"{{ lead.company }}\">", "cannot stand in onclick"},
		{"<body>" ALL "<a href=\"{% if lead.company %}a\"{% else %}b\"{% endif %}>", "{% else %} ends in the midst of a tag"},
		{"---\nlayout: x\n---\n<body>" ALL, "a layout has no front matter"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		load(rows[i][0]);
		ck_assert_msg(strstr(kit_problems(&kit), rows[i][1]) != NULL, "%s\n  said: %s\n  not:  %s", rows[i][0], kit_problems(&kit), rows[i][1]);
		kit_end(&kit);
	}
}
END_TEST

#define SOME "margin:0;margin:0;margin:0;margin:0;margin:0;margin:0;margin:0;" /* 63 bytes */
#define LONG SOME SOME SOME "a:b;"                                                /* 193 */

START_TEST(what_is_seen_is_not_refused)
{
	static const char *const rows[] = {
		"<html><head><title>{{ subject }}</title><style>a > b {}</style><body>" ALL,
		"<body><div style=\"display:none\">{{ preheader }}</div>" ALL "</body>",
		"<body style=\"font-size:0.9em;max-height:0.5in;opacity:0.9\">" ALL "</body>",
		"<body><div style=\"display:none\"><div>x</div></div><div>" ALL "</div></body>",
		"<body><!-- x --><!----><!-->" ALL,
		"<body><!--[if mso]><table><tr><td><![endif]-->" ALL "<!--[if mso]></td></tr></table><![endif]-->",
		"<body><!--[if !mso]><!-->" ALL "<!--<![endif]-->",
		"<body>{{ content }}{% if footer %}<p{% if lead.company %} class=\"x\"{% endif %}>{{ footer }}</p>{% endif %}</body>",
		"<body style=\"opacity:0.9\"><input hidden>" ALL,
		"<body bgcolor=\"#111\" text=\"#eee\">" ALL,
		"<body style=\"background:#111827;color:#f3f4f6\"><table><tr><td style=\"color:#9ca3af\">" ALL,
		"<body><p style=\"color:#fff\">x</p>" ALL, /* it is closed */
		"<body><td style=\"background:#000 url(x.png);color:#000\">" ALL,
		"<body><td style=\"background:#000;color:{{ lead.company }}\">" ALL,
		"<body>{% if lead.company %}<td style=\"background:#000;color:#fff\">{% else %}<td style=\"background:#fff\">{% endif %}" ALL,
		"<body style=\"color:hotpink;background-color:rebeccapurple\">" ALL,
		"<body><div style=\"margin-top:-9px\">" ALL,
		"<body><p style=\"" LONG LONG "  font-size:16px;color:#333\">" ALL, /* longer than what is kept of a style, which ends at font-size:1 */
		"<style>.x{display:none} .x.y{display:block}</style><body><div class=\"x y\">" ALL,
		"<style>.x{display:none}</style><body><div class=x style=display:block>" ALL,
		"<style>.x{display:none}</style><body><div class=\"xx x-y\">" ALL "<p class=x>y",
		"<style>.x{display:none}</style><body><div class=x>y</div>" ALL,
		"<style>@media only screen and (max-width: 600px) {.x{display:none !important}} @media print {.x{display:none}}</style><body><div class=x>" ALL,
		"<style>@media (min-width: 480px) { .x { display: none } }</style><body><p class=x>" ALL,
		"<style>.x{display:none} @media (max-width:30em) {.x{display:block}}</style><body><p class=x>" ALL,
		"<style>@media (prefers-color-scheme: dark) {.x{display:none}} @supports (display:grid) {.x{display:none}} a:hover,.x>p,[x]{display:none}</style><body><div class=x><p>" ALL,
		"<style>.foot p{display:none} p .foot{display:none}</style><body><p>y</p><div class=foot>" ALL,
		"<style>.x{opacity:0.5;font-size:10px;color:{{ lead.company }};visibility:visible;max-height:none}</style><body class=x>" ALL,
		"<style>.x{display:none}</style><!--[if mso]><style>body{display:none}</style><![endif]--><body>" ALL,
		"<style media=\"print\">body{display:none}</style><style>p{margin:0}</style><body>" ALL,
		"<style>} .x{display:none</style><body><div class=y>" ALL,
		"<body><table><td style=\"font-size:0px;padding:20px 0\"><div style=\"font-size:14px\">" ALL, /* so no gap is between two columns */
		"<body>{{ content }}<!--[if mso]><a href=\"{{ unsubscribe_url }}\">x</a><![endif]--><a href=\"{{ unsubscribe_url }}\">Stop</a>{{ footer }}",
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *text = html(rows[i]);
		ck_assert_msg(strstr(text, "Words.") && strstr(text, "1 Main St"), "%s: %s", rows[i], text);
		kit_end(&kit);
	}
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(an_address_is_safe_however_it_is_quoted),
	UNIT(a_picture_is_found_behind_what_only_looks_like_one),
	UNIT(what_must_be_seen_cannot_be_hidden),
	UNIT(what_is_seen_is_not_refused),
};
UNIT_MAIN("playbook/layout", cases)

/* Template files: the front matter, Markdown fixed when the playbook is loaded, HTML and plain text, addresses,
 * headers, the footer. */
#include "base/buf.h"
#include "base/map.h"
#include "unit/check_main.h"
#include "unit/playbook_folder.h"
#include "unit/playbook_template_kit.h"

#include <time.h>

static struct kit kit;

#define SUBJECT "---\nsubject: S\n---\n"

static void load(const char *source)
{
	kit_begin(&kit);
	kit_add(&kit, "templates/email/t.md", source);
	kit_load(&kit);
}

/* What stands between the frame of the document and the footer, with the styles left out. */
static const char *body_of(const char *html)
{
	const char *from = strstr(html, "color:#111827;\">\n"), *to = strstr(html, "</td></tr>");
	ck_assert_ptr_nonnull(from);
	from = strchr(from, '\n') + 1;
	char *out = arena_dup_n(kit.arena, from, (size_t)(to - from)), *w = out;
	for (char *p = out; *p;) {
		char *end = strncmp(p, " style=\"", 8) == 0 ? strchr(p + 8, '"') : NULL;
		if (end)
			p = end + 1;
		else
			*w++ = *p++;
	}
	*w = '\0';
	return out;
}

static const char *html(const char *source, const char *data)
{
	char *whole = NULL;
	ck_assert_int_ge(asprintf(&whole, SUBJECT "%s", source), 0);
	load(whole);
	ck_assert_msg(kit.problems.count == 0, "%s\n%s", source, kit_problems(&kit));
	kit.touch.data = data ? str_of(data) : STR("");
	const char *text = kit_render(&kit, "email", "html");
	ck_assert_msg(text != NULL, "%s: %s %s", source, kit.error.where, kit.error.message);
	free(whole);
	return body_of(text);
}

static const char *field(const char *name)
{
	for (size_t i = 0; i < kit.out.count; i++)
		if (strcmp(kit.out.items[i].name, name) == 0)
			return kit.out.items[i].value.p;
	return "(none)";
}

struct row {
	const char *source, *result;
};

static void check_rows(const struct row *rows, size_t count, const char *name, const char *data)
{
	for (size_t i = 0; i < count; i++) {
		const char *got = html(rows[i].source, data);
		if (strcmp(name, "text") == 0) {
			char *text = arena_dup(kit.arena, field("text"));
			char *footer = strstr(text, "\n--\nAcme");
			ck_assert_ptr_nonnull(footer);
			*footer = '\0';
			got = text;
		}
		ck_assert_msg(strcmp(got, rows[i].result) == 0, "%s\n  gave: %s\n  not:  %s", rows[i].source, got,
			      rows[i].result);
		kit_end(&kit);
	}
}
#define CHECK_ROWS(rows, name, data) check_rows(rows, sizeof(rows) / sizeof *(rows), name, data)

START_TEST(a_mail_has_its_header_fields_html_and_text)
{
	load("---\nsubject: \"R&D <b> for {{ lead.first_name }}\"\n---\nx");
	ck_assert_ptr_nonnull(strstr(kit_render(&kit, "email", "html"), "<title>R&amp;D &lt;b&gt; for Ada</title>"));
	ck_assert_str_eq(field("subject"), "R&D <b> for Ada");
	kit_end(&kit);
	load("---\nsubject: \"Hello {{ lead.first_name }}\"\nfrom: Acme <a@example.com>\n# a remark\n\npreheader: Only "
	     "{{ lead.company }}\n---\nHi *you*.\n");
	ck_assert_msg(kit.problems.count == 0, "%s", kit_problems(&kit));
	const char *document = kit_render(&kit, "email", "html");
	ck_assert_uint_eq(kit.out.count, 4);
	ck_assert_str_eq(kit.out.items[0].name, "subject");
	ck_assert_str_eq(kit.out.items[0].value.p, "Hello Ada");
	ck_assert_str_eq(kit.out.items[1].value.p, "Acme <a@example.com>");
	ck_assert(strncmp(document, "<!DOCTYPE html>\n<html lang=\"en\">", 32) == 0);
	ck_assert_ptr_nonnull(strstr(document, "<title>Hello Ada</title>"));
	ck_assert_ptr_nonnull(strstr(document, "overflow:hidden;\">Only Fish &amp; Sons &lt;Ltd&gt;</div>"));
	ck_assert_str_eq(body_of(document), "<p>Hi <em>you</em>.</p>\n");
	ck_assert(strncmp(field("text"), "Hi you.\n", 8) == 0);
	ck_assert(strcmp(document + strlen(document) - 8, "</html>\n") == 0);
	kit_end(&kit);
}
END_TEST

START_TEST(liquid_stands_where_markdown_wants_it)
{
	static const struct row rows[] = {
		{"{% if lead.vip %}\n# Big\n{% else %}\n# Small\n{% endif %}\nText", "<h1>Big</h1>\n<p>Text</p>\n"},
		{"Dear {% if lead.last_name %}{{ lead.last_name }}{% else %}*friend*{% endif %},",
		 "<p>Dear <em>friend</em>,</p>\n"},
		{"    {% if lead.vip %}\n    a {{ lead.first_name }}\n    {% endif %}", "<pre>a Ada\n</pre>\n"},
		{"a\n{% assign x = \"<y>\" %}\nb {{ x }}", "<p>a</p>\n<p>b &lt;y&gt;</p>\n"},
		{"- a\n{% for t in lead.topics %}\n- {{ t }}\n{% endfor %}\n- z\n\nend",
		 "<ul>\n<li>a</li>\n<li>security</li>\n<li>cloud</li>\n<li>z</li>\n</ul>\n<p>end</p>\n"},
		{"{% for t in lead.topics %}\n{% if t == \"cloud\" %}\n1. {{ t }}\n{% endif %}\n{% endfor %}",
		 "<ol>\n<li>cloud</li>\n</ol>\n"},
		{"{% for t in lead.topics %}\n## {{ t }}\n\n- x\n{% endfor %}",
		 "<h2>security</h2>\n<ul>\n<li>x</li>\n</ul>\n<h2>cloud</h2>\n<ul>\n<li>x</li>\n</ul>\n"},
		{"{% capture c %}*not markdown* {{ lead.company }}{% endcapture %}\n{{ c }}",
		 "<p>*not markdown* Fish &amp; Sons &lt;Ltd&gt;</p>\n"},
		{"**{{ lead.first_name }}** _{{ lead.first_name }}_ `{{ lead.first_name }}` {{ lead.first_name }}s",
		 "<p><strong>Ada</strong> <em>Ada</em> <code>Ada</code> Adas</p>\n"},
		{"# {{ lead.last_name }}\n\n{{ lead.last_name }}\n\nx", "<p>x</p>\n"},
		{"{% raw %}*{{ x }}*{% endraw %} zLQ0x0Q zLQ1x", "<p><em>{{ x }}</em> zLQ0x0Q zLQ1x</p>\n"},
		{"> {{ lead.first_name }}  \n> {{ lead.first_name }}\n\n***",
		 "<blockquote>\n<p>Ada<br>\nAda</p>\n</blockquote>\n<hr>\n"},
		{"```\n{% if lead.vip %}\n<{{ lead.first_name }}>\n{% endif %}\n```", "<pre>&lt;Ada&gt;\n</pre>\n"},
		{"a<!-- a remark -->b\n\n<!-- {{ lead.first_name }} -->", "<p>ab</p>\n"},
		{"{{ lead.company | newline_to_br }} {{ \"a\" | escape }} {{ lead.company | escape }}",
		 "<p>Fish &amp; Sons &lt;Ltd&gt; a Fish &amp; Sons &lt;Ltd&gt;</p>\n"},
		{"&amp; &copy; \\*x\\* \"q\"", "<p>&amp; \xc2\xa9 *x* &quot;q&quot;</p>\n"},
		{"- a\n\n- b\n  > q\n\n  1) x", "<ul>\n<li><p>a</p>\n</li>\n<li><p>b</p>\n<blockquote>\n<p>q</p>\n</"
						"blockquote>\n<ol>\n<li>x</li>\n</ol>\n</li>\n</ul>\n"},
		{"3. three\n4. four", "<ol start=\"3\">\n<li>three</li>\n<li>four</li>\n</ol>\n"},
	};
	CHECK_ROWS(rows, "html", NULL);
}
END_TEST

START_TEST(hostile_data_stays_text_in_html)
{
	static const struct row rows[] = {
		{"{{ data.html }}", "<p>&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp;amp; &quot;&gt;</p>\n"},
		{"{{ data.markdown }}", "<p># x\n\n- [a](javascript:b) **c** `d` ![e](f)</p>\n"},
		{"{{ data.liquid }}", "<p>{{ lead.email }}{% raw %}zLQ0x0Q</p>\n"},
		{"- {{ data.markdown }}", "<ul>\n<li># x\n\n- [a](javascript:b) **c** `d` ![e](f)</li>\n</ul>\n"},
		{"{% assign x = data.html | append: data.liquid %}{{ x }}",
		 "<p>&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp;amp; &quot;&gt;{{ lead.email }}{% raw "
		 "%}zLQ0x0Q</p>\n"},
		{"{{ data.html | newline_to_br }}",
		 "<p>&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp;amp; &quot;&gt;</p>\n"},
		{"{{ data.lines | newline_to_br }}", "<p>a&lt;<br />\nb&lt;br /&gt;</p>\n"},
		{"{{ data.html | escape_once }}",
		 "<p>&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; &quot;&gt;</p>\n"},
		{"![{{ data.html }}](https://e.com/x.png \"t\")",
		 "<p><img src=\"https://e.com/x.png\" alt=\"&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp;amp; "
		 "&quot;&gt;\"></p>\n"},
		{"`{{ data.html }}`",
		 "<p><code>&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp;amp; &quot;&gt;</code></p>\n"},
		{"{{ data.null }}{{ data.u2028 }}", "<p>a\xe2\x80\xa8"
						    "b</p>\n"},
	};
	CHECK_ROWS(rows, "html",
		   "{\"html\": \"<script>alert('1')</script> &amp; \\\">\", \"markdown\": \"# x\\n\\n- "
		   "[a](javascript:b) **c** `d` ![e](f)\", "
		   "\"liquid\": \"{{ lead.email }}{% raw %}zLQ0x0Q\", \"lines\": \"a<\\nb<br />\", \"null\": null, "
		   "\"u2028\": \"a\\u2028b\"}");
}
END_TEST

START_TEST(no_address_that_data_makes_can_run_or_lead_elsewhere)
{
	static const struct row rows[] = {
		{"[x]({{ data.script }})", "<p><a href=\"#\">x</a></p>\n"},
		{"[x]({{ data.script2 }})", "<p><a href=\"#\">x</a></p>\n"},
		{"[x]({{ data.script3 }})", "<p><a href=\"#\">x</a></p>\n"},
		{"[x]({{ data.script4 }}x:y)", "<p><a href=\"#\">x</a></p>\n"},
		{"[x]({{ data.vb }})", "<p><a href=\"#\">x</a></p>\n"},
		{"[x]({{ data.data }})", "<p><a href=\"#\">x</a></p>\n"},
		{"[x]({{ data.slashes }})", "<p><a href=\"#\">x</a></p>\n"},
		{"[x](/{{ data.slash }})", "<p><a href=\"#\">x</a></p>\n"},
		{"[x]({{ data.back }})", "<p><a href=\"%5C%5Cevil.com\">x</a></p>\n"},
		{"[x]({{ data.none }})", "<p><a href=\"#\">x</a></p>\n"},
		{"[x]({{ data.quote }})", "<p><a href=\"https://e.com/%22%3E%3Cscript%3E%27\">x</a></p>\n"},
		{"[x]({{ data.crlf }})", "<p><a href=\"https://e.com/aSet-Cookie:b%20c\">x</a></p>\n"},
		{"[x](https://e.com/?q={{ data.amp }}&r=1#f)",
		 "<p><a href=\"https://e.com/?q=a%26b%3D%2F%3F%23%20c&amp;r=1#f\">x</a></p>\n"},
		{"[x](https://e.com/?q={{ data.amp | url_encode }})",
		 "<p><a href=\"https://e.com/?q=a%26b%3D%2F%3F%23+c\">x</a></p>\n"},
		{"[x](https://e.com/{{ data.word }}/y)", "<p><a href=\"https://e.com/caf%C3%A9/y\">x</a></p>\n"},
		{"[x](HTTPS://e.com) [m](mailto:{{ lead.email }}) [t](tel:+49)",
		 "<p><a href=\"HTTPS://e.com\">x</a> <a href=\"mailto:ada@example.com\">m</a> <a "
		 "href=\"tel:+49\">t</a></p>\n"},
		{"[x]({{ public_url }}/a) [y](/b) [z]({{ asset.price-list.url }})",
		 "<p><a href=\"https://go.example.com/a\">x</a> <a href=\"https://go.example.com/b\">y</a> <a "
		 "href=\"https://go.example.com/pricing\">z</a></p>\n"},
		{"[x]({% if lead.vip %}https://a.com/{% else %}https://b.com/{% endif %})",
		 "<p><a href=\"https://a.com/\">x</a></p>\n"},
		{"[{{ lead.first_name }}][r]\n\n[r]: https://e.com/{{ lead.first_name }}",
		 "<p><a href=\"https://e.com/Ada\">Ada</a></p>\n"},
	};
	CHECK_ROWS(rows, "html",
		   "{\"script\": \"javascript:alert(1)\", \"script2\": \" JaVaScRiPt:alert(1)\", \"script3\": "
		   "\"java\\nscript:alert(1)\", "
		   "\"script4\": \"javascript\", \"vb\": \"vbscript:x\", \"data\": \"data:text/html,<b>\", "
		   "\"slashes\": \"//evil.com\", \"slash\": \"/evil.com\", "
		   "\"back\": \"\\\\\\\\evil.com\", \"quote\": \"https://e.com/\\\"><script>'\", \"crlf\": "
		   "\"https://e.com/a\\r\\nSet-Cookie:b c\", "
		   "\"amp\": \"a&b=/?# c\", \"word\": \"caf\xc3\xa9\"}");
}
END_TEST

START_TEST(the_text_part_reads_well)
{
	static const struct row rows[] = {
		{"# T\xc3\xbcr\n\nSome *text* with [a link](https://e.com/x).\nSoft break.  \nHard break.\n\n## "
		 "Sub\n\n### Deep",
		 "T\xc3\xbcr\n===\n\nSome text with a link (https://e.com/x). Soft break.\nHard "
		 "break.\n\nSub\n---\n\nDeep\n"},
		{"word word word word word word word word word word word word word word word word word",
		 "word word word word word word word word word word word word word word word\nword word\n"},
		{"- a\n- b\n  - c word word word word word word word word word word word word word word word "
		 "word\n\n1. x\n2. y",
		 "- a\n- b\n  - c word word word word word word word word word word word word word word\n    word "
		 "word\n\n1. x\n2. y\n"},
		{"- a\n\n- b", "- a\n\n- b\n"},
		{"> q\n>\n> r\n>> s\n\nx", "> q\n>\n> r\n>\n> > s\n\nx\n"},
		{"<https://e.com/a> [https://e.com/b](https://e.com/b) <x@e.com> [](https://e.com/c)",
		 "https://e.com/a https://e.com/b x@e.com https://e.com/c\n"},
		{"[x](https://e.com/"
		 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa)",
		 "x\n(https://e.com/"
		 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa)"
		 "\n"},
		{"{% if lead.last_name %}\ngone\n{% endif %}\na\n\n{{ lead.last_name }}\n\nb & \\<c> {{ lead.company "
		 "}}",
		 "a\n\nb & <c> Fish & Sons <Ltd>\n"},
		{"{% for t in lead.topics %}\n1. {{ t }}\n{% endfor %}", "1. security\n2. cloud\n"},
		{"```\na  b\n\n   c\n```\n\n---\n\n![alt](https://e.com/x.png)",
		 "a  b\n\n   c\n\n----------------------------------------\n\nalt\n"},
		{"{{ data.lines }}", "one\ntwo\n"},
		{"{{ lead.company | escape }} {{ data.lines | newline_to_br }} {% capture c %}{{ lead.company | escape "
		 "}}{% endcapture %}{{ c }}",
		 "Fish & Sons <Ltd> one\ntwo Fish & Sons <Ltd>\n"},
		{"[x]({{ data.bad }}) [y](/p)", "x y (https://go.example.com/p)\n"},
	};
	CHECK_ROWS(rows, "text", "{\"lines\": \"one\\r\\ntwo\", \"bad\": \"javascript:x\"}");
}
END_TEST

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

START_TEST(header_fields_are_one_clean_line)
{
	static const struct {
		const char *name, *subject;
	} rows[] = {
		{"Ada\r\nBcc: evil@example.com", "Hi Ada Bcc: evil@example.com!"},
		{"a\tb\n\n\nc", "Hi a b c!"},
		{"a\xe2\x80\xa8"
		 "b\xe2\x80\xa9"
		 "c\xc2\x85"
		 "d",
		 "Hi a b c d!"},
		{"a\xe2\x80\xae"
		 "b\xe2\x81\xa6"
		 "c",
		 "Hi abc!"},
		{"", "Hi !"},
		{"=?utf-8?q?x?=", "Hi =?utf-8?q?x?=!"},
	};
	load("---\nsubject: \"Hi {{ lead.first_name }}!\"\n---\nx");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		kit.fields[LEAD_FIRST_NAME] = kit_text(rows[i].name);
		ck_assert_str_eq(kit_render(&kit, "email", "subject"), rows[i].subject);
	}
	kit_end(&kit);
}
END_TEST

START_TEST(the_footer_says_what_the_body_did_not)
{
	load(SUBJECT "Hi");
	const char *document = kit_render(&kit, "email", "html");
	ck_assert_ptr_nonnull(strstr(document, "<a href=\"https://go.example.com/u/tok-en\""));
	ck_assert_ptr_nonnull(strstr(document, "Acme, 1 Main St<br />\nBerlin"));
	ck_assert_str_eq(field("text"),
			 "Hi\n\n--\nAcme, 1 Main St\nBerlin\nUnsubscribe: https://go.example.com/u/tok-en\n");
	kit.playbook.language = "de"; /* fixed at load */
	kit.input.unsubscribe_url = NULL;
	kit_render(&kit, "email", "html");
	ck_assert_str_eq(field("text"), "Hi\n\n--\nAcme, 1 Main St\nBerlin\n");
	kit.input.postal_address = NULL;
	ck_assert_ptr_null(strstr(kit_render(&kit, "email", "html"), "border-top"));
	ck_assert_str_eq(field("text"), "Hi\n");
	kit_end(&kit);

	load(SUBJECT "Hi {% if lead.vip %}[leave]({{ unsubscribe_url }}){% endif %}");
	ck_assert_ptr_null(strstr(kit_render(&kit, "email", "html"), "Unsubscribe"));
	ck_assert_str_eq(field("text"), "Hi leave (https://go.example.com/u/tok-en)\n\n--\nAcme, 1 Main St\nBerlin\n");
	kit.fields[KIT_VIP].yes = false; /* then the body says nothing: the footer must */
	ck_assert_ptr_nonnull(strstr(kit_render(&kit, "email", "html"), "Unsubscribe"));
	kit_end(&kit);

	load(SUBJECT "{{ postal_address }} {{ unsubscribe_url }}");
	/* in HTML an address that is no link is not enough */
	ck_assert_ptr_nonnull(strstr(kit_render(&kit, "email", "html"), "href=\"https://go.example.com/u/tok-en\""));
	ck_assert_str_eq(field("text"), "Acme, 1 Main St\nBerlin https://go.example.com/u/tok-en\n");
	kit_end(&kit);
}
END_TEST

START_TEST(a_template_that_does_not_fit_is_refused_with_its_line)
{
	static const struct row rows[] = {
		{"x", "1: subject is missing. Write subject: … between two lines of --- at the top."},
		{"---\nsubject: x\ntopic: evnts\n---\n", "3: there is no topic \"evnts\". Did you mean \"events\"?"},
		{"---\nsubject: x\ntopic: cars\n---\n", "3: there is no topic \"cars\". Declare it in the playbook: topic \"cars\" { label = \"…\" }."},
		{"---\nsubject: x\n", "1: the front matter is never closed: write a second line of ---."},
		{"---\nsubjekt: x\n---\n",
		 "2: there is no field \"subjekt\" in the front matter of this channel. Did you mean \"subject\"?"},
		{"---\nsubject: x\nfrom: Ann <ann example.com>\n---\n", "3: from: \"ann example.com\" is not an e-mail address: there is no @ in it."},
		{"---\nsubject: x\ncolour: red\n---\n", "3: there is no field \"colour\" in the front matter of this "
							"channel. It knows: subject, from, reply_to."},
		{"---\nsubject: x\nsubject: y\n---\n", "3: \"subject\" is given twice (first on line 2)."},
		{"---\nsubject: {{ leda.x }}\n---\n", "2: there is no variable \"leda\". Did you mean \"lead\"?"},
		{"---\nsubject: x\nsome words\n---\n",
		 "3: a line of the front matter is a name, a colon and a text, like subject: Welcome."},
		{"---\nsubject:\n---\n", "2: the subject is empty."},
		{SUBJECT "[x]({{ asset.handbook.url }})",
		 "4: asset \"handbook\" has no url. Its own address for each lead is asset.handbook.link."},
		{SUBJECT "a\n\n<b>x</b>", "6: HTML cannot stand in a template (<b>). Write Markdown."},
		{SUBJECT "a\n\n<div>\nx\n</div>", "6: HTML cannot stand in a template (<div>"},
		{SUBJECT "\n[x](javascript:alert(1))", "5: the address \"javascript:alert(1)\" cannot stand in a mail. "
						       "Write http:, https:, mailto: or tel:."},
		{SUBJECT "\n{% if lead.vip %}- a\n- b{% endif %}",
		 "6: {% endif %} stands in another paragraph, list item, cell or link than its beginning on line 5."},
		{SUBJECT "*a {% if lead.vip %} b* c {% endif %}",
		 "4: {% endif %} stands in another paragraph, list item, cell or link than its beginning on line 4."},
		{SUBJECT "{% for t in lead.topics %}\n- a {% break %}\n{% endfor %}",
		 "5: {% break %} stands in another paragraph, list item, cell or link than its beginning on line 4."},
		{SUBJECT "<!-- {% if lead.vip %} x {% endif %} -->",
		 "4: {% if %} stands where Markdown leaves out it. Put it on a line of its own."},
		{SUBJECT "[{% assign a = 1 %}x]({% assign b = 2 %}https://e.com)",
		 "4: Markdown moves this tag. Put it on a line of its own."},
		{SUBJECT "| a |\n|---|\n| 1 | 2 |", "6: this row has 2 cells, and its table 1 columns."},
		{SUBJECT "| a | b |\n|---|---|\n| {% if lead.vip %} | x |\n| {% endif %} | y |",
		 "7: {% endif %} stands in another paragraph, list item, cell or link than its beginning on line 6."},
		{"\xff", "1: the file is not UTF-8 text. Save it as UTF-8."},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char expected[400];
		load(rows[i].source);
		snprintf(expected, sizeof expected, "templates/email/t.md:%s", rows[i].result);
		ck_assert_msg(strncmp(kit_problems(&kit), expected, strlen(expected)) == 0,
			      "%s\n  gave: %s\n  not:  %s", rows[i].source, kit_problems(&kit), expected);
		kit_end(&kit);
	}
}
END_TEST

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

START_TEST(what_fails_while_rendering_names_the_line_of_the_template)
{
	load("---\nsubject: S\n---\n# Head\n\n- a\n- {{ 1 | divided_by: data.n }}\n");
	ck_assert_uint_eq(kit.problems.count, 0);
	ck_assert_ptr_null(kit_render(&kit, "email", "html"));
	ck_assert_str_eq(kit.error.where, "templates/email/t.md:7");
	ck_assert_str_eq(kit.error.message, "divided by 0");
	kit_end(&kit);
}
END_TEST

START_TEST(kinds_and_names_are_found_and_others_are_not)
{
	kit_begin(&kit);
	kit_add(&kit, "templates/call/hello.md", "\xef\xbb\xbf# Opening\r\nHello {{ lead.first_name }}\r\n");
	kit_add(&kit, "templates/letter/t.md", "Dear {{ lead.first_name }}");
	kit_load(&kit);
	ck_assert_msg(kit.problems.count == 0, "%s", kit_problems(&kit));
	ck_assert_int_eq(playbook_render(&kit.playbook, STR("call"), STR("t"), &kit.input, kit.arena, &kit.out, &kit.error), -1);
	ck_assert_str_eq(kit.error.message, "there is no template templates/call/t.md.");
	ck_assert_int_eq(
		playbook_render(&kit.playbook, STR("call"), STR("hello"), &kit.input, kit.arena, &kit.out, &kit.error),
		0);
	ck_assert_str_eq(field("text"), "# Opening\nHello Ada\n");
	ck_assert_ptr_null(strstr(kit_render(&kit, "letter", "html"), "/u/"));
	ck_assert_str_eq(field("text"), "Dear Ada\n");
	ck_assert_int_eq(
		playbook_render(&kit.playbook, STR("email"), STR("no"), &kit.input, kit.arena, &kit.out, &kit.error),
		-1);
	ck_assert_int_eq(kit.error.code, ERROR_NOT_FOUND);
	ck_assert_str_eq(kit.error.message, "there is no template templates/email/no.md.");
	kit_end(&kit);
}
END_TEST

START_TEST(what_else_lies_under_templates_is_refused)
{
	kit_begin(&kit);
	kit_add(&kit, "templates/emial/x.md", "x");
	kit_add(&kit, "templates/fax/x.md", "x");
	kit_add(&kit, "templates/page/x.md", "{{ nothing");
	kit_add(&kit, "templates/email/logo.svg", "\x89PNG");
	kit_add(&kit, "templates/email/old/x.md", "x");
	kit_add(&kit, "templates/x.md", "x");
	kit_load(&kit);
	ck_assert_str_eq(
		kit_problems(&kit),
		"templates/emial/x.md:1: there are no templates of kind \"emial\". Did you mean templates/email/?\n"
		"templates/fax/x.md:1: there are no templates of kind \"fax\". Kinds are email, call, letter.\n"
		"templates/page/x.md:1: this is no page. A page is templates/page/NAME.html, and its address is /z/NAME.\n"
		"templates/email/logo.svg:1: this is no template. A template is templates/KIND/NAME.md, like "
		"templates/email/welcome.md.\n"
		"templates/email/old/x.md:1: this is no template. A template is templates/KIND/NAME.md, like "
		"templates/email/welcome.md.\n"
		"templates/x.md:1: this is no template. A template is templates/KIND/NAME.md, like "
		"templates/email/welcome.md.\n");
	kit_end(&kit);
}
END_TEST

START_TEST(a_page_is_html_as_written_and_names_nothing_of_a_lead)
{
	struct template_fields fields = {0};
	kit_begin(&kit);
	kit_add(&kit, "templates/page/x.html",
		"<h1 class=\"a\">{{ asset.security-guide.title }}</h1>{% if data.url %}<a href=\"{{ data.url }}\">{{ data.word }}</a>{% endif %}");
	kit_load(&kit);
	ck_assert_str_eq(kit_problems(&kit), "");
	kit.touch.data = STR("{\"url\": \"/d/x\", \"word\": \"<b>\\\"&\"}");
	ck_assert_int_eq(playbook_render(&kit.playbook, STR("page"), STR("x"), &kit.input, kit.arena, &fields, &kit.error), 0);
	ck_assert_str_eq(fields.items[0].name, "html");
	ck_assert_str_eq(fields.items[0].value.p, "<h1 class=\"a\">The security guide &lt;2027&gt;</h1><a href=\"/d/x\">&lt;b&gt;&quot;&amp;</a>");
	ck_assert(playbook_has_page(&kit.playbook, STR("x")) && !playbook_has_page(&kit.playbook, STR("y")));
	kit_end(&kit);
	static const struct { const char *text, *told; } wrong[] = {
		{"{{ lead.email }}", "lead cannot stand in a page: anybody may open it."},
		{"{% if stage == \"customer\" %}x{% endif %}", "stage cannot stand in a page: anybody may open it."},
		{"{{ unsubscribe_url }}", "unsubscribe_url cannot stand in a page: anybody may open it."},
		{"{{ asset.handbook.link }}", "asset.handbook.link is one lead's own and cannot stand in a page. A form gives it: form.NAME."},
		{"{{ form.none }}", "there is no form \"none\"."},
		{"{{ form }}", "form alone prints nothing. Name a form: form.NAME."},
	};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		kit_begin(&kit);
		kit_add(&kit, "templates/page/x.html", wrong[i].text);
		kit_load(&kit);
		ck_assert_msg(strstr(kit_problems(&kit), wrong[i].told) != NULL, "%s: %s", wrong[i].text, kit_problems(&kit));
		kit_end(&kit);
	}
	load(SUBJECT "{{ form.demo }}");
	ck_assert(strstr(kit_problems(&kit), "a form stands in pages only: templates/page/NAME.html.") != NULL);
	kit_end(&kit);
}
END_TEST

/* Every field of a lead, empty or filled with what is hardest to print. */
static void render_samples(struct playbook *playbook, const struct folder *folder, const char *text)
{
	const size_t count = playbook->schema.lead_count;
	struct arena *arena = arena_new();
	struct lead lead = {.fields = arena_array(arena, count, sizeof(struct value))};
	struct account account = {.fields = arena_array(arena, playbook->schema.account_count, sizeof(struct value))};
	struct template_input input = {.view = {.lead = &lead, .account = text ? &account : NULL, .now = MOMENT_DAY},
				       .unsubscribe_url = "https://e.com/u"};
	struct template_fields out;
	struct error error;
	for (size_t i = 0; text && i < count; i++)
		if (playbook->schema.lead[i].type == FIELD_TEXT)
			lead.fields[i] = kit_text(text);
	for (size_t i = 0; i < folder->count; i++) {
		struct str rest = str_of(folder->files[i].path);
		if (!str_starts(rest, STR("templates/")))
			continue;
		str_cut(&rest, '/');
		struct str kind = str_cut(&rest, '/'), name = {rest.p, rest.n - (str_is(kind, "page") ? 5 : 3)};
		ck_assert_msg(playbook_render(playbook, kind, name, &input, arena, &out, &error) == 0, "%s: %s",
			      error.where, error.message);
		for (size_t k = 0; k < out.count; k++)
			ck_assert(strcmp(out.items[k].name, "html") != 0 || !strstr(out.items[k].value.p, "<script>"));
		ck_assert(out.count > 0 && out.items[0].value.n > 0);
	}
	arena_free(arena);
}

START_TEST(every_template_of_the_sample_renders_for_any_lead)
{
	struct folder folder = {.arena = arena_new()};
	struct problems problems = {.arena = folder.arena};
	folder_walk(&folder, NURTURE_SOURCE "/scripts", "");
	struct playbook_files files = folder_files(&folder);
	struct playbook *playbook = playbook_load(&files, folder_site(), &problems);
	ck_assert_ptr_nonnull(playbook);
	render_samples(playbook, &folder, NULL);
	render_samples(playbook, &folder, "");
	render_samples(playbook, &folder, "<script>{{ x }}{% if %}\r\n\xe2\x80\xa8\"'&*_[a](javascript:b)");
	playbook_free(playbook);
	arena_free(folder.arena);
}
END_TEST

START_TEST(ten_thousand_templates_load_in_seconds_and_the_cache_stays_bounded)
{
	enum { COUNT = 10000 };
	struct playbook_file *files = calloc(COUNT, sizeof *files);
	kit_begin(&kit);
	for (int i = 0; i < COUNT; i++)
		files[i] = (struct playbook_file){
			arena_printf(kit.arena, "templates/email/m%d.md", i),
			str_of(arena_printf(kit.arena,
					    SUBJECT
					    "# Mail %d\n\nDear {{ lead.first_name }},\n\n{%% for t in lead.topics %%}\n"
					    "- {{ t }} [%d](https://e.com/%d)\n{%% endfor %%}\n",
					    i, i, i))};
	kit.list = (struct playbook_files){.files = files, .count = COUNT};
	clock_t start = clock();
	kit_load(&kit);
	ck_assert_uint_eq(kit.problems.count, 0);
	for (int i = 0; i < COUNT; i++) {
		char name[16];
		snprintf(name, sizeof name, "m%d", i);
		struct arena *arena = arena_new();
		ck_assert_int_eq(playbook_render(&kit.playbook, STR("email"), str_of(name), &kit.input, arena, &kit.out,
						 &kit.error),
				 0);
		ck_assert_ptr_nonnull(strstr(kit.out.items[2].value.p, "- security"));
		arena_free(arena);
	}
	ck_assert_msg(clock() - start < 40 * CLOCKS_PER_SEC, "took %.1f s", (double)(clock() - start) / CLOCKS_PER_SEC);
	kit_end(&kit);
	free(files);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(a_mail_has_its_header_fields_html_and_text),
	UNIT(liquid_stands_where_markdown_wants_it),
	UNIT(hostile_data_stays_text_in_html),
	UNIT(no_address_that_data_makes_can_run_or_lead_elsewhere),
	UNIT(the_text_part_reads_well),
	UNIT(a_table_is_a_table_for_every_reader),
	UNIT(a_table_reads_well_in_plain_text),
	UNIT(header_fields_are_one_clean_line),
	UNIT(the_footer_says_what_the_body_did_not),
	UNIT(a_template_that_does_not_fit_is_refused_with_its_line),
	UNIT(a_letter_says_where_its_answers_are_led),
	UNIT(a_letter_is_its_body_alone),
	UNIT(letters_name_their_code_and_nothing_else_does),
	UNIT(what_fails_while_rendering_names_the_line_of_the_template),
	UNIT(kinds_and_names_are_found_and_others_are_not),
	UNIT(a_page_is_html_as_written_and_names_nothing_of_a_lead),
	UNIT(what_else_lies_under_templates_is_refused),
	UNIT(every_template_of_the_sample_renders_for_any_lead),
	UNIT(ten_thousand_templates_load_in_seconds_and_the_cache_stays_bounded),
};
UNIT_MAIN("playbook/template", cases)

/* Template files: the front matter, Markdown fixed when the playbook is loaded, HTML and plain text, addresses,
 * headers, the footer. */
#include "base/buf.h"
#include "base/map.h"
#include "unit/check_main.h"
#include "unit/playbook_folder.h"
#include "unit/playbook_template_rows.h"

#include <time.h>

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
		/* Words of its own keep a paragraph, whatever the data is: not a remark, nor words that a tag leaves out. */
		{"{{ lead.last_name }}<!-- a remark -->\n\n{{ lead.last_name }}{% if lead.last_name %}words{% endif %}\n\nx", "<p>x</p>\n"},
		{"a{{ lead.last_name }}\n\n{{ lead.last_name }}*b*\n\n`c` {{ lead.last_name }}", "<p>a</p>\n<p><em>b</em></p>\n<p><code>c</code> </p>\n"},
		{"{{ lead.vip }} a {{ lead.vip }}{{ lead.vip }} b", "<p>true a truetrue b</p>\n"},
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
	UNIT(header_fields_are_one_clean_line),
	UNIT(the_footer_says_what_the_body_did_not),
	UNIT(a_template_that_does_not_fit_is_refused_with_its_line),
	UNIT(what_fails_while_rendering_names_the_line_of_the_template),
	UNIT(kinds_and_names_are_found_and_others_are_not),
	UNIT(a_page_is_html_as_written_and_names_nothing_of_a_lead),
	UNIT(what_else_lies_under_templates_is_refused),
	UNIT(every_template_of_the_sample_renders_for_any_lead),
	UNIT(ten_thousand_templates_load_in_seconds_and_the_cache_stays_bounded),
};
UNIT_MAIN("playbook/template", cases)

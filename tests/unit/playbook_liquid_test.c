/* Liquid: every filter and tag gives what Shopify documents, in a plain text; data is never parsed; what is wrong is
 * said with its line. */
#include "base/buf.h"
#include "unit/check_main.h"
#include "unit/playbook_template_kit.h"

static struct kit kit;

/* Renders one text template; data = JSON of the touch, or NULL. The error's text when it fails. */
static const char *render(const char *source, const char *data)
{
	kit_begin(&kit);
	kit_add(&kit, "templates/text/t.md", source);
	kit_load(&kit);
	ck_assert_msg(kit.problems.count == 0, "%s\n%s", source, kit_problems(&kit));
	kit.touch.data = data ? str_of(data) : STR("");
	const char *text = kit_render(&kit, "text", "text");
	char *copy = strdup(text ? text : arena_printf(kit.arena, "%s: %s", kit.error.where, kit.error.message));
	kit_end(&kit);
	return copy;
}

struct row {
	const char *source, *result;
};

static void check_rows(const struct row *rows, size_t count, const char *data)
{
	for (size_t i = 0; i < count; i++) {
		const char *text = render(rows[i].source, data);
		ck_assert_msg(strcmp(text, rows[i].result) == 0, "%s\n  gave: %s\n  not:  %s", rows[i].source, text,
			      rows[i].result);
		free((char *)text);
	}
}
#define CHECK_ROWS(rows, data) check_rows(rows, sizeof(rows) / sizeof *(rows), data)

START_TEST(filters_of_text_do_what_shopify_documents)
{
	static const struct row rows[] = {
		{"{{ \"/my/fancy/url\" | append: \".html\" }}", "/my/fancy/url.html"},
		{"{{ \"apples, oranges, and bananas\" | prepend: \"Some fruit: \" }}",
		 "Some fruit: apples, oranges, and bananas"},
		{"{{ \"title\" | capitalize }} {{ \"my GREAT title\" | capitalize }}", "Title My great title"},
		{"{{ \"Parker Moore\" | downcase }} {{ \"\xc3\x84RGER\" | downcase }}", "parker moore \xc3\xa4rger"},
		{"{{ \"Parker Moore\" | upcase }} {{ \"stra\xc3\x9f"
		 "e\" | upcase }}",
		 "PARKER MOORE STRASSE"},
		{"|{{ \"   So much room for activities   \" | strip }}|", "|So much room for activities|"},
		{"|{{ \"   So much room   \" | lstrip }}|", "|So much room   |"},
		{"|{{ \"   So much room   \" | rstrip }}|", "|   So much room|"},
		{"{{ \"Have <em>you</em> read <strong>Ulysses</strong>?\" | strip_html }}", "Have you read Ulysses?"},
		{"{{ \"a<script>b<c</script>d<!-- <e> -->f<style>g</style>h<i\" | strip_html }}", "adfh<i"},
		{"{% capture s %}\nHello\nthere\n{% endcapture %}{{ s | strip_newlines }}", "Hellothere"},
		{"{% capture s %}\nHello\nthere\n{% endcapture %}{{ s | newline_to_br }}",
		 "<br />\nHello<br />\nthere<br />\n"},
		{"{{ \"Have you read 'James & the Giant Peach'?\" | escape }}",
		 "Have you read &#39;James &amp; the Giant Peach&#39;?"},
		{"{{ \"Tetsuro Takara\" | escape }}", "Tetsuro Takara"},
		{"{{ \"1 < 2 & 3\" | escape_once }} {{ \"1 &lt; 2 &amp; 3\" | escape_once }}",
		 "1 &lt; 2 &amp; 3 1 &lt; 2 &amp; 3"},
		{"{{ \"&;&#;&nosemi & &#39;\" | escape_once }}", "&amp;;&amp;#;&amp;nosemi &amp; &#39;"},
		{"{{ \"john@liquid.com\" | url_encode }} {{ \"Tetsuro Takara\" | url_encode }}",
		 "john%40liquid.com Tetsuro+Takara"},
		{"{{ \"%27Stop%21%27+said+Fred\" | url_decode }}", "'Stop!' said Fred"},
		{"{{ \"Take my protein pills and put my helmet on\" | replace: \"my\", \"your\" }}",
		 "Take your protein pills and put your helmet on"},
		{"{{ \"Take my protein pills and put my helmet on\" | replace_first: \"my\", \"your\" }}",
		 "Take your protein pills and put my helmet on"},
		{"{{ \"Take my protein pills and put my helmet on\" | replace_last: \"my\", \"your\" }}",
		 "Take my protein pills and put your helmet on"},
		{"{{ \"I strained to see the train through the rain\" | remove: \"rain\" }}",
		 "I sted to see the t through the "},
		{"{{ \"I strained to see the train through the rain\" | remove_first: \"rain\" }}",
		 "I sted to see the train through the rain"},
		{"{{ \"I strained to see the train through the rain\" | remove_last: \"rain\" }}",
		 "I strained to see the train through the "},
		{"{{ \"Ground control to Major Tom.\" | truncate: 20 }}", "Ground control to..."},
		{"{{ \"Ground control to Major Tom.\" | truncate: 25, \", and so on\" }}", "Ground control, and so on"},
		{"{{ \"Ground control to Major Tom.\" | truncate: 20, \"\" }}", "Ground control to Ma"},
		{"{{ \"\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f\" | truncate: 3, \"\" }}", "\xc3\xa4\xc3\xb6\xc3\xbc"},
		{"{{ \"Ground control to Major Tom.\" | truncatewords: 3 }}", "Ground control to..."},
		{"{{ \"Ground control to Major Tom.\" | truncatewords: 3, \"--\" }}", "Ground control to--"},
		{"{{ \"Ground control to Major Tom.\" | truncatewords: 3, \"\" }}|{{ \"a b\" | truncatewords: 3 }}",
		 "Ground control to|a b"},
		{"{{ \"Liquid\" | slice: 0 }} {{ \"Liquid\" | slice: 2 }} {{ \"Liquid\" | slice: 2, 5 }} {{ \"Liquid\" "
		 "| slice: -3, 2 }}",
		 "L q quid ui"},
		{"{{ \"John, Paul, George, Ringo\" | split: \", \" | slice: 1, 2 | join: \"+\" }}", "Paul+George"},
		{"{{ \"Ground control to Major Tom.\" | size }} {{ \"a,b,c\" | split: \",\" | size }}", "28 3"},
		{"{{ \"\" | default: 2.99 }} {{ nil | default: 2.99 }} {{ 4.99 | default: 2.99 }} {{ false | default: "
		 "true }}",
		 "2.99 2.99 4.99 true"},
		{"{{ false | default: true, allow_false: true }}", "false"},
		{"{{ nil | upcase }}{{ nil | append: \"x\" }}{{ 12 | append: 3 }}", "x123"},
	};
	CHECK_ROWS(rows, NULL);
}
END_TEST

START_TEST(filters_of_numbers_do_what_shopify_documents)
{
	static const struct row rows[] = {
		{"{{ 4 | plus: 2 }} {{ 16 | plus: 4 }} {{ 183.357 | plus: 12 }}", "6 20 195.357"},
		{"{{ 4 | minus: 2 }} {{ 16 | minus: 4 }} {{ 183.357 | minus: 12 }}", "2 12 171.357"},
		{"{{ 3 | times: 2 }} {{ 24 | times: 7 }} {{ 183.357 | times: 12 }}", "6 168 2200.284"},
		{"{{ 16 | divided_by: 4 }} {{ 5 | divided_by: 3 }} {{ 20 | divided_by: 7 }} {{ 20 | divided_by: 7.0 }}",
		 "4 1 2 2.8571428571429"},
		{"{{ -5 | divided_by: 2 }} {{ 3.0 | times: 1 }}", "-3 3.0"},
		{"{{ 3 | modulo: 2 }} {{ 24 | modulo: 7 }} {{ 183.357 | modulo: 12 }} {{ -3 | modulo: 2 }}",
		 "1 3 3.357 1"},
		{"{{ -17 | abs }} {{ 4 | abs }} {{ \"-19.86\" | abs }}", "17 4 19.86"},
		{"{{ 1.2 | ceil }} {{ 2.0 | ceil }} {{ 183.357 | ceil }} {{ \"3.5\" | ceil }}", "2 2 184 4"},
		{"{{ 1.2 | floor }} {{ 2.0 | floor }} {{ 183.357 | floor }} {{ \"3.5\" | floor }}", "1 2 183 3"},
		{"{{ 1.2 | round }} {{ 2.7 | round }} {{ 183.357 | round: 2 }}", "1 3 183.36"},
		{"{{ 4 | at_least: 5 }} {{ 4 | at_least: 3 }} {{ 4 | at_most: 5 }} {{ 4 | at_most: 3 }}", "5 4 4 3"},
		{"{{ 0.1 | plus: 0.2 }} {{ \"7\" | plus: \"x\" }} {{ nil | plus: 1 }}", "0.3 7 1"},
		{"{{ 9007199254740991 | times: 9007199254740991 }}", "8.1129638414607e+31"},
	};
	CHECK_ROWS(rows, NULL);
}
END_TEST

START_TEST(filters_of_lists_do_what_shopify_documents)
{
	static const struct row rows[] = {
		{"{{ \"John, Paul, George, Ringo\" | split: \", \" | join: \" and \" }}",
		 "John and Paul and George and Ringo"},
		{"{{ \"Ground control to Major Tom.\" | split: \" \" | first }} {{ \"a b\" | split: \" \" | last }}",
		 "Ground b"},
		{"{{ \"apples, oranges, peaches, plums\" | split: \", \" | reverse | join: \", \" }}",
		 "plums, peaches, oranges, apples"},
		{"{{ \"zebra, octopus, giraffe, Sally Snake\" | split: \", \" | sort | join: \", \" }}",
		 "Sally Snake, giraffe, octopus, zebra"},
		{"{{ \"zebra, octopus, giraffe, Sally Snake\" | split: \", \" | sort_natural | join: \", \" }}",
		 "giraffe, octopus, Sally Snake, zebra"},
		{"{{ \"ants, bugs, bees, bugs, ants\" | split: \", \" | uniq | join: \", \" }}", "ants, bugs, bees"},
		{"{% assign a = \"apples, oranges\" | split: \", \" %}{% assign b = \"carrots\" | split: \",\" %}{{ a "
		 "| concat: b | join: \", \" }} {{ a | size }}",
		 "apples, oranges, carrots 2"},
		{"{{ data.pages | map: \"category\" | join: \",\" }}|{{ data.pages | map: \"category\" | uniq | join: "
		 "\",\" }}",
		 "b,a,b|b,a"},
		{"{{ data.pages | compact: \"category\" | size }} {{ data.pages | size }}", "3 4"},
		{"{{ data.pages | where: \"category\", \"b\" | map: \"title\" | join: \",\" }}", "one,three"},
		{"{{ data.pages | where: \"good\" | map: \"title\" | join: \",\" }}", "two"},
		{"{{ data.pages | sort: \"price\" | map: \"title\" | join: \",\" }}", "two,one,three,four"},
		{"{{ data.pages | uniq: \"category\" | map: \"title\" | join: \",\" }}", "one,two,four"},
		{"{{ data.numbers | sum }} {{ data.pages | sum: \"price\" }}", "6.5 31"},
		{"{{ data.numbers | join }} {{ data.numbers }} {{ data.numbers[1] }} {{ data.numbers[-1] }} {{ "
		 "data.numbers.first }}",
		 "1 2 3.5 123.5 2 3.5 1"},
		{"{{ \"a~b\" | split: \"~\" | last }}{{ \"abc\" | split: \"\" | join: \"-\" }}{{ \",a,,\" | split: "
		 "\",\" | size }}",
		 "ba-b-c2"},
		{"{{ nil | join: \",\" }}{{ nil | first }}{{ \"x\" | join }}{{ 5 | sum }}", "x5"},
	};
	CHECK_ROWS(rows, "{\"numbers\": [1, 2, 3.5], \"pages\": [{\"title\": \"one\", \"category\": \"b\", \"price\": "
			 "10}, {\"title\": \"two\", "
			 "\"category\": \"a\", \"price\": 1, \"good\": true}, {\"title\": \"three\", \"category\": "
			 "\"b\", \"price\": 20, \"good\": false}, "
			 "{\"title\": \"four\"}]}");
}
END_TEST

START_TEST(dates_are_formatted_in_the_leads_zone)
{
	static const struct row rows[] = {
		{"{{ now }}|{{ today }}|{{ \"now\" | date: \"%H:%M\" }}", "2027-03-18 10:00:00 -0400|2027-03-18|10:00"},
		{"{{ lead.meeting_day }}|{{ lead.meeting_day | date: \"%A, %-d %B %Y %H:%M\" }}",
		 "2027-03-18|Thursday, 18 March 2027 00:00"},
		{"{{ \"2015-07-17T15:04:15Z\" | date: \"%a, %b %d, %y\" }}", "Fri, Jul 17, 15"},
		{"{{ \"March 14, 2016\" | date: \"%b %d, %y\" }}", "March 14, 2016"},
		{"{{ \"2016-03-14\" | date: \"%b %d, %y\" }} {{ \"2016-03-14\" | date: \"%Y\" }}", "Mar 14, 16 2016"},
		{"{{ 1805378400 | date: \"%s %z %:z %p %P %I %l %e %j %u %w %C %y %n%t%%\" }}",
		 "1805378400 -0400 -04:00 AM am 10 10 18 077 4 4 20 27 \n\t%"},
		{"{{ now | date: \"%F %T %D %R %r %c %x %X\" }}",
		 "2027-03-18 10:00:00 03/18/27 10:00 10:00:00 AM Thu Mar 18 10:00:00 2027 03/18/27 10:00:00"},
		{"{{ \"2021-01-03\" | date: \"%G-W%V-%u %U %W\" }} {{ \"2020-12-31\" | date: \"%V\" }} {{ "
		 "\"2027-01-01\" | date: \"%G %V\" }}",
		 "2020-W53-7 01 00 53 2026 53"},
		{"{{ \"2027-03-05\" | date: \"%-m/%-d %_d %^b %10A|%03d %Q\" }}", "3/5  5 MAR     Friday|005 %Q"},
		{"{{ nil | date: \"%Y\" }}{{ \"no date\" | date: \"%Y\" }}{{ now | date: \"\" }}",
		 "no date2027-03-18 10:00:00 -0400"},
		{"{% if lead.meeting_day >= today %}yes{% endif %}{% if lead.meeting_day > today %}no{% endif %}",
		 "yes"},
		{"{{ \"2027-07-01 12:00 Europe/Berlin\" | date: \"%H:%M\" }}", "06:00"},
	};
	CHECK_ROWS(rows, NULL);
}
END_TEST

START_TEST(tags_do_what_shopify_documents)
{
	static const struct row rows[] = {
		{"{% if lead.vip %}a{% elsif true %}b{% else %}c{% endif %}{% unless lead.vip %}d{% else %}e{% "
		 "endunless %}",
		 "ae"},
		{"{% if lead.last_name %}a{% elsif lead.employees > 200 %}b{% else %}c{% endif %}", "b"},
		{"{% case lead.timing %}{% when \"later\" %}l{% when \"now\", \"soon\" %}n{% else %}e{% endcase %}",
		 "n"},
		{"{% case 3 %}\n{% when 1 or 2 %}a{% else %}e{% endcase %}{% case 1 %}{% else %}x{% endcase %}{% case "
		 "1 %}{% endcase %}",
		 "\nex"},
		{"{% for i in (1..3) %}{{ i }}{% unless forloop.last %},{% endunless %}{% endfor %}", "1,2,3"},
		{"{% for i in data.list limit:2 offset:1 %}{{ i }}{% endfor %}|{% for i in data.list reversed %}{{ i "
		 "}}{% endfor %}",
		 "bc|dcba"},
		{"{% for i in data.list reversed limit: 2 offset: 1 %}{{ i }}{% endfor %}", "cb"},
		{"{% for i in data.none %}x{% else %}nothing{% endfor %}", "nothing"},
		{"{% for i in (1..5) %}{% if i == 4 %}{% break %}{% endif %}{% if i == 2 %}{% continue %}{% endif %}{{ "
		 "i }}{% endfor %}",
		 "13"},
		{"{% for i in (1..2) %}{% for k in (1..2) %}{{ forloop.parentloop.index }}{{ forloop.index0 }}{{ "
		 "forloop.rindex }}{{ forloop.length }} {% endfor %}{% endfor %}",
		 "1022 1112 2022 2112 "},
		{"{% for i in (1..lead.employees) %}{% break %}{% else %}n{% endfor %}{% for c in \"abc\" %}{{ c }}{% "
		 "endfor %}",
		 "abc"},
		{"{% assign x = \"a\" %}{% for i in (1..2) %}{% assign x = x | append: i %}{% endfor %}{{ x }}", "a12"},
		{"{% capture greeting %}Dear {{ lead.first_name }}{% endcapture %}{{ greeting }}/{{ greeting | upcase "
		 "}}",
		 "Dear Ada/DEAR ADA"},
		{"a{% comment %} {{ nobody }} {% foo %} don't {% endcomment %}b{% # {{ not said }} %}c", "abc"},
		{"{% raw %}{{ lead.first_name }}{% if %}{% endraw %}", "{{ lead.first_name }}{% if %}"},
		{"a  {%- if true -%}  b  {%- endif -%}  c {{- 1 -}} d", "abc1d"},
		{"{%- assign x = 1 -%}\n\n  {{ x }}", "1"},
		{"{% if true and false or true %}a{% endif %}{% if false and false or true %}b{% endif %}{% if true or "
		 "false and false %}c{% endif %}",
		 "ac"},
		{"{% if \"\" %}a{% endif %}{% if 0 %}b{% endif %}{% if nil %}c{% endif %}{% if data.none == nil %}d{% "
		 "endif %}",
		 "abd"},
		{"{% if data.list contains \"b\" %}a{% endif %}{% if \"abc\" contains \"bc\" %}b{% endif %}{% if nil "
		 "contains \"x\" %}c{% endif %}",
		 "ab"},
		{"{% if \"\" == empty %}a{% endif %}{% if data.list != empty %}b{% endif %}{% if \" \" == blank %}c{% "
		 "endif %}{% if nil == blank %}d{% endif %}"
		 "{% if nil == empty %}e{% endif %}{% if blank == false %}f{% endif %}",
		 "abcdf"},
		{"{% if lead.last_name > 3 %}a{% else %}b{% endif %}{% if 2 <> 3 %}c{% endif %}{% if 2 <= 2.0 %}d{% "
		 "endif %}",
		 "bcd"},
		{"{{ data.deep.er[\"key with space\"] }}{{ data.deep[data.name].n }}{{ data.list.size }}{{ "
		 "data.list.last }}{{ data.no.thing.here }}",
		 "v14d"},
		{"{{ 'single' }}{{ \"it's\" }}{{ -3 }}{{ true }}{{ nil }}", "singleit's-3true"},
	};
	CHECK_ROWS(rows, "{\"list\": [\"a\", \"b\", \"c\", \"d\"], \"deep\": {\"er\": {\"key with space\": \"v\", "
			 "\"n\": 1}}, \"name\": \"er\"}");
}
END_TEST

START_TEST(every_documented_name_prints)
{
	static const struct row rows[] = {
		{"{{ lead.first_name }} {{ lead.employees }} {{ lead.vip }} {{ lead.topics | join: \"+\" }} {{ "
		 "lead.timing }}{{ lead.last_name }}",
		 "Ada 250 true security+cloud now"},
		{"{{ lead[\"first_name\"] }}|{{ account.name }}|{{ score.nature }}|{{ score.nurture }}", "Ada||55|"},
		{"{{ grade }} {{ band }} {{ grade.main }} {{ stage }} {{ campaign }} {{ step }} {{ purpose }}",
		 "A1 ready A1 engaged drip next-read marketing"},
		{"{{ asset.security-guide.title }} {{ asset.price-list.url }} {{ asset[\"price-list\"].kind }}",
		 "The security guide <2027> /pricing prices"},
		{"{{ playbook.title }} {{ playbook.name }} {{ playbook.language }}", "Acme Security acme en"},
		{"{{ confirm_url }}|{{ refer_url }}|{{ asset.handbook.link }}", "https://go.example.com/y/t||handbook"},
		{"{{ unsubscribe_url }} {{ postal_address }} {{ public_url }}",
		 "https://go.example.com/u/tok-en Acme, 1 Main St\nBerlin https://go.example.com"},
	};
	CHECK_ROWS(rows, NULL);
}
END_TEST

START_TEST(data_is_printed_and_never_parsed)
{
	static const struct row rows[] = {
		{"{{ data.a }}", "{{ lead.email }}{% if true %}x{% endif %}"},
		{"{% assign x = data.a | append: \"}}\" %}{{ x }}", "{{ lead.email }}{% if true %}x{% endif %}}}"},
		{"{% capture y %}{{ data.a }}{% endcapture %}{{ y }}", "{{ lead.email }}{% if true %}x{% endif %}"},
		{"{{ data.b }}", "\"]] .. x --\\"},
		{"{{ \"\\\"]]--\" }}", "render"},
	};
	check_rows(rows, 4, "{\"a\": \"{{ lead.email }}{% if true %}x{% endif %}\", \"b\": \"\\\"]] .. x --\\\\\"}");
	kit_begin(&kit);
	kit_add(&kit, "templates/text/t.md", "{{ 'a\" .. \\'b' }}");
	kit_load(&kit);
	ck_assert_uint_eq(kit.problems.errors, 1); /* Liquid knows no escapes in a text: it ends at the quote */
	kit_end(&kit);
}
END_TEST

START_TEST(what_cannot_be_done_at_run_time_names_file_and_line)
{
	static const struct row rows[] = {
		{"a\nb\n{{ 1 | divided_by: data.zero }}", "templates/text/t.md:3: divided by 0"},
		{"\n{% if data.text > 1 %}{% endif %}",
		 "templates/text/t.md:2: a text cannot be compared with a number by < or >"},
		{"{{ data.object }}",
		 "templates/text/t.md:1: an object cannot be printed. Name the part that you mean."},
		{"{% for x in data.object %}{% endfor %}",
		 "templates/text/t.md:1: for walks over lists; this is an object"},
		{"\n\n{% for i in (1..10000) %}{% for k in (1..10000) %}{{ k }}{% endfor %}{% endfor %}",
		 "templates/text/t.md:3: ran longer than a script may (1000000 instructions)"},
		{"{% for i in (1..100000) %}{% endfor %}",
		 "templates/text/t.md:1: a range holds at most 10000 numbers"},
		{"{% assign x = \"xxxxxxxxxxxxxxxx\" %}\n{% for i in (1..40) %}\n{% assign x = x | append: x %}{% "
		 "endfor %}",
		 "templates/text/t.md:3: ran longer than a script may (1000000 instructions)"},
		{"{% assign x = \"ab\" %}\n{% for i in (1..40) %}{% assign x = x | replace: \"a\", \"aaaaaaaa\" %}{% "
		 "endfor %}",
		 "templates/text/t.md:2: the text gets longer than 4 MB"},
		{"{% capture x %}{% for i in (1..1000) %}aaaaaaaaaaaaaaaaaaaa{% endfor %}{% endcapture %}{% for i in "
		 "(1..400) %}{{ x }}{% endfor %}",
		 "templates/text/t.md:1: the text gets longer than 4 MB"},
	};
	CHECK_ROWS(rows, "{\"zero\": 0, \"text\": \"x\", \"object\": {\"a\": 1}}");
}
END_TEST

START_TEST(a_render_that_failed_leaves_the_next_one_whole)
{
	kit_begin(&kit);
	kit_add(&kit, "templates/text/t.md", "{% capture x %}{{ 1 | divided_by: data.n }}{% endcapture %}{{ x }}");
	kit_load(&kit);
	for (int i = 0; i < 50; i++) {
		kit.touch.data = STR("{\"n\": 0}");
		ck_assert_ptr_null(kit_render(&kit, "text", "text"));
		ck_assert_int_eq(kit.error.code, ERROR_INVALID);
		kit.touch.data = STR("{\"n\": 1}");
		ck_assert_str_eq(kit_render(&kit, "text", "text"), "1");
	}
	kit.touch.data = STR("[1]");
	ck_assert_ptr_nonnull(strstr(kit_render(&kit, "text", "text") ? "" : kit.error.message, "divided by 0"));
	kit_end(&kit);
}
END_TEST

/* One template, and the problem that it must give ("line: message"). */
START_TEST(what_is_wrong_is_said_at_check_with_its_line_and_the_nearest_name)
{
	static const struct row rows[] = {
		{"\n{{ lead.frist_name }}", "2: there is no field \"frist_name\". Did you mean \"first_name\"? Lead "
					    "fields are declared in fields.lua."},
		{"{{ account.nmae }}", "1: there is no account field \"nmae\". Did you mean \"name\"? Account fields "
				       "are declared in fields.lua."},
		{"{{ leda.email }}", "1: there is no variable \"leda\". Did you mean \"lead\"?"},
		{"{{ first_name }}", "1: there is no variable \"first_name\". The lead's field is lead.first_name."},
		{"{{ lead }}", "1: lead alone prints nothing. Name a field: lead.NAME."},
		{"{{ lead[data.x] }}", "1: after lead a name must be written out, not computed."},
		{"{{ score.natrue }}", "1: there is no model \"natrue\". Did you mean \"nature\"?"},
		{"{{ asset.security-giude.title }}",
		 "1: there is no asset \"security-giude\". Did you mean \"security-guide\"?"},
		{"{{ asset.price-list.titel }}", "1: there is no part of an asset called \"titel\". Did you mean "
						 "\"title\"? It has title, link, url, kind, topic and buying_stage."},
		{"{{ 'x' | upcasse }}", "1: there is no filter \"upcasse\". Did you mean \"upcase\"?"},
		{"{{ lead.email | raw }}", "1: there is no filter \"raw\": what leads wrote is always escaped."},
		{"{{ 'x' | truncate: 1, 'a', 'b' }}",
		 "1: the filter truncate takes 0 to 2 values after a colon, not 3."},
		{"{{ 'x' | upcase: 1 }}", "1: the filter upcase takes no value after a colon, and 1 stands here."},
		{"{{ 'x' | append }}", "1: the filter append takes 1 value after a colon, not 0."},
		{"{{ 'x' | append: y: 1 }}", "1: the filter append has no \"y:\"."},
		{"{{ }}", "1: {{ }} is empty. Name what to print, like {{ lead.first_name }}."},
		{"{{ 'x }}", "1: a text is never closed: 'x"},
		{"a\n{{ lead.email ", "2: {{ is never closed."},
		{"{{ lead. }}", "1: a name is missing after the dot."},
		{"{{ \"a\" \"b\" }}", "1: \"b\" is too much here."},
		{"{{ \xe2\x80\x9cx\xe2\x80\x9d }}",
		 "1: this is a curly quote (\xe2\x80\x9c) from a word processor. Type a straight one: \""},
		{"\n{% if lead.email %}", "2: {% if %} is never closed: write {% endif %} after it."},
		{"{% endif %}", "1: {% endif %} stands without a {% if %} before it."},
		{"{% for i in data.x %}\n{% endif %}{% endfor %}",
		 "2: {% endif %} stands inside {% for %} of line 1, which must be closed first."},
		{"{% if lead.email = 1 %}{% endif %}", "1: one = sets, two == ask. Write ==."},
		{"{% if lead.email | size > 1 %}{% endif %}",
		 "1: a filter cannot stand in a condition. Use assign before it."},
		{"{% if (lead.vip) %}{% endif %}",
		 "1: brackets ( ) only stand around the range of a for: (1..5). Liquid's conditions know none."},
		{"{% include 'x' %}", "1: the tag {% include %} of Liquid is not known here."},
		{"{% cycle 'a', 'b' %}", "1: the tag {% cycle %} of Liquid is not known here."},
		{"{% fro i in x %}", "1: there is no tag \"fro\". Did you mean \"for\"?"},
		{"{% for i on x %}{% endfor %}", "1: \"in\" is missing: {% for i in … %}."},
		{"{% for i in (1..3) limt:2 %}{% endfor %}",
		 "1: \"limt\" is not known here. A for takes limit:, offset: and reversed."},
		{"{% for lead in data.x %}{% endfor %}", "1: \"lead\" has a meaning already. Take another name."},
		{"{% assign x 3 %}", "1: a = is missing: {% assign x = … %}."},
		{"{% break %}", "1: {% break %} stands outside of a for."},
		{"{% comment %}", "1: {% comment %} is never closed: write {% endcomment %} after it."},
		{"{{ forloop.index }}", "1: forloop stands outside of a for."},
		{"{{ x }}{% assign x = 1 %}", "1: there is no variable \"x\"."},
		{"{% for i in (1..2) %}{% endfor %}{{ i }}", "1: there is no variable \"i\"."},
		{"{{ 99999999999999999999 }}", "1: 99999999999999999999 is too large a number."},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char expected[400];
		kit_begin(&kit);
		kit_add(&kit, "templates/text/t.md", rows[i].source);
		kit_load(&kit);
		snprintf(expected, sizeof expected, "templates/text/t.md:%s\n", rows[i].result);
		ck_assert_msg(strcmp(kit_problems(&kit), expected) == 0, "%s\n  gave: %s\n  not:  %s", rows[i].source,
			      kit_problems(&kit), expected);
		kit_end(&kit);
	}
}
END_TEST

START_TEST(all_problems_of_a_template_are_said)
{
	kit_begin(&kit);
	kit_add(&kit, "templates/text/t.md", "{{ a }}\n{{ b | nope }}\n{% if c %}\n{% bad %}\n{% endif %}{{ lead.x }}");
	kit_load(&kit);
	ck_assert_str_eq(
		kit_problems(&kit),
		"templates/text/t.md:1: there is no variable \"a\".\ntemplates/text/t.md:2: there is no variable "
		"\"b\".\n"
		"templates/text/t.md:3: there is no variable \"c\".\ntemplates/text/t.md:4: there is no tag \"bad\".\n"
		"templates/text/t.md:5: there is no field \"x\". Lead fields are declared in fields.lua.\n");
	ck_assert_str_eq(kit.problems.items[0].context, "template \"t\"");
	kit_end(&kit);
}
END_TEST

START_TEST(nesting_and_length_are_bounded_at_check)
{
	static const struct {
		const char *head, *repeat, *tail;
		int count;
		bool fine;
	} rows[] = {
		{"", "{% if true %}", "{% endif %}", 24, true},
		{"", "{% if true %}", "{% endif %}", 500, false},
		{"", "{% for i in (1..1) %}", "{% endfor %}", 24, true},
		{"", "{% for i in (1..1) %}", "{% endfor %}", 300, false},
		{"{{ data", "[data", "]", 300, false},
		{"{{ data", ".x", "", 300, false},
		{"{{ 1", " | plus: 1", "", 300, false},
		{"{{ 1", " | plus: 1", "", 16, true},
		{"{% if true", " and true", "", 500, false},
		{"{% case 1 %}{% when 1", ", 1", "", 5000, true},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf text = {0};
		buf_puts(&text, rows[i].head);
		for (int k = 0; k < rows[i].count; k++)
			buf_puts(&text, rows[i].repeat);
		if (rows[i].head[0] != '{')
			buf_puts(&text, "x");
		for (int k = 0; k < rows[i].count; k++)
			buf_puts(&text, rows[i].tail);
		buf_puts(&text, strncmp(rows[i].head, "{{", 2) == 0 ? " }}" : rows[i].head[0] ? " %}" : "");
		if (strncmp(rows[i].head, "{% case", 7) == 0)
			buf_puts(&text, "x{% endcase %}");
		kit_begin(&kit);
		kit_add(&kit, "templates/text/t.md", text.p);
		kit_load(&kit);
		ck_assert_msg((kit.problems.errors == 0) == rows[i].fine, "%s × %d: %s", rows[i].repeat, rows[i].count,
			      kit_problems(&kit));
		if (rows[i].fine)
			ck_assert_ptr_nonnull(kit_render(&kit, "text", "text"));
		kit_end(&kit);
		buf_fini(&text);
	}
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(filters_of_text_do_what_shopify_documents),
	UNIT(filters_of_numbers_do_what_shopify_documents),
	UNIT(filters_of_lists_do_what_shopify_documents),
	UNIT(dates_are_formatted_in_the_leads_zone),
	UNIT(tags_do_what_shopify_documents),
	UNIT(every_documented_name_prints),
	UNIT(data_is_printed_and_never_parsed),
	UNIT(what_cannot_be_done_at_run_time_names_file_and_line),
	UNIT(a_render_that_failed_leaves_the_next_one_whole),
	UNIT(what_is_wrong_is_said_at_check_with_its_line_and_the_nearest_name),
	UNIT(all_problems_of_a_template_are_said),
	UNIT(nesting_and_length_are_bounded_at_check),
};
UNIT_MAIN("playbook/liquid", cases)

/* Fuzzes templates: the input is a template of an e-mail and, after a line of ====, the data of a touch. What loads
 * without problems is rendered; its HTML must be balanced and open no strange address, its subject must be one line. */
#include "playbook/template.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct value fields[LEAD_STANDARD_COUNT];
static struct lead lead = {.id = 64, .fields = fields};
static struct playbook playbook = {.name = "fuzz", .title = "Fuzz"};

static size_t count(struct str s, const char *what)
{
	size_t n = strlen(what), found = 0;
	for (const char *p = s.p; (p = memmem(p, s.n - (size_t)(p - s.p), what, n)); p += n)
		found++;
	return found;
}

static void must(bool holds, const char *what, struct str where)
{
	if (holds)
		return;
	fprintf(stderr, "%s\n%.*s\n", what, STR_ARG(where));
	abort();
}

static void check_html(struct str html)
{
	static const char *const tags[] = {"p",   "ul", "ol", "li", "a",  "blockquote", "em", "strong", "code",
					   "pre", "h1", "h2", "h3", "h4", "h5",         "h6", "table",  "td"};
	static const char *const addresses[] = {"http:", "https:", "mailto:", "tel:", NULL};
	for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
		char open[16], plain[16], close[16];
		snprintf(open, sizeof open, "<%s ", tags[i]);
		snprintf(plain, sizeof plain, "<%s>", tags[i]);
		snprintf(close, sizeof close, "</%s>", tags[i]);
		must(count(html, open) + count(html, plain) == count(html, close), tags[i], html);
	}
	must(!count(html, "<script"), "script", html);
	for (const char *p = html.p; (p = strstr(p, "href=\"")); p++) {
		struct str url = {p + 6, strcspn(p + 6, "\"")};
		size_t scheme = 0;
		bool fine = false;
		while (scheme < url.n && !strchr(":/?#", url.p[scheme]))
			scheme++;
		fine = scheme == url.n || url.p[scheme] != ':';
		for (size_t i = 0; addresses[i]; i++)
			fine |= url.n >= strlen(addresses[i]) &&
				str_same_nocase((struct str){url.p, strlen(addresses[i])}, str_of(addresses[i]));
		must(fine, "address", url);
	}
}

static void check(const struct template_fields *out)
{
	for (size_t i = 0; i < out->count; i++) {
		struct str value = out->items[i].value;
		must(str_is_utf8(value), "UTF-8", value);
		if (strcmp(out->items[i].name, "html") == 0)
			check_html(value);
		else if (strcmp(out->items[i].name, "subject") == 0)
			must(!strpbrk(value.p, "\r\n\t\v\f"), "subject", value);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct playbook_channel channel = {.name = "email", .kind = "email", .body = "markdown"};
	struct str source = {(const char *)data, size}, json = {"", 0};
	const char *cut = memmem(data, size, "\n====\n", 6);
	if (cut) {
		json = (struct str){cut + 6, size - (size_t)(cut - source.p) - 6};
		source.n = (size_t)(cut - source.p) + 1;
	}
	struct arena *arena = arena_new();
	struct playbook_file file = {"templates/email/t.md", source};
	struct playbook_files files = {.files = &file, .count = 1};
	struct playbook_site site = {.channels = &channel, .channel_count = 1};
	struct problems problems = {.arena = arena};
	struct touch touch = {.data = json};
	struct template_input input = {.view = {.lead = &lead, .now = 1805378400 * MOMENT_SECOND},
				       .touch = &touch,
				       .unsubscribe_url = "https://e.com/u",
				       .postal_address = "Acme <1>",
				       .public_url = "https://e.com"};
	struct template_fields out;
	struct error error;
	playbook.schema = model_standard_schema;
	fields[LEAD_FIRST_NAME] = (struct value){.type = VALUE_TEXT, .text = STR("<b>\"Ada\" {{ x }} *a* javascript:")};
	fields[LEAD_EMAIL] = (struct value){.type = VALUE_TEXT, .text = STR("javascript:x\r\nBcc: y")};
	playbook.templates = templates_load(&playbook, &files, &site, &problems);
	if (!problems.errors && playbook_render(&playbook, STR("email"), STR("t"), &input, arena, &out, &error) == 0)
		check(&out);
	templates_free(playbook.templates);
	arena_free(arena);
	return 0;
}

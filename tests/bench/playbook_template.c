/* What a mail costs: rendering subject, HTML and text of a 10 KB template, beside a plain copy of the same bytes;
 * loading and checking 10,000 templates; one call into the sandbox. Figures only. */
#include "base/buf.h"
#include "playbook/sandbox.h"
#include "playbook/template.h"

#include <lua.h>
#include <stdio.h>
#include <stdlib.h>

static struct arena *arena;
static struct playbook playbook;
static struct value fields[LEAD_STANDARD_COUNT];
static struct lead lead = {.id = 64, .fields = fields};
static struct touch touch = {.purpose = {"marketing", 9},
			     .data = {"{\"topics\":[\"cloud\",\"security\",\"audits\"]}", 41}};
static struct template_input input = {
	.view = {.lead = &lead, .now = 1805378400 * MOMENT_SECOND},
	.touch = &touch,
	.unsubscribe_url = "https://go.example.com/u/abcdefghijklmnopqrstuvwxyz",
	.postal_address = "Acme, 1 Main St, Berlin",
	.public_url = "https://go.example.com",
};

static double micros(mono_t start, int count)
{
	return (double)(mono_now() - start) / count;
}

static void load(const struct playbook_file *files, size_t count)
{
	static const char *const wanted[] = {"!subject", NULL};
	static const struct playbook_channel channel = {
		.name = "email", .kind = "email", .template_fields = wanted, .body = "markdown"};
	struct playbook_site site = {.channels = &channel, .channel_count = 1, .now = mono_now};
	struct problems problems = {.arena = arena};
	struct playbook_files list = {.files = files, .count = count};
	templates_free(playbook.templates);
	playbook.templates = templates_load(&playbook, &list, &site, &problems);
	for (size_t i = 0; i < problems.count; i++)
		fprintf(stderr, "%s:%d: %s\n", problems.items[i].at.file, problems.items[i].at.line,
			problems.items[i].message);
}

static const char *big_mail(void)
{
	struct buf text = {0};
	buf_puts(&text, "---\nsubject: Hello {{ lead.first_name }}\n---\n# News for {{ lead.company }}\n\n");
	for (int i = 0; i < 20; i++)
		buf_printf(&text,
			   "Dear {{ lead.first_name }}, this is paragraph %d of a mail that is as long as a newsletter "
			   "of many words. It names "
			   "**{{ lead.company }}** and [a page](https://www.example.com/page/%d?who={{ lead.email }}) "
			   "of the library.\n\n"
			   "{%% if lead.country == \"DE\" %%}\nOnly for Germany: {{ lead.city | default: \"your city\" "
			   "}}.\n{%% endif %%}\n\n",
			   i, i);
	buf_puts(&text, "{% for t in data.topics %}\n- {{ t | capitalize }}\n{% endfor %}\n");
	return buf_take(&text);
}

static size_t render(const char *name)
{
	struct template_fields out;
	struct error error;
	size_t bytes = 0;
	arena_reset(arena);
	if (playbook_render(&playbook, STR("email"), str_of(name), &input, arena, &out, &error) < 0) {
		fprintf(stderr, "%s: %s\n", error.where, error.message);
		exit(1);
	}
	for (size_t i = 0; i < out.count; i++)
		bytes += out.items[i].value.n;
	return bytes;
}

static void one_mail(void)
{
	enum { COUNT = 20000 };
	struct playbook_file file = {"templates/email/big.md", str_of(big_mail())};
	load(&file, 1);
	size_t bytes = render("big");
	mono_t start = mono_now();
	for (int i = 0; i < COUNT; i++)
		render("big");
	double each = micros(start, COUNT);
	char *from = calloc(1, bytes), *to = calloc(1, bytes);
	start = mono_now();
	for (int i = 0; i < COUNT; i++) {
		memcpy(to, from, bytes);
		__asm__ volatile("" : : "r"(to) : "memory");
	}
	printf("a mail of %zu bytes (subject, HTML, text), 80 outputs: %.1f us; memcpy of the same bytes: %.2f us\n",
	       bytes, each, micros(start, COUNT));
	free(from);
	free(to);
	free((char *)(uintptr_t)file.bytes.p);
}

static size_t resident_kb(void)
{
	size_t pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");
	if (!f || fscanf(f, "%*s %zu", &pages) != 1)
		pages = 0;
	if (f)
		fclose(f);
	return pages * 4;
}

static void many_templates(void)
{
	enum { COUNT = 10000 };
	struct arena *texts = arena_new();
	struct playbook_file *files = calloc(COUNT, sizeof *files);
	size_t bytes = 0;
	for (int i = 0; i < COUNT; i++) {
		struct str text = str_of(arena_printf(texts,
						      "---\nsubject: Mail %d for {{ lead.first_name }}\n---\n# Mail "
						      "%d\n\nDear {{ lead.first_name }},\n\n"
						      "we thought that {{ lead.company | default: \"you\" }} would "
						      "like [number %d](https://www.example.com/%d). "
						      "It is about a page long, like most mails, and says what it has "
						      "to say in a few sentences that nobody "
						      "measured.\n\n- one\n- two\n- three\n\n{%% if lead.country == "
						      "\"DE\" %%}\nGerman\n{%% endif %%}\n",
						      i, i, i, i));
		files[i] = (struct playbook_file){arena_printf(texts, "templates/email/m%d.md", i), text};
		bytes += text.n;
	}
	size_t before = resident_kb();
	mono_t start = mono_now();
	load(files, COUNT);
	printf("10,000 templates (%zu kB) loaded and checked: %.2f s, %zu kB of memory\n", bytes / 1024,
	       (double)(mono_now() - start) / 1e6, resident_kb() - before);
	start = mono_now();
	for (int i = 0; i < COUNT; i++) {
		char name[16];
		snprintf(name, sizeof name, "m%d", i);
		render(name);
	}
	printf("each rendered once, first time: %.1f us; ", micros(start, COUNT));
	start = mono_now();
	for (int i = 0; i < COUNT; i++)
		render("m0");
	printf("one of them again: %.1f us\n", micros(start, COUNT));
	free(files);
	arena_free(texts);
}

static void sandbox_cost(void)
{
	enum { COUNT = 200000, STATES = 500 };
	mono_t start = mono_now();
	for (int i = 0; i < STATES; i++)
		sandbox_free(sandbox_new(NULL, mono_now));
	printf("a sandbox made and freed: %.1f us; ", micros(start, STATES));
	struct sandbox *sandbox = sandbox_new(NULL, mono_now);
	struct error error;
	lua_State *lua = sandbox_lua(sandbox);
	const char *text = "return function(a) local s = 0 for i = 1, 100 do s = s + i * a end return s end";
	if (sandbox_load(sandbox, "bench.lua", str_of(text), 0, &error) < 0 || sandbox_call(sandbox, 0, 1, &error) < 0)
		exit(1);
	printf("memory %zu bytes; ", sandbox_memory(sandbox));
	start = mono_now();
	for (int i = 0; i < COUNT; i++) {
		lua_pushvalue(lua, 1);
		lua_pushinteger(lua, 3);
		if (sandbox_call(sandbox, 1, 1, &error) < 0)
			exit(1);
		lua_settop(lua, 1);
	}
	printf("a call with 100 rounds of a loop: %.2f us; ", micros(start, COUNT));
	start = mono_now();
	for (int i = 0; i < COUNT; i++) {
		lua_pushvalue(lua, 1);
		lua_pushinteger(lua, 3);
		lua_call(lua, 1, 1);
		lua_settop(lua, 1);
	}
	printf("by lua_call, with the hook: %.2f us; ", micros(start, COUNT));
	lua_sethook(lua, NULL, 0, 0);
	start = mono_now();
	for (int i = 0; i < COUNT; i++) {
		lua_pushvalue(lua, 1);
		lua_pushinteger(lua, 3);
		lua_call(lua, 1, 1);
		lua_settop(lua, 1);
	}
	printf("without: %.2f us\n", micros(start, COUNT));
	sandbox_free(sandbox);
}

int main(void)
{
	arena = arena_new();
	playbook = (struct playbook){
		.name = "bench", .title = "Bench", .time_zone = "Europe/Berlin", .schema = model_standard_schema};
	fields[LEAD_EMAIL] = (struct value){.type = VALUE_TEXT, .text = STR("ada@example.com")};
	fields[LEAD_FIRST_NAME] = (struct value){.type = VALUE_TEXT, .text = STR("Ada")};
	fields[LEAD_COMPANY] = (struct value){.type = VALUE_TEXT, .text = STR("Fish & Sons")};
	fields[LEAD_COUNTRY] = (struct value){.type = VALUE_TEXT, .text = STR("DE")};
	one_mail();
	many_templates();
	sandbox_cost();
	templates_free(playbook.templates);
	arena_free(arena);
	return 0;
}

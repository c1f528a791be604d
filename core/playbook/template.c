/* Templates: reads every templates/KIND/NAME.md when a playbook is loaded, and renders them. Called by playbook_load
 * and by whoever sends (delivery, simulate, check).
 *
 * Compiled templates are plain text of Lua in the arena; a Lua state of their own loads a template when it is first
 * rendered. That state is a cache: when it grows too large or a template spoiled it, it is thrown away and templates
 * load again. A template is loaded once at check, so that rendering never meets a syntax error. */
#include "playbook/template_parts.h"
#include "playbook/template_store.h"
#include "playbook/brief.h"

#include "base/mem.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>

enum { CACHE_MOST = 24 * 1024 * 1024, RENDER_MEMORY = 16 * 1024 * 1024 };

static const struct sandbox_limits render_limits = {
	.instructions = 1000000,
	.memory = CACHE_MOST + RENDER_MEMORY,
	.deadline = 1000000,
	.uncounted = true,
};

/* ---- the Lua state ---- */

static void drop_state(struct templates *templates)
{
	sandbox_free(templates->sandbox);
	templates->sandbox = NULL;
	templates->generation++;
}

static bool is_full(struct sandbox *sandbox)
{
	if (sandbox_memory(sandbox) <= CACHE_MOST)
		return false;
	lua_gc(sandbox_lua(sandbox), LUA_GCCOLLECT);
	return sandbox_memory(sandbox) > CACHE_MOST / 4 * 3;
}

static void ready_state(struct templates *templates)
{
	if (templates->sandbox && (sandbox_spoiled(templates->sandbox) || is_full(templates->sandbox)))
		drop_state(templates);
	if (templates->sandbox)
		return;
	templates->sandbox = sandbox_new(&render_limits, templates->now);
	liquid_declare(templates->sandbox);
	sandbox_settle(templates->sandbox);
	sandbox_set_host(templates->sandbox, &templates->run);
}

/* Pushes the function of a field. */
static int push_field(struct templates *templates, struct template_entry *entry, struct template_code *field,
		      struct error *error)
{
	lua_State *lua = sandbox_lua(templates->sandbox);
	if (field->generation != templates->generation) {
		if (sandbox_load(templates->sandbox, entry->file, field->code.lua, 0, error) < 0)
			return -1;
		field->reference = luaL_ref(lua, LUA_REGISTRYINDEX);
		field->generation = templates->generation;
	}
	lua_rawgeti(lua, LUA_REGISTRYINDEX, field->reference);
	return 0;
}

/* Every compiled text must load; the functions are not kept. */
void template_try(struct templates *templates, struct template_entry *entry, struct liquid_site *site)
{
	struct error error;
	ready_state(templates);
	for (size_t i = 0; i < entry->field_count; i++) {
		if (sandbox_load(templates->sandbox, entry->file, entry->fields[i].code.lua, 0, &error) < 0)
			liquid_problem(site, 1, "the template is too large or too deep (%s).", error.message);
		else
			lua_pop(sandbox_lua(templates->sandbox), 1);
	}
}

/* ---- rendering ---- */

/* A field of the front matter is one line without control characters, whatever the data held: cleaned in place. */
static size_t clean_line(char *text, size_t n)
{
	size_t out = 0;
	for (size_t i = 0; i < n;) {
		size_t step = str_utf8_step(text + i, n - i);
		const char *p = text + i;
		bool space = !step || (unsigned char)*p <= ' ' || *p == 0x7f ||
			     (step == 2 && memcmp(p, "\xc2", 1) == 0 && (unsigned char)p[1] < 0xa0) ||
			     (step == 3 && (memcmp(p, "\xe2\x80\xa8", 3) == 0 || memcmp(p, "\xe2\x80\xa9", 3) == 0));
		bool turns = step == 3 && p[0] == '\xe2' &&
			     ((p[1] == '\x80' && p[2] >= '\xaa' && p[2] <= '\xae') ||
			      (p[1] == '\x81' && p[2] >= '\xa6' && p[2] <= '\xa9'));
		step = step ? step : 1;
		if (space && out && text[out - 1] != ' ')
			text[out++] = ' ';
		else if (!space && !turns)
			memmove(text + out, text + i, step), out += step;
		i += step;
	}
	return out && text[out - 1] == ' ' ? out - 1 : out;
}

/* Lua's line in error->where becomes the template's. */
static void place_error(const struct template_entry *entry, const struct template_code *field, struct error *error)
{
	const char *colon = strrchr(error->where, ':');
	long line =
		colon && strncmp(error->where, entry->file, strlen(entry->file)) == 0 ? strtol(colon + 1, NULL, 10) : 0;
	int at = line > 0 && (size_t)line <= field->code.line_count ? field->code.lines[line - 1] : field->line;
	snprintf(error->where, sizeof error->where, "%s:%d", entry->file, at > 0 ? at : 1);
}

static int render_field(struct templates *templates, struct template_entry *entry, struct template_code *field,
			struct error *error)
{
	struct liquid_run *run = &templates->run;
	run->code = &field->code;
	run->mark_count = 0;
	run->used_postal = run->used_unsubscribe = false;
	buf_clear(&run->out);
	buf_reserve(&run->out, 1);
	liquid_writer_reset(run->writer);
	if (push_field(templates, entry, field, error) < 0 || sandbox_call(templates->sandbox, 0, 0, error) < 0) {
		place_error(entry, field, error);
		return -1;
	}
	if (field->one_line)
		run->out.n = clean_line(run->out.p, run->out.n);
	return 0;
}

static void begin_run(struct templates *templates, const struct playbook *playbook, const struct template_input *input)
{
	templates->run.playbook = playbook;
	templates->run.input = input;
	templates->run.data = LUA_NOREF;
	templates->run.json = NULL;
}

static void end_run(struct templates *templates)
{
	enum { KEEP = 256 * 1024 };
	struct liquid_run *run = &templates->run;
	if (run->data != LUA_NOREF)
		luaL_unref(sandbox_lua(templates->sandbox), LUA_REGISTRYINDEX, run->data);
	json_decref(run->json);
	if (run->out.room > KEEP)
		buf_fini(&run->out);
	if (run->scratch.room > KEEP)
		buf_fini(&run->scratch);
}

static struct template_entry *find(const struct playbook *playbook, struct str kind, struct str name)
{
	char path[256];
	if (!playbook->templates || kind.n + name.n + 2 > sizeof path)
		return NULL;
	int n = snprintf(path, sizeof path, "%.*s/%.*s", STR_ARG(kind), STR_ARG(name));
	return map_get(playbook->templates->by_name, (struct str){path, (size_t)n});
}

bool playbook_has_page(const struct playbook *playbook, struct str name)
{
	return find(playbook, STR("page"), name) != NULL;
}

bool playbook_has_template(const struct playbook *playbook, struct str kind, struct str name)
{
	return find(playbook, kind, name) != NULL;
}

const char *playbook_template_place(const struct playbook *playbook, struct str kind, struct str name, struct str field, struct arena *arena)
{
	const struct template_entry *entry = find(playbook, kind, name);
	int line = 1;
	if (!entry)
		return arena_printf(arena, "templates/%.*s/%.*s.md", STR_ARG(kind), STR_ARG(name));
	for (size_t i = 0; i < entry->field_count; i++)
		if (str_is(field, entry->fields[i].name) && entry->fields[i].line > 0)
			line = entry->fields[i].line;
	return arena_printf(arena, "%s:%d", entry->file, line);
}

size_t playbook_template_names(const struct playbook *playbook, struct str kind, const char **names, size_t room)
{
	size_t cursor = 0, count = 0;
	struct str key;
	void *entry;
	while (playbook->templates && count < room && map_next(playbook->templates->by_name, &cursor, &key, &entry))
		if (key.n > kind.n && str_starts(key, kind) && key.p[kind.n] == '/')
			names[count++] = key.p + kind.n + 1; /* keys are ended by NUL: template_compile.c */
	return count;
}

int playbook_render(struct playbook *playbook, struct str kind, struct str name, const struct template_input *input,
		    struct arena *arena, struct template_fields *out, struct error *error)
{
	struct template_entry *entry = find(playbook, kind, name);
	struct error unread = {0};
	int result = 0;
	error = error ? error : &unread;
	*out = (struct template_fields){0};
	if (!entry)
		return error_set(error, ERROR_NOT_FOUND, "", "there is no template templates/%.*s/%.*s.md.",
				 STR_ARG(kind), STR_ARG(name));
	struct templates *templates = playbook->templates;
	ready_state(templates);
	begin_run(templates, playbook, input);
	out->items = arena_array(arena, entry->field_count, sizeof *out->items);
	for (size_t i = 0; result == 0 && i < entry->field_count; i++) {
		result = render_field(templates, entry, &entry->fields[i], error);
		if (result < 0 || entry->fields[i].hidden)
			continue;
		struct str value = buf_str(&templates->run.out);
		out->items[out->count++] = (struct template_field){entry->fields[i].name, arena_str(arena, value)};
	}
	end_run(templates);
	out->files = entry->files;
	out->file_count = entry->file_count;
	if (result < 0)
		*out = (struct template_fields){0};
	return result;
}

/* ---- life ---- */

static bool hands_over(const struct playbook *playbook)
{
	for (size_t c = 0; c < playbook->campaign_count; c++)
		for (size_t s = 0; s < playbook->campaigns[c].step_count; s++)
			for (size_t i = 0; i < playbook->campaigns[c].steps[s].action_count; i++)
				if (playbook->campaigns[c].steps[s].actions[i].kind == ACTION_HANDOFF)
					return true;
	return false;
}

static void note_unused(const struct templates *templates, const struct playbook_files *files, struct problems *problems)
{
	for (size_t i = 0; i < files->count; i++) {
		struct str path = str_of(files->files[i].path);
		bool beside = str_starts(path, STR("templates/email/")) || str_starts(path, STR("templates/letter/"));
		if (beside && template_is_file(path) && !map_get(templates->used, path) && problems->errors == 0)
			problems_add(problems, PROBLEM_NOTE, (struct place){files->files[i].path, 1}, "", "no template shows or attaches this file.");
	}
}

struct templates *templates_load(const struct playbook *playbook, const struct playbook_files *files,
				 const struct playbook_site *site, struct problems *problems)
{
	struct templates *templates = mem_alloc(sizeof *templates);
	templates->arena = arena_new();
	templates->scratch = arena_new();
	templates->by_name = map_new();
	templates->literals = map_new();
	templates->layouts = map_new();
	templates->kept = map_new();
	templates->used = map_new();
	templates->files = files;
	templates->generation = 1;
	templates->now = site->now;
	templates->run.writer = liquid_writer_new();
	for (size_t i = 0; i < files->count; i++)
		if (str_starts(str_of(files->files[i].path), site->no_templates ? STR("templates/page/") : STR("templates/")))
			template_compile(templates, playbook, &files->files[i], site, problems);
	if (!site->no_templates && !map_get(templates->by_name, STR("email/" BRIEF_NAME)) && hands_over(playbook))
		template_compile(templates, playbook, &(struct playbook_file){BRIEF_PATH, STR(BRIEF_TEXT)}, site, problems);
	note_unused(templates, files, problems);
	arena_free(templates->scratch);
	map_free(templates->literals);
	map_free(templates->layouts);
	map_free(templates->kept);
	map_free(templates->used);
	templates->files = NULL;
	templates->layouts = templates->kept = templates->used = NULL;
	templates->scratch = NULL;
	templates->literals = NULL;
	return templates;
}

void templates_free(struct templates *templates)
{
	if (!templates)
		return;
	sandbox_free(templates->sandbox);
	buf_fini(&templates->run.out);
	buf_fini(&templates->run.scratch);
	liquid_writer_free(templates->run.writer);
	map_free(templates->by_name);
	arena_free(templates->arena);
	free(templates);
}

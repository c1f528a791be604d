/* Runs the files of a playbook, each in an environment of its own, after the checks that need no running; and tells
 * what goes wrong meanwhile, with the declarations around the place. What the words of a file do is in script_words.c.
 * Called by playbook_load and, after a spoiled state, by call.c. */
#include "playbook/script_parts.h"

#include "base/buf.h"
#include "base/mem.h"

#include <stdarg.h>
#include <stdlib.h>

static const char scripts_key;

enum { FILE_MOST = 1024 * 1024 };

struct scripts *script_of(lua_State *lua)
{
	lua_rawgetp(lua, LUA_REGISTRYINDEX, &scripts_key);
	struct scripts *scripts = lua_touserdata(lua, -1);
	lua_pop(lua, 1);
	return scripts;
}

struct place script_place(lua_State *lua, const struct scripts *scripts)
{
	lua_Debug ar;
	for (int level = 0; lua_getstack(lua, level, &ar); level++) {
		lua_getinfo(lua, "l", &ar);
		if (ar.currentline > 0)
			return (struct place){scripts->current, ar.currentline};
	}
	return (struct place){scripts->current, 1};
}

/* `campaign "drip", step "ask"` around a line of the file that runs, at the word the problem is about. */
static const char *context_of(const struct scripts *scripts, int line, struct arena *arena)
{
	const struct script_file *file = scripts->files;
	while (file->path != scripts->current)
		file++;
	struct lexed_file tokens = playbook_lex(file->bytes, arena);
	struct nesting nesting;
	size_t found = 0;
	nesting_read(&nesting, &tokens, arena);
	for (size_t i = 0; i < tokens.count; i++) {
		bool here = tokens.tokens[i].line == line;
		if (here && !found)
			found = i + 1;
		if (here && scripts->about && str_is(tokens.tokens[i].text, scripts->about)) {
			found = i + 1;
			break;
		}
	}
	return found ? nesting_context(&nesting, found - 1, arena) : "";
}

void script_problem(lua_State *lua, const char *fmt, ...)
{
	enum { WITH_CONTEXT = 100 }; /* so many are more than anybody reads */
	struct scripts *scripts = script_of(lua);
	struct place at = script_place(lua, scripts);
	struct arena *scratch = arena_new();
	struct buf text = {0};
	va_list args;
	if (scripts->problems) {
		const char *context =
			scripts->problems->count < WITH_CONTEXT ? context_of(scripts, at.line, scratch) : "";
		va_start(args, fmt);
		buf_vprintf(&text, fmt, args);
		va_end(args);
		problems_add(scripts->problems, PROBLEM_ERROR, at, context, "%s", text.p);
	}
	scripts->about = NULL;
	buf_fini(&text);
	arena_free(scratch);
}

/* ---- the state ---- */

int script_make_state(struct scripts *scripts)
{
	const struct sandbox_limits loading = {.instructions = 20000000,
					       .memory = 64u * 1024 * 1024,
					       .deadline = 5000000};
	scripts->sandbox = sandbox_new(&loading, scripts->now);
	sandbox_set_bell(scripts->sandbox, scripts->bell);
	lua_State *lua = sandbox_lua(scripts->sandbox);
	lua_pushlightuserdata(lua, scripts);
	lua_rawsetp(lua, LUA_REGISTRYINDEX, &scripts_key);
	script_open_words(lua);
	script_open_calls(lua);
	return 0;
}

/* ---- running ---- */

static const struct {
	const char *lua, *ours;
} translated[] = {
	{"too many registers", "these braces are nested too deep."},
	{"C stack overflow", "these braces are nested too deep."},
	{"near <eof>", "the file ends here in the middle of something: the rest of it is missing."},
	{"unexpected symbol near ','", "a comma stands here with nothing before it. Is there one too many?"},
};

static void told_by_lua(struct scripts *scripts, const struct script_file *file, const struct error *error)
{
	const char *colon = strrchr(error->where, ':');
	int line = colon ? (int)strtol(colon + 1, NULL, 10) : 1;
	if (!scripts->problems)
		return;
	for (size_t i = 0; i < sizeof translated / sizeof *translated; i++) {
		if (strstr(error->message, translated[i].lua)) {
			problems_add(scripts->problems, PROBLEM_ERROR, (struct place){file->path, line}, "", "%s", translated[i].ours);
			return;
		}
	}
	problems_add(scripts->problems, PROBLEM_ERROR, (struct place){file->path, line}, "", "Lua cannot read or run this: %s.",
		     error->message);
}

/* A file that broke off holds phrases that stand nowhere yet: they are not told one by one. */
static void forget_phrases(struct scripts *scripts, size_t from)
{
	for (size_t i = from; i < scripts->phrase_count; i++)
		scripts->phrases[i]->placed = true;
}

static void run_file(struct scripts *scripts, const struct script_file *file)
{
	lua_State *lua = sandbox_lua(scripts->sandbox);
	struct error error = {0};
	size_t before = scripts->phrase_count;
	scripts->current = file->path;
	script_push_env(scripts);
	int bad = sandbox_load(scripts->sandbox, file->path, playbook_without_mark(file->bytes), -1, &error);
	if (!bad)
		bad = sandbox_call(scripts->sandbox, 0, 0, &error);
	if (bad) {
		told_by_lua(scripts, file, &error);
		forget_phrases(scripts, before);
	}
	lua_settop(lua, 0);
}

void script_run_files(struct scripts *scripts)
{
	scripts->functions_seen = 0;
	for (size_t i = 0; i < scripts->file_count; i++)
		if (scripts->files[i].good)
			run_file(scripts, &scripts->files[i]);
	sandbox_set_limits(scripts->sandbox, NULL);
	sandbox_settle(scripts->sandbox);
}

/* The line of the first byte that is no text, or 0. */
static int line_without_text(struct str bytes)
{
	int line = 1;
	for (size_t i = 0; i < bytes.n; line++) {
		const char *end = memchr(bytes.p + i, '\n', bytes.n - i);
		size_t n = end ? (size_t)(end - bytes.p) - i : bytes.n - i;
		if (!str_is_text((struct str){bytes.p + i, n}))
			return line;
		i += n + 1;
	}
	return 0;
}

/* The checks that need no running: true when the file may run. */
static bool check_file(struct scripts *scripts, struct script_file *file)
{
	struct place top = {file->path, 1};
	if (file->bytes.n > FILE_MOST) {
		problems_add(scripts->problems, PROBLEM_ERROR, top, "", "this file is longer than a megabyte.");
		return false;
	}
	top.line = line_without_text(playbook_without_mark(file->bytes));
	if (top.line) {
		problems_add(
			scripts->problems, PROBLEM_ERROR, top, "",
			"this line has bytes that are no text. Was the file saved in another encoding than UTF-8?");
		return false;
	}
	struct arena *arena = arena_new();
	struct lexed_file tokens = playbook_lex(file->bytes, arena);
	struct nesting nesting;
	nesting_read(&nesting, &tokens, arena);
	script_count_lines(file, &tokens, scripts->arena);
	bool good = playbook_check_typing(file->path, &nesting, arena, scripts->problems);
	if (good)
		playbook_check_functions(file->path, &nesting, arena, &scripts->uses, scripts->problems);
	arena_free(arena);
	return good;
}

static void gather_top(struct scripts *scripts)
{
	scripts->top = arena_array(scripts->arena, scripts->phrase_count + 1, sizeof(struct phrase *));
	for (size_t i = 0; i < scripts->phrase_count; i++)
		if (!scripts->phrases[i]->placed)
			scripts->top[scripts->top_count++] = scripts->phrases[i];
}

struct scripts *scripts_load(const struct playbook_files *files, const struct playbook_site *site, struct arena *arena,
			     struct problems *problems)
{
	struct scripts *scripts = arena_alloc(arena, sizeof *scripts);
	*scripts = (struct scripts){.arena = arena, .problems = problems, .uses = {.arena = arena}};
	scripts->now = site ? site->now : NULL;
	scripts->bell = site ? site->bell : NULL;
	scripts->files = arena_array(arena, files->count + 1, sizeof *scripts->files);
	for (size_t i = 0; i < files->count; i++) {
		struct str path = str_of(files->files[i].path);
		if (!str_ends(path, STR(".lua")) || str_starts(path, STR("templates/")))
			continue;
		struct script_file *file = &scripts->files[scripts->file_count++];
		*file = (struct script_file){.path = arena_dup(arena, path.p), .bytes = arena_str(arena, files->files[i].bytes)};
		file->good = check_file(scripts, file);
	}
	script_make_state(scripts);
	script_run_files(scripts);
	gather_top(scripts);
	scripts->problems = NULL; /* the caller's: calls of functions, later, report elsewhere */
	return scripts;
}

void scripts_free(struct scripts *scripts)
{
	if (scripts)
		sandbox_free(scripts->sandbox);
}

struct phrase *const *scripts_phrases(const struct scripts *scripts, size_t *count)
{
	*count = scripts->top_count;
	return scripts->top;
}

struct script_function *scripts_function(struct scripts *scripts, int handle)
{
	return &scripts->functions[handle];
}

const struct use *scripts_uses(const struct scripts *scripts, size_t *count)
{
	*count = scripts->uses.count;
	return scripts->uses.items;
}

const struct use *scripts_next_use(const struct scripts *scripts, int handle, size_t *at)
{
	const struct script_function *function = &scripts->functions[handle];
	while (*at < scripts->uses.count) {
		const struct use *use = &scripts->uses.items[(*at)++];
		if (strcmp(use->at.file, function->at.file) == 0 && use->at.line >= function->at.line &&
		    use->at.line <= function->last_line)
			return use;
	}
	return NULL;
}

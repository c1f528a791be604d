/* A Lua state without any library, used as a reader of data.
 *
 * Every state has its own allocator that counts (8 MB) and a hook that counts instructions (a million), so a text that
 * loops or grows for ever ends with an error that names its line. Errors are "path:line" and a sentence; those raised by
 * the reader's own functions are kept in the state's struct error, those of Lua are taken apart. */
#include "base/luadata.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <lua.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STEPS = 1000000, BYTES = 8 * 1024 * 1024, DEPTH = 16 };

struct luadata {
	lua_State *L;
	char *path;
	void *arg;
	size_t used;
	struct error error; /* raised by luadata_refuse */
};

static struct luadata *data_of(lua_State *L)
{
	return *(struct luadata **)lua_getextraspace(L);
}

static void *take_memory(void *ud, void *p, size_t before, size_t after)
{
	struct luadata *data = ud;
	if (!p)
		before = 0;
	if (after > before && data->used + (after - before) > BYTES)
		return NULL;
	if (!after) {
		data->used -= before;
		free(p);
		return NULL;
	}
	void *grown = realloc(p, after);
	if (grown)
		data->used = data->used - before + after;
	return grown;
}

static void on_steps(lua_State *L, lua_Debug *ar)
{
	(void)ar;
	luadata_refuse(L, 0, "this runs for ever: it was ended after a million instructions.");
}

struct luadata *luadata_new(const char *path, void *arg)
{
	struct luadata *data = mem_alloc(sizeof *data);
	data->path = mem_dup(path);
	data->arg = arg;
	data->L = lua_newstate(take_memory, data);
	if (!data->L)
		abort();
	*(struct luadata **)lua_getextraspace(data->L) = data;
	lua_sethook(data->L, on_steps, LUA_MASKCOUNT, STEPS);
	return data;
}

void luadata_free(struct luadata *data)
{
	if (!data)
		return;
	lua_close(data->L);
	free(data->path);
	free(data);
}

lua_State *luadata_state(struct luadata *data)
{
	return data->L;
}

void *luadata_arg(lua_State *L)
{
	return data_of(L)->arg;
}

int luadata_line(lua_State *L)
{
	lua_Debug ar;
	for (int level = 0; lua_getstack(L, level, &ar); level++) {
		lua_getinfo(L, "l", &ar);
		if (ar.currentline > 0)
			return ar.currentline;
	}
	return 0;
}

int luadata_refuse(lua_State *L, int line, const char *fmt, ...)
{
	struct luadata *data = data_of(L);
	struct error *error = &data->error;
	error->code = ERROR_INVALID;
	snprintf(error->where, sizeof error->where, "%s:%d", data->path, line ? line : luadata_line(L));
	va_list args;
	va_start(args, fmt);
	vsnprintf(error->message, sizeof error->message, fmt, args);
	va_end(args);
	lua_pushliteral(L, "refused");
	return lua_error(L);
}

/* Lua says `[string "="]:12: message`; our chunk is named "=text", so it is `text:12: message`. */
static int translate(struct luadata *data, const char *message, struct error *error)
{
	char where[256], *end;
	int line = 0;
	if (!message)
		message = "something that is not a text was raised as an error.";
	if (strncmp(message, "text:", 5) == 0) {
		line = (int)strtol(message + 5, &end, 10);
		if (line && strncmp(end, ": ", 2) == 0)
			message = end + 2;
	}
	if (line)
		snprintf(where, sizeof where, "%s:%d", data->path, line);
	else
		snprintf(where, sizeof where, "%s", data->path);
	if (strcmp(message, "not enough memory") == 0)
		return error_set(error, ERROR_LIMIT, where, "this needs more than 8 MB of memory.");
	return error_set(error, ERROR_INVALID, where, "%s", message);
}

int luadata_run(struct luadata *data, struct str text, int results, struct error *error)
{
	lua_State *L = data->L;
	int failed = luaL_loadbufferx(L, text.p, text.n, "=text", "t");
	if (!failed) {
		lua_rotate(L, -2, 1);
		lua_setupvalue(L, -2, 1); /* _ENV */
		failed = lua_pcall(L, 0, results, 0);
	}
	if (!failed)
		return 0;
	if (data->error.code) {
		if (error)
			*error = data->error;
		return -1;
	}
	return translate(data, lua_tostring(L, -1), error);
}

static json_t *to_json(lua_State *L, int index, int depth, const char **why);

static json_t *array_json(lua_State *L, int index, int depth, const char **why)
{
	json_t *array = json_array();
	lua_Integer n = (lua_Integer)lua_rawlen(L, index);
	for (lua_Integer i = 1; i <= n; i++) {
		lua_rawgeti(L, index, i);
		json_t *item = to_json(L, lua_gettop(L), depth, why);
		lua_pop(L, 1);
		if (!item) {
			json_decref(array);
			return NULL;
		}
		json_array_append_new(array, item);
	}
	return array;
}

static json_t *object_json(lua_State *L, int index, int depth, const char **why)
{
	json_t *object = json_object();
	lua_pushnil(L);
	while (lua_next(L, index)) {
		json_t *item = NULL;
		if (lua_type(L, -2) == LUA_TSTRING)
			item = to_json(L, lua_gettop(L), depth, why);
		else
			*why = "names and numbered items stand in the same braces";
		if (!item || json_object_set_new(object, lua_tostring(L, -2), item)) {
			if (!*why)
				*why = "a name is not UTF-8 text";
			lua_pop(L, 2);
			json_decref(object);
			return NULL;
		}
		lua_pop(L, 1);
	}
	return object;
}

static bool is_array(lua_State *L, int index)
{
	size_t n = lua_rawlen(L, index), keys = 0;
	lua_pushnil(L);
	while (lua_next(L, index)) {
		keys++;
		lua_pop(L, 1);
	}
	return n > 0 && keys == n;
}

static json_t *number_json(lua_State *L, int index, const char **why)
{
	if (lua_isinteger(L, index))
		return json_integer(lua_tointeger(L, index));
	json_t *real = json_real(lua_tonumber(L, index));
	if (!real)
		*why = "a number is not finite";
	return real;
}

static json_t *to_json(lua_State *L, int index, int depth, const char **why)
{
	size_t n;
	const char *s;
	json_t *text;
	if (depth > DEPTH || !lua_checkstack(L, 4)) {
		*why = "braces nest too deeply";
		return NULL;
	}
	switch (lua_type(L, index)) {
	case LUA_TBOOLEAN: return json_boolean(lua_toboolean(L, index));
	case LUA_TNUMBER: return number_json(L, index, why);
	case LUA_TSTRING:
		s = lua_tolstring(L, index, &n);
		text = str_is_text((struct str){s, n}) ? json_stringn(s, n) : NULL;
		if (!text)
			*why = "a text is not UTF-8 or holds control characters";
		return text;
	case LUA_TTABLE: return is_array(L, index) ? array_json(L, index, depth + 1, why) : object_json(L, index, depth + 1, why);
	default: *why = "only texts, numbers, true, false and { … } may stand here"; return NULL;
	}
}

json_t *luadata_json(lua_State *L, int index, const char **why)
{
	*why = NULL;
	return to_json(L, lua_absindex(L, index), 0, why);
}

static char *read_fd(int fd, const char *path, size_t *size, struct error *error)
{
	struct stat st;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		error_set(error, ERROR_INVALID, path, "this is not a regular file.");
		return NULL;
	}
	if (st.st_size > LUADATA_FILE_MAX) {
		error_set(error, ERROR_LIMIT, path, "this file is larger than 1 MB.");
		return NULL;
	}
	char *text = mem_alloc(LUADATA_FILE_MAX + 2);
	size_t n = 0;
	for (ssize_t got; n <= LUADATA_FILE_MAX && (got = read(fd, text + n, LUADATA_FILE_MAX + 1 - n)) != 0;) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			error_errno(error, path, "cannot read this file");
			free(text);
			return NULL;
		}
		n += (size_t)got;
	}
	*size = n;
	return text;
}

char *luadata_read(const char *path, size_t *size, struct error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0) {
		bool missing = errno == ENOENT;
		error_errno(error, path, "cannot open this file");
		if (error && missing)
			error->code = ERROR_NOT_FOUND;
		return NULL;
	}
	char *text = read_fd(fd, path, size, error);
	close(fd);
	return text;
}

json_t *luadata_file(const char *path, json_t **lines, struct error *error)
{
	size_t n = 0;
	char *text = luadata_read(path, &n, error);
	if (!text)
		return NULL;
	struct luadata *data = luadata_new(path, NULL);
	json_t *value = NULL;
	const char *why = NULL;
	lua_newtable(data->L);
	if (luadata_run(data, (struct str){text, n}, 1, error) == 0) {
		if (lua_isnil(data->L, -1))
			why = "the file does not return anything: it must be one return { … }";
		else
			value = luadata_json(data->L, -1, &why);
		if (!value)
			error_set(error, ERROR_INVALID, path, "%s.", why);
		else if (lines)
			*lines = luadata_lines((struct str){text, n});
	}
	luadata_free(data);
	free(text);
	return value;
}

/* `string` for scripts, also as methods: ("x"):upper(). No patterns; positions and lengths count characters of UTF-8 (a
 * byte that is no UTF-8 counts as one), while Lua's own #s counts bytes. Each function charges what it reads and makes,
 * before it does. */
#include "playbook/sandbox_parts.h"
#include "playbook/text.h"

enum { TEXT_MOST = 1 << 24 };

static void charge_bytes(lua_State *lua, size_t n)
{
	sandbox_charge(lua, 1 + n / 16);
}

/* Text, or a number written as text. */
static struct str arg_text(lua_State *lua, int arg)
{
	struct str s;
	s.p = luaL_checklstring(lua, arg, &s.n);
	charge_bytes(lua, s.n);
	return s;
}

static int string_len(lua_State *lua)
{
	lua_pushinteger(lua, (lua_Integer)text_length(arg_text(lua, 1)));
	return 1;
}

static int string_sub(lua_State *lua)
{
	struct str s = arg_text(lua, 1);
	lua_Integer length = (lua_Integer)text_length(s), from = luaL_checkinteger(lua, 2),
		    to = luaL_optinteger(lua, 3, -1);
	if (from < 0)
		from = from + length + 1 < 1 ? 1 : from + length + 1;
	if (to < 0)
		to = to + length + 1;
	from = from < 1 ? 1 : from;
	to = to > length ? length : to;
	sandbox_push_str(lua, from > to ? STR("") : text_slice(s, (size_t)from - 1, (size_t)(to - from + 1)));
	return 1;
}

static int push_case(lua_State *lua, enum text_case which)
{
	struct str s = arg_text(lua, 1);
	luaL_Buffer buffer;
	char *out = luaL_buffinitsize(lua, &buffer, TEXT_CASE_ROOM(s.n));
	luaL_pushresultsize(&buffer, text_convert(s, which, out));
	return 1;
}

static int string_upper(lua_State *lua)
{
	return push_case(lua, TEXT_UPPER);
}

static int string_lower(lua_State *lua)
{
	return push_case(lua, TEXT_LOWER);
}

/* find(s, what [, from]): the positions of its first and last character, or nil. */
static int string_find(lua_State *lua)
{
	struct str s = arg_text(lua, 1), what = arg_text(lua, 2);
	lua_Integer from = luaL_optinteger(lua, 3, 1);
	size_t length = text_length(s);
	if (from < 1 || (size_t)from > length + 1) {
		lua_pushnil(lua);
		return 1;
	}
	size_t skipped = text_slice(s, 0, (size_t)from - 1).n;
	const char *hit = memmem(s.p + skipped, s.n - skipped, what.p, what.n);
	if (!hit) {
		lua_pushnil(lua);
		return 1;
	}
	lua_Integer at = (lua_Integer)text_length((struct str){s.p, (size_t)(hit - s.p)}) + 1;
	lua_pushinteger(lua, at);
	lua_pushinteger(lua, at + (lua_Integer)text_length(what) - 1);
	return 2;
}

static int string_starts(lua_State *lua)
{
	lua_pushboolean(lua, str_starts(arg_text(lua, 1), arg_text(lua, 2)));
	return 1;
}

static int string_ends(lua_State *lua)
{
	lua_pushboolean(lua, str_ends(arg_text(lua, 1), arg_text(lua, 2)));
	return 1;
}

static int string_contains(lua_State *lua)
{
	struct str s = arg_text(lua, 1), what = arg_text(lua, 2);
	lua_pushboolean(lua, memmem(s.p, s.n, what.p, what.n) != NULL);
	return 1;
}

/* glob(s, pattern): the whole of s fits a pattern with `*`. */
static int string_glob(lua_State *lua)
{
	struct str s = arg_text(lua, 1), pattern = arg_text(lua, 2);
	size_t work = 0;
	if (__builtin_mul_overflow(s.n + 1, pattern.n, &work))
		work = SIZE_MAX;
	sandbox_charge(lua, work / 16);
	lua_pushboolean(lua, str_glob(pattern, s));
	return 1;
}

static int string_trim(lua_State *lua)
{
	sandbox_push_str(lua, str_trim(arg_text(lua, 1)));
	return 1;
}

/* split(s, separator): a list; "a,,b" gives three parts; an empty separator gives the characters. */
static int string_split(lua_State *lua)
{
	struct str rest = arg_text(lua, 1), sep = arg_text(lua, 2);
	lua_newtable(lua);
	for (lua_Integer i = 1; rest.p; i++) {
		const char *hit = sep.n ? memmem(rest.p, rest.n, sep.p, sep.n) : NULL;
		struct str part = hit ? (struct str){rest.p, (size_t)(hit - rest.p)} : rest;
		if (!sep.n && rest.n > 1)
			part = text_slice(rest, 0, 1);
		sandbox_charge(lua, 2 + part.n / 16);
		sandbox_push_str(lua, part);
		lua_rawseti(lua, -2, i);
		size_t used = part.n + (hit ? sep.n : 0);
		bool more = hit || (!sep.n && used < rest.n);
		rest = more ? (struct str){rest.p + used, rest.n - used} : (struct str){NULL, 0};
	}
	return 1;
}

/* replace(s, what, with): every place where `what` stands. */
static int string_replace(lua_State *lua)
{
	struct str rest = arg_text(lua, 1), what = arg_text(lua, 2), with = arg_text(lua, 3);
	luaL_argcheck(lua, what.n > 0, 2, "what to replace is empty");
	luaL_Buffer buffer;
	luaL_buffinit(lua, &buffer);
	size_t total = 0;
	for (;;) {
		const char *hit = memmem(rest.p, rest.n, what.p, what.n);
		size_t before = hit ? (size_t)(hit - rest.p) : rest.n;
		luaL_addlstring(&buffer, rest.p, before);
		if (!hit)
			break;
		charge_bytes(lua, with.n);
		if ((total += with.n) > TEXT_MOST)
			return luaL_error(lua, "replace: the text gets longer than %d bytes", TEXT_MOST);
		luaL_addlstring(&buffer, with.p, with.n);
		rest = (struct str){hit + what.n, rest.n - before - what.n};
	}
	luaL_pushresult(&buffer);
	return 1;
}

static int string_rep(lua_State *lua)
{
	struct str s = arg_text(lua, 1), sep = {"", 0};
	lua_Integer n = luaL_checkinteger(lua, 2);
	if (!lua_isnoneornil(lua, 3))
		sep = arg_text(lua, 3);
	size_t each = s.n + sep.n, total = 0;
	if (n < 1 || !each) {
		lua_pushliteral(lua, "");
		return 1;
	}
	if (__builtin_mul_overflow(each, (size_t)n, &total) || total > TEXT_MOST)
		return luaL_error(lua, "rep: the text gets longer than %d bytes", TEXT_MOST);
	sandbox_charge(lua, (size_t)n + total / 16);
	total -= sep.n;
	luaL_Buffer buffer;
	char *out = luaL_buffinitsize(lua, &buffer, total), *end = out + total;
	while (out < end) {
		memcpy(out, s.p, s.n);
		out += s.n;
		if (out < end) {
			memcpy(out, sep.p, sep.n);
			out += sep.n;
		}
	}
	luaL_pushresultsize(&buffer, total);
	return 1;
}

const luaL_Reg sandbox_string_functions[] = {
	{"contains", string_contains}, {"ends", string_ends},     {"find", string_find},
	{"format", sandbox_format},    {"glob", string_glob},     {"len", string_len},
	{"lower", string_lower},       {"rep", string_rep},       {"replace", string_replace},
	{"split", string_split},       {"starts", string_starts}, {"sub", string_sub},
	{"trim", string_trim},         {"upper", string_upper},   {NULL, NULL},
};

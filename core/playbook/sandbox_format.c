/* string.format for scripts: %d %i %x %X %f %F %g %G %e %E %s %%, with at most two digits of width and precision; %s
 * takes any value and counts characters. Never shows an address, never makes a part longer than FORMAT_PART or its
 * text. */
#include "playbook/sandbox_parts.h"
#include "playbook/text.h"

#include <stdio.h>

enum { FORMAT_PART = 512 };

struct spec {
	char text[16]; /* "%-08.3" and room for the length modifier and letter */
	size_t n;
	char letter;
	int precision; /* -1 = none */
	int width;
	bool left;
};

/* strchr finds the NUL at the end of the set too; a script's text may hold one. */
static bool is_one_of(char c, const char *set)
{
	return c && strchr(set, c);
}

static size_t read_digits(lua_State *lua, struct str f, size_t i, int *out)
{
	int digits = 0;
	*out = 0;
	while (i < f.n && f.p[i] >= '0' && f.p[i] <= '9') {
		*out = *out * 10 + (f.p[i++] - '0');
		if (++digits > 2)
			luaL_error(lua, "format: a width or precision has at most two digits");
	}
	return i;
}

/* Reads the specification after the % at f.p[i]; returns where it ends. */
static size_t read_spec(lua_State *lua, struct str f, size_t i, struct spec *spec)
{
	size_t start = i++;
	*spec = (struct spec){.precision = -1};
	while (i < f.n && is_one_of(f.p[i], "-+ 0#")) {
		spec->left |= f.p[i] == '-';
		if (i++ - start > 5)
			luaL_error(lua, "format: too many flags");
	}
	i = read_digits(lua, f, i, &spec->width);
	if (i < f.n && f.p[i] == '.')
		i = read_digits(lua, f, i + 1, &spec->precision);
	if (i >= f.n || !is_one_of(f.p[i], "dixXfFgGeEs%"))
		luaL_error(lua, "format: knows %%d %%x %%f %%g %%e %%s and %%%%, not this");
	spec->letter = f.p[i];
	spec->n = i - start;
	memcpy(spec->text, f.p + start, spec->n);
	return i + 1;
}

static void add_padded(luaL_Buffer *buffer, const struct spec *spec, struct str s)
{
	if (spec->precision >= 0)
		s = text_slice(s, 0, (size_t)spec->precision);
	size_t length = text_length(s), pad = (size_t)spec->width > length ? (size_t)spec->width - length : 0;
	for (size_t i = 0; !spec->left && i < pad; i++)
		luaL_addchar(buffer, ' ');
	luaL_addlstring(buffer, s.p, s.n);
	for (size_t i = 0; spec->left && i < pad; i++)
		luaL_addchar(buffer, ' ');
}

static void add_text(lua_State *lua, luaL_Buffer *buffer, struct spec *spec, int arg)
{
	/* the copy keeps its place in the arguments: the buffer owns the top of the stack */
	struct str s;
	char number[64];
	switch (lua_type(lua, arg)) {
	case LUA_TSTRING: s.p = lua_tolstring(lua, arg, &s.n); break;
	case LUA_TNUMBER:
		if (lua_isinteger(lua, arg))
			snprintf(number, sizeof number, LUA_INTEGER_FMT, lua_tointeger(lua, arg));
		else
			snprintf(number, sizeof number, LUA_NUMBER_FMT, lua_tonumber(lua, arg));
		s = str_of(number);
		break;
	case LUA_TBOOLEAN: s = lua_toboolean(lua, arg) ? STR("true") : STR("false"); break;
	default: s = str_of(luaL_typename(lua, arg));
	}
	sandbox_charge(lua, 1 + s.n / 16);
	add_padded(buffer, spec, s);
}

static void add_number(lua_State *lua, luaL_Buffer *buffer, struct spec *spec, int arg)
{
	char out[FORMAT_PART];
	bool whole = strchr("dixX", spec->letter) != NULL;
	memcpy(spec->text + spec->n, whole ? "ll" : "", whole ? 2 : 0);
	spec->text[spec->n + (whole ? 2 : 0)] = spec->letter;
	spec->text[spec->n + (whole ? 3 : 1)] = '\0';
	int n = whole ? snprintf(out, sizeof out, spec->text, (long long)luaL_checkinteger(lua, arg))
		      : snprintf(out, sizeof out, spec->text, (double)luaL_checknumber(lua, arg));
	luaL_addlstring(buffer, out, n > 0 ? (size_t)n : 0);
}

int sandbox_format(lua_State *lua)
{
	struct str f = sandbox_check_text(lua, 1);
	int arg = 1, top = lua_gettop(lua);
	luaL_Buffer buffer;
	luaL_buffinit(lua, &buffer);
	for (size_t i = 0; i < f.n;) {
		const char *percent = memchr(f.p + i, '%', f.n - i);
		size_t plain = percent ? (size_t)(percent - f.p) - i : f.n - i;
		luaL_addlstring(&buffer, f.p + i, plain);
		i += plain;
		if (i >= f.n)
			break;
		struct spec spec;
		i = read_spec(lua, f, i, &spec);
		sandbox_charge(lua, 4);
		if (spec.letter == '%') {
			luaL_addchar(&buffer, '%');
			continue;
		}
		if (++arg > top)
			return luaL_error(lua, "format: there is no value for %%%c", spec.letter);
		if (spec.letter == 's')
			add_text(lua, &buffer, &spec, arg);
		else
			add_number(lua, &buffer, &spec, arg);
	}
	luaL_pushresult(&buffer);
	return 1;
}

/* Filters between plain text and HTML or addresses, as Shopify documents them: escape, strip_html, newline_to_br,
 * url_encode … What a template prints is escaped without them; see printers in liquid_compile.c for what they mean as
 * the last filter. */
#include "playbook/liquid.h"

#include <lauxlib.h>
#include <stdio.h>

static struct str arg(lua_State *lua, int index)
{
	struct str s = liquid_to_text(lua, index);
	sandbox_charge(lua, 1 + s.n / 16);
	return s;
}

static int push(lua_State *lua, struct str s)
{
	lua_pushlstring(lua, s.n ? s.p : "", s.n);
	return 1;
}

static int f_strip_newlines(lua_State *lua)
{
	struct str s = arg(lua, 1);
	luaL_Buffer buffer;
	luaL_buffinit(lua, &buffer);
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != '\n' && s.p[i] != '\r')
			luaL_addchar(&buffer, s.p[i]);
	luaL_pushresult(&buffer);
	return 1;
}

static int f_newline_to_br(lua_State *lua)
{
	struct str s = arg(lua, 1);
	luaL_Buffer buffer;
	luaL_buffinit(lua, &buffer);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\r' && i + 1 < s.n && s.p[i + 1] == '\n')
			continue;
		if (s.p[i] == '\n')
			luaL_addstring(&buffer, "<br />");
		luaL_addchar(&buffer, s.p[i]);
	}
	luaL_pushresult(&buffer);
	return 1;
}

/* ---- escaping ---- */

static int f_escape(lua_State *lua)
{
	struct str s = arg(lua, 1);
	struct liquid_run *run = sandbox_host(lua);
	buf_clear(&run->scratch);
	liquid_put_html(&run->scratch, s);
	return push(lua, buf_str(&run->scratch));
}

/* Length of the entity that begins at s ("&amp;", "&#39;", "&#x27;"), or 0. */
static size_t entity_length(struct str s)
{
	size_t i = 1;
	bool number = s.n > 1 && s.p[1] == '#';
	for (i += number; i < s.n && i < 12; i++) {
		char c = s.p[i];
		if (c == ';')
			return i > 1u + number ? i + 1 : 0;
		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')))
			return 0;
	}
	return 0;
}

static int f_escape_once(lua_State *lua)
{
	struct str s = arg(lua, 1);
	struct liquid_run *run = sandbox_host(lua);
	buf_clear(&run->scratch);
	for (size_t i = 0; i < s.n;) {
		size_t n = s.p[i] == '&' ? entity_length((struct str){s.p + i, s.n - i}) : 0;
		if (n)
			buf_put(&run->scratch, s.p + i, n);
		else
			liquid_put_html(&run->scratch, (struct str){s.p + i, n = 1});
		i += n;
	}
	return push(lua, buf_str(&run->scratch));
}

static int f_url_encode(lua_State *lua)
{
	struct str s = arg(lua, 1);
	luaL_Buffer buffer;
	luaL_buffinit(lua, &buffer);
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		char text[4];
		bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			     (c && strchr("-_.~", c));
		snprintf(text, sizeof text, plain ? "%c" : c == ' ' ? "+" : "%%%02X", c);
		luaL_addstring(&buffer, text);
	}
	luaL_pushresult(&buffer);
	return 1;
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

static int f_url_decode(lua_State *lua)
{
	struct str s = arg(lua, 1);
	luaL_Buffer buffer;
	luaL_buffinit(lua, &buffer);
	for (size_t i = 0; i < s.n; i++) {
		int high = s.p[i] == '%' && i + 2 < s.n ? hex_digit(s.p[i + 1]) : -1,
		    low = high >= 0 ? hex_digit(s.p[i + 2]) : -1;
		if (low >= 0) {
			luaL_addchar(&buffer, (char)(high * 16 + low));
			i += 2;
		} else {
			luaL_addchar(&buffer, s.p[i] == '+' ? ' ' : s.p[i]);
		}
	}
	luaL_pushresult(&buffer);
	struct str decoded;
	decoded.p = lua_tolstring(lua, -1, &decoded.n);
	if (!str_is_text(decoded))
		return luaL_error(lua, "url_decode gave what is no text (broken UTF-8 or control characters)");
	return 1;
}

/* Where what opens at `open` ends, after `close`; the end of s when it does not. */
static size_t skip_to(struct str s, size_t open, const char *close)
{
	const char *hit = memmem(s.p + open, s.n - open, close, strlen(close));
	return hit ? (size_t)(hit - s.p) + strlen(close) : SIZE_MAX;
}

static int f_strip_html(lua_State *lua)
{
	static const struct {
		const char *open, *close;
	} whole[] = {{"<script", "</script>"}, {"<style", "</style>"}, {"<!--", "-->"}, {"<", ">"}};
	struct str s = arg(lua, 1);
	luaL_Buffer buffer;
	luaL_buffinit(lua, &buffer);
	bool closed[4] = {true, true, true, true}; /* false once nothing closes it any more: no second search */
	for (size_t i = 0; i < s.n;) {
		size_t end = SIZE_MAX;
		for (size_t k = 0; s.p[i] == '<' && end == SIZE_MAX && k < 4; k++) {
			struct str rest = {s.p + i, s.n - i};
			if (!closed[k] || !str_starts(rest, str_of(whole[k].open)))
				continue;
			end = skip_to(s, i, whole[k].close);
			closed[k] = end != SIZE_MAX;
		}
		if (end != SIZE_MAX)
			i = end;
		else
			luaL_addchar(&buffer, s.p[i++]);
	}
	luaL_pushresult(&buffer);
	return 1;
}

const struct liquid_filter liquid_filters_escape[] = {
	{"escape", f_escape, 0, 0},
	{"escape_once", f_escape_once, 0, 0},
	{"newline_to_br", f_newline_to_br, 0, 0},
	{"strip_html", f_strip_html, 0, 0},
	{"strip_newlines", f_strip_newlines, 0, 0},
	{"url_decode", f_url_decode, 0, 0},
	{"url_encode", f_url_encode, 0, 0},
	{NULL, NULL, 0, 0},
};

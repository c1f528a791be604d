/* See config_retention.h. A slip here erases people: so a rule says in full whom it means (a segment, or everybody), nobody is old within a month, and
 * a word that is not known is refused, never passed over. Whether there is such a segment is known only when the rule is carried out. */
#include "base/config_retention.h"

#include "base/duration.h"
#include "base/luadata.h"

#include <lua.h>
#include <lauxlib.h>

enum { RULES = 64, LEAST_DAYS = 30 };

static const char *take_text(lua_State *L, struct arena *arena, const char *name)
{
	size_t n;
	if (lua_type(L, -1) != LUA_TSTRING)
		luadata_refuse(L, 0, "retention: %s must be a text in quotes, not %s.", name, luaL_typename(L, -1));
	const char *text = lua_tolstring(L, -1, &n);
	if (!n || n > 200 || !str_is_text((struct str){text, n}))
		luadata_refuse(L, 0, "retention: %s is empty, too long, or not UTF-8 text.", name);
	return arena_dup_n(arena, text, n);
}

/* Days. Nothing is kept for less time than what was said, so that a month counts as the longest that there is. */
static int64_t whole_days(struct duration length)
{
	int64_t days = duration_micros(length) / MOMENT_DAY;
	return length.unit == DURATION_MONTHS ? 31 * (int64_t)length.count : length.unit == DURATION_YEARS ? 366 * (int64_t)length.count : days;
}

static int take_length(lua_State *L, const char *text, const char *name, int least)
{
	struct duration length;
	struct error error = {0};
	if (duration_parse_days(str_of(text), &length, &error) < 0)
		luadata_refuse(L, 0, "retention: %s: %s", name, error.message);
	int64_t days = whole_days(length);
	if (days < least)
		luadata_refuse(L, 0, "retention: %s = \"%.60s\" is too short: at least %d day%s.", name, text, least, least == 1 ? "" : "s");
	return (int)days;
}

static void take_rule(lua_State *L, struct arena *arena, struct config_retention *rule)
{
	bool everybody = false;
	int index = lua_gettop(L);
	if (!lua_istable(L, index))
		luadata_refuse(L, 0, "retention: a rule is { segment = \"…\", older = \"24 months\" }, not %s.", luaL_typename(L, index));
	lua_pushnil(L);
	while (lua_next(L, index)) {
		const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";
		if (strcmp(key, "segment") == 0)
			rule->segment = take_text(L, arena, key);
		else if (strcmp(key, "older") == 0)
			rule->older = take_text(L, arena, key);
		else if (strcmp(key, "everybody") == 0 && lua_isboolean(L, -1) && lua_toboolean(L, -1))
			everybody = true;
		else
			luadata_refuse(L, 0, "retention: a rule knows segment = \"…\" or everybody = true, and older = \"…\", not \"%.40s\".", key);
		lua_pop(L, 1);
	}
	if (!rule->older)
		luadata_refuse(L, 0, "retention: a rule says how old: older = \"24 months\".");
	if ((rule->segment != NULL) == everybody)
		luadata_refuse(L, 0, "retention: a rule says whom it means: segment = \"…\", or everybody = true.");
	(void)take_length(L, rule->older, "older", LEAST_DAYS);
}

void config_retention_take(struct lua_State *L, int index, struct arena *arena, struct config *config)
{
	size_t n = lua_istable(L, index) ? lua_rawlen(L, index) : RULES + 1, found = 0;
	if (n > RULES)
		luadata_refuse(L, 0, "retention must be { { segment = \"…\", older = \"24 months\" }, …, anonymous = \"90 days\" }, with at most %d rules.", RULES);
	struct config_retention *rules = arena_array(arena, n + 1, sizeof *rules);
	config->retention = rules;
	lua_pushnil(L);
	while (lua_next(L, index)) {
		const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : NULL;
		if (!key && found < n)
			take_rule(L, arena, &rules[found++]);
		else if (key && strcmp(key, "anonymous") == 0)
			config->anonymous_days = take_length(L, take_text(L, arena, key), key, 1);
		else
			luadata_refuse(L, 0, "retention knows rules in braces and anonymous = \"…\", not \"%.40s\".", key ? key : "?");
		lua_pop(L, 1);
	}
	config->retention_count = found;
}

void config_retention_describe(const struct config *config, struct buf *out)
{
	buf_puts(out, "{");
	for (size_t i = 0; i < config->retention_count; i++) {
		const struct config_retention *rule = &config->retention[i];
		if (rule->segment)
			buf_printf(out, " { segment = \"%s\", older = \"%s\" },", rule->segment, rule->older);
		else
			buf_printf(out, " { everybody = true, older = \"%s\" },", rule->older);
	}
	buf_printf(out, " anonymous = \"%d days\" }", config->anonymous_days);
}

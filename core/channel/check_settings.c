/* The conformance kit's checks of a plugin's file and of its settings: nothing is opened here. */
#include "channel/check_kit.h"
#include "channel/plugin.h"
#include "channel/symbols.h"

#include <dirent.h>
#include <stdlib.h>

static enum verdict loads(struct kit *kit)
{
	return check_load_plugin(kit) ? CHECK_OK : CHECK_FAILED;
}

static enum verdict exports_one_symbol(struct kit *kit)
{
	struct error error = {0};
	char other[128];
	int found = channel_symbols(kit->path, "nurture_plugin", other, &error);
	if (found < 0)
		return check_fail(kit, "%s", error.message);
	if (*other || found != 1)
		return check_fail(kit, "it exports %d symbols, one of them is %s; build it with -fvisibility=hidden", found, other);
	return CHECK_OK;
}

/* What open says of settings when there is no host. Takes settings. 0, -1, or 1 = refused without a word. */
static int ask(struct kit *kit, json_t *settings)
{
	struct nurture_problem problem = {.size = sizeof problem};
	struct lent *lent = lent_new("its settings", "open had returned");
	check_doing(kit, "open, for the settings only");
	int rc = kit->plugin->channel->open(NULL, lent_json(lent, settings), lent_dup(lent, kit->dir), NULL, &problem);
	lent_away(lent);
	bool ended = memchr(problem.message, 0, sizeof problem.message) && memchr(problem.where, 0, sizeof problem.where);
	json_decref(settings);
	return !rc ? 0 : *problem.message && ended ? -1 : 1;
}

/* Takes settings. */
static enum verdict must_refuse(struct kit *kit, json_t *settings)
{
	char *text = json_dumps(settings, JSON_COMPACT | JSON_SORT_KEYS);
	int answer = ask(kit, settings);
	enum verdict verdict = answer == 0   ? check_fail(kit, "it takes %.600s without a word", text)
			       : answer == 1 ? check_fail(kit, "it refuses %.600s and does not say why", text)
					     : CHECK_OK;
	free(text);
	return verdict;
}

static enum verdict refuses_unknown(struct kit *kit)
{
	if (!check_load_plugin(kit))
		return CHECK_FAILED;
	json_t *settings = json_deep_copy(kit->settings);
	json_object_set_new(settings, "no_such_setting", json_true());
	return must_refuse(kit, settings);
}

static enum verdict refuses_wrong_types(struct kit *kit)
{
	const char *key;
	json_t *value;
	if (!check_load_plugin(kit))
		return CHECK_FAILED;
	if (!json_object_size(kit->settings))
		return check_skip(kit, "no settings were given");
	json_object_foreach((json_t *)kit->settings, key, value) {
		json_t *settings = json_deep_copy(kit->settings);
		json_object_set_new(settings, key, json_pack("[[n]]"));
		if (must_refuse(kit, settings) != CHECK_OK)
			return CHECK_FAILED;
	}
	return CHECK_OK;
}

/* A setting that is missing has a default, or is asked for: a refusal without a word helps nobody. */
static enum verdict says_what_is_missing(struct kit *kit)
{
	const char *key;
	json_t *value;
	if (!check_load_plugin(kit))
		return CHECK_FAILED;
	if (ask(kit, json_object()) == 1)
		return check_fail(kit, "it refuses to go without settings and does not say what it needs");
	json_object_foreach((json_t *)kit->settings, key, value) {
		json_t *settings = json_deep_copy(kit->settings);
		json_object_del(settings, key);
		if (ask(kit, settings) == 1)
			return check_fail(kit, "without %s it refuses and does not say what is missing", key);
	}
	return CHECK_OK;
}

static int entries(const char *path)
{
	int count = 0;
	DIR *dir = opendir(path);
	while (dir && readdir(dir))
		count++;
	if (dir)
		closedir(dir);
	return count;
}

static enum verdict only_looks(struct kit *kit)
{
	if (!check_load_plugin(kit))
		return CHECK_FAILED;
	if (ask(kit, json_deep_copy(kit->settings))) /* libraries that it uses may open something once */
		return check_skip(kit, "it does not take these settings: give some that it takes");
	int files = entries("/proc/self/fd"), threads = entries("/proc/self/task"), made = entries(kit->dir);
	for (int i = 0; i < 5; i++)
		(void)ask(kit, json_deep_copy(kit->settings));
	if (entries(kit->dir) > 2 || made > 2)
		return check_fail(kit, "when only its settings were to be checked it made files in its data folder");
	if (entries("/proc/self/fd") > files)
		return check_fail(kit, "when only its settings were to be checked it left descriptors open");
	if (entries("/proc/self/task") > threads)
		return check_fail(kit, "when only its settings were to be checked it started threads");
	return CHECK_OK;
}

/* Any template may come: it says yes, or no with a word. */
static enum verdict looks_at_templates(struct kit *kit)
{
	static const struct nurture_field fields[] = {{"subject", "{{ lead.first_name }} \xff %s", 27}, {"", "", 0}};
	static const char *const bodies[] = {"Hello {{ lead.first_name }}.\n", "", "{% if %}{{ \xc0\x80 }}\r\n.\r\n<script>"};
	if (!check_load_plugin(kit))
		return CHECK_FAILED;
	if (!channel_checks_templates(kit->plugin))
		return CHECK_OK;
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		struct nurture_problem problem = {.size = sizeof problem};
		struct nurture_template template = {.size = sizeof template, .name = "conformance", .fields = fields, .field_count = i,
						    .body = bodies[i], .body_length = strlen(bodies[i])};
		check_doing(kit, "check_template");
		if (kit->plugin->channel->check_template(kit->settings, &template, &problem) && !*problem.message)
			return check_fail(kit, "it refuses a template and does not say why");
	}
	return CHECK_OK;
}

const struct check check_of_settings[] = {
	{"it loads, and its tables are whole", loads},
	{"it exports one symbol, nurture_plugin", exports_one_symbol},
	{"it refuses a setting that it does not know", refuses_unknown},
	{"it refuses settings of a wrong type", refuses_wrong_types},
	{"it says what is missing when a setting is", says_what_is_missing},
	{"it begins nothing when only its settings are checked", only_looks},
	{"it says yes to a template, or no with a word", looks_at_templates},
	{0},
};

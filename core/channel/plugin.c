/* Plugins as files: what must hold before a shared object is let into the process, and what is asked of its descriptor.
 * Nothing is ever unloaded: a new generation of processes replaces it. */
#include "channel/plugin.h"

#include "base/mem.h"
#include "channel/migrations.h"
#include "channel/routes.h"
#include "channel/trust.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

static bool is_plugin_name(struct str name)
{
	if (name.n == 0 || name.n > 64)
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789-", name.p[i]) || !name.p[i])
			return false;
	return true;
}

char *channel_plugin_path(const char *dir, const char *name, struct error *error)
{
	if (!is_plugin_name(str_of(name))) {
		error_set(error, ERROR_INVALID, "plugin",
			  "\"%s\" is not the name of a plugin. A name has small letters, digits and hyphens, without a path or .so.", name);
		return NULL;
	}
	return mem_printf("%s/%s.so", dir, name);
}

/* The name a file must have given its plugin: its last part without .so. */
static struct str name_of_path(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct str name = str_of(slash ? slash + 1 : path);
	if (str_ends(name, STR(".so")))
		name.n -= 3;
	return name;
}

static int check_file(const char *path, struct error *error)
{
	if (!is_plugin_name(name_of_path(path)))
		return error_set(error, ERROR_INVALID, path, "a plugin's file is NAME.so, NAME of small letters, digits and hyphens.");
	return channel_trust_file(path, error);
}

static int check_channel(const char *path, const struct nurture_channel *c, struct error *error)
{
	if (!c)
		return error_set(error, ERROR_INVALID, path, "the plugin has no channel.");
	if (c->size < offsetof(struct nurture_channel, close) + sizeof c->close) /* what came later may be missing */
		return error_set(error, ERROR_INVALID, path, "its channel table has %zu bytes, %zu are needed.", c->size,
				 offsetof(struct nurture_channel, close) + sizeof c->close);
	if (!c->open || !c->deliver || !c->cancel || !c->drain || !c->close)
		return error_set(error, ERROR_INVALID, path, "its channel lacks one of open, deliver, cancel, drain, close.");
	if (!c->kind || !is_plugin_name(str_of(c->kind)))
		return error_set(error, ERROR_INVALID, path, "its channel names no kind (\"email\", \"call\", \"letter\" …).");
	if (!c->body || (strcmp(c->body, "markdown") != 0 && strcmp(c->body, "text") != 0))
		return error_set(error, ERROR_INVALID, path, "its channel's body must be \"markdown\" or \"text\".");
	if (!c->template_fields)
		return error_set(error, ERROR_INVALID, path, "its channel has no list of template fields.");
	return 0;
}

static int check_descriptor(const char *path, const struct nurture_plugin *p, struct error *error)
{
	struct str name = name_of_path(path);
	if (p->abi != NURTURE_PLUGIN_ABI)
		return error_set(error, ERROR_INVALID, path, "built for plugin ABI %u, this server speaks %d: build it against the installed headers.",
				 p->abi, NURTURE_PLUGIN_ABI);
	if (p->size < offsetof(struct nurture_plugin, migrations) + sizeof p->migrations)
		return error_set(error, ERROR_INVALID, path, "its descriptor has %zu bytes, %zu are needed.", p->size, sizeof *p);
	if (p->host_needs > sizeof(struct nurture_host))
		return error_set(error, ERROR_INVALID, path, "it needs a newer server (a host table of %zu bytes, this one has %zu).",
				 p->host_needs, sizeof(struct nurture_host));
	if (!p->name || !str_same(str_of(p->name), name))
		return error_set(error, ERROR_INVALID, path, "the plugin calls itself \"%s\", its file must have that name.", p->name ? p->name : "");
	if (!p->version || !p->licence)
		return error_set(error, ERROR_INVALID, path, "the plugin names no version or no licence.");
	return check_channel(path, p->channel, error) || channel_routes_check(path, p, error) ? -1 : channel_migrations_check(path, p, error);
}

const struct nurture_plugin *channel_plugin_load(const char *path, struct error *error)
{
	if (check_file(path, error))
		return NULL;
	/* dlopen searches other folders for a name without a slash. The path is not resolved: it may lead through a descriptor
	 * (/proc/self/fd/N) into a folder whose own path is closed to us. */
	char *full = mem_printf("%s%s", strchr(path, '/') ? "" : "./", path);
	void *library = dlopen(full, RTLD_NOW | RTLD_LOCAL);
	free(full);
	if (!library) {
		error_set(error, ERROR_INVALID, path, "cannot load the plugin: %s", dlerror());
		return NULL;
	}
	const struct nurture_plugin *plugin = dlsym(library, "nurture_plugin");
	if (!plugin) {
		error_set(error, ERROR_INVALID, path, "it exports no nurture_plugin: this is not a plugin of ours.");
		return NULL;
	}
	return check_descriptor(path, plugin, error) ? NULL : plugin;
}

bool channel_checks_templates(const struct nurture_plugin *plugin)
{
	return NURTURE_HAS(plugin->channel, check_template) && plugin->channel->check_template;
}

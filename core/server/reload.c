/* A new generation: reading the configuration as it is now, letting each plugin look at it, bringing the database up to date by a new
 * program, making what its workers need. Called at the start and for SIGHUP. Whatever is wrong, the running generation goes on: the log, the
 * board and so `nurture status` say why (reload_refused); the next reload that is taken takes it back. */
#include "server/master.h"

#include "base/child.h"
#include "base/config_check.h"
#include "base/log.h"
#include "base/luadata.h"
#include "base/mem.h"
#include "channel/plugin.h"
#include "server/lock.h"
#include "server/plugin_migrations.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- configuration ---- */

static char *read_config_text(const char *path, struct error *error)
{
	size_t n = 0;
	return path ? luadata_read(path, &n, error) : mem_dup("");
}

struct config *reload_read(const struct master *m, char **text, struct error *error)
{
	*text = read_config_text(m->options->config_path, error);
	struct config *config = *text ? config_parse(m->options->config_path, str_of(*text), error) : NULL;
	if (config && m->options->watch)
		config->watch = true;
	if (config && lock_check(config, error) == 0 && channel_describe(config, error) == 0)
		return config;
	config_free(config);
	free(*text);
	*text = NULL;
	return NULL;
}

void reload_log_level(const struct config *config)
{
	static const char *const levels[] = {"debug", "info", "warn", "error"};
	for (int i = 0; i < 4; i++)
		if (strcmp(config->log_level, levels[i]) == 0)
			log_set_level((enum log_level)i);
}

/* With port 0 the public address is known only now. */
static char *public_url(const struct master *m, const struct config *config)
{
	size_t n = strlen(config->public_url);
	if (n > 2 && strcmp(config->public_url + n - 2, ":0") == 0)
		return mem_printf("http://%s", m->listen);
	return mem_dup(config->public_url);
}

struct generation *reload_generation(struct master *m, struct config *config, const char *text, struct error *error)
{
	char *url = public_url(m, config);
	struct generation_seed seed = {.number = ++m->generations, .first_slot = m->live && m->live->first_slot == 0 ? BOARD_SLOTS / 2 : 0,
		.config = config, .config_text = text, .conninfo = m->conninfo, .public_url = url, .binary = m->binary,
		.time_scale = m->options->time_scale,
		.node = {.token = m->token, .before = m->before, .listen = m->listen, .started_at = m->started_at}};
	struct generation *g = generation_new(&seed, error);
	free(url);
	return g;
}

/* ---- SIGHUP ---- */

static bool same_program(const struct master *m)
{
	struct stat running, wanted;
	return fstat(m->live->binary, &running) == 0 && stat(m->binary, &wanted) == 0 && running.st_dev == wanted.st_dev &&
	       running.st_ino == wanted.st_ino;
}

/* A new program, or a new plugin, may know more migrations than we do: they are applied by a child, before its workers start. Migrations only go
 * forward and leave the running generation able to work. */
static int migrate_by_new_program(const struct master *m, const struct config *config, struct error *error)
{
	int status = 0;
	if (!config->auto_migrate || (same_program(m) && !plugin_migrations_any(config)))
		return 0;
	pid_t pid = child_fork();
	if (pid == 0) {
		const char *const argv[] = {"nurture", "db", "migrate", m->options->config_path ? "--config" : NULL, m->options->config_path, NULL};
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);
		dup2(null, 0), dup2(null, 1);
		execv(m->binary, (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (pid < 0 || status)
		return error_set(error, ERROR_SYSTEM, m->binary, "the new program cannot bring the database up to date: see the line above, or run: nurture db migrate");
	return 0;
}

static int begin_reload(struct master *m, struct error *error)
{
	char *text = NULL;
	struct config *config = reload_read(m, &text, error);
	if (!config)
		return -1;
	const char *fixed = config_fixed_difference(m->live->config, config);
	if (fixed) {
		config_free(config);
		free(text);
		return error_set(error, ERROR_INVALID, fixed, "%s cannot change while the server runs: stop it and start it again.", fixed);
	}
	if (migrate_by_new_program(m, config, error)) {
		config_free(config);
		free(text);
		return -1;
	}
	m->next = reload_generation(m, config, text, error);
	free(text);
	return m->next ? 0 : -1;
}

void reload_refused(struct master *m, const char *where, const char *why)
{
	char *masked = config_mask(why, NULL, 0); /* it goes into the database */
	snprintf(m->board->trouble, sizeof m->board->trouble, "%.200s%s%.700s", where, *where ? ": " : "", masked);
	free(masked);
	metrics_add(m->metrics, METRIC_RELOADS_REFUSED, 1);
}

void reload(struct master *m)
{
	struct error error = {0};
	m->reload = false;
	if (begin_reload(m, &error)) {
		log_error("reload.refused", log_str("where", error.where), log_str("error", error.message), log_int("generation", m->live->number));
		reload_refused(m, error.where, error.message);
		return;
	}
	log_info("reload.started", log_int("generation", m->next->number));
	reload_log_level(m->next->config);
	tend_start(m, m->next);
}

/* The master: a process that does no work. It takes the lock, opens the sockets, starts the private database, brings it
 * up to date, and then looks after workers (tend.c) until it is told to stop. It keeps root, when it has it, only to bind
 * and to signal. It has no connection to the database of its own once workers run.
 *
 * SIGTERM, SIGINT: drain and stop; a second one kills. SIGHUP: a new generation (at most two live). */
#include "server/master.h"

#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/rights.h"
#include "server/listen.h"
#include "server/lock.h"
#include "server/plugin_migrations.h"
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TICK_MS = 200, CLUSTER_CHECK_SECONDS = 2, CLOCK_SECONDS = 30 };

/* ---- loop ---- */

static void check_cluster(struct master *m)
{
	struct error error = {0};
	if (!m->cluster || mono_now() < m->cluster_check_at)
		return;
	if (cluster_check(m->cluster, &error))
		log_error("database.not_started", log_str("error", error.message));
	m->cluster_check_at = mono_now() + CLUSTER_CHECK_SECONDS * MOMENT_SECOND;
}

/* While a generation starts, a reload waits for it; but not for one that may never be whole. */
static bool may_reload(const struct master *m)
{
	return m->reload && !m->next && !m->old && !m->stopping && (m->live->state == GENERATION_LIVE || generation_ails(m->live));
}

static void on_tick(void *arg)
{
	struct master *m = arg;
	tend(m);
	if (!m->stopping)
		check_cluster(m);
	if (may_reload(m))
		reload(m);
	loop_timer_set(m->tick, TICK_MS * INT64_C(1000));
}

static void stop(struct master *m)
{
	struct generation *all[] = {m->live, m->next, m->old};
	bool again = m->stopping;
	if (!again)
		log_info("server.stopping");
	m->stopping = true;
	for (size_t i = 0; i < 3; i++) {
		if (all[i] && again)
			generation_kill(all[i]);
		else if (all[i])
			generation_drain(all[i]);
	}
}

static void on_signal(evutil_socket_t number, short what, void *arg)
{
	struct master *m = arg;
	(void)what;
	if (number == SIGHUP)
		m->reload = true;
	else if (number != SIGCHLD)
		stop(m);
	loop_timer_set(m->tick, 0);
}

/* While we start, whoever wants us to stop waits: a database that is half started is left to nobody. */
static void hold_signals(int how)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(how, &set, NULL);
}

static void watch_signals(struct master *m)
{
	static const int numbers[] = {SIGTERM, SIGINT, SIGHUP, SIGCHLD};
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		m->signals[i] = evsignal_new(loop_base(m->loop), numbers[i], on_signal, m);
		if (!m->signals[i] || event_add(m->signals[i], NULL))
			abort();
	}
	signal(SIGPIPE, SIG_IGN);
	hold_signals(SIG_UNBLOCK);
}

/* ---- start ---- */

struct clock_set {
	bool done;
	struct error error;
};

static void on_clock(void *arg, const struct clock *clock, const struct error *error)
{
	struct clock_set *set = arg;
	(void)clock;
	set->done = true;
	if (error)
		set->error = *error;
}

/* Domain time's scale, before any worker asks. In a loop of its own, which is gone after. */
static int set_clock(struct master *m, struct error *error)
{
	struct clock_set set = {0};
	struct loop *loop = loop_new();
	struct store *store = store_new(loop, m->conninfo, "nurture master");
	store_clock_set(store, m->options->time_scale, on_clock, &set);
	bool in_time = store_wait(loop, &set.done, CLOCK_SECONDS * MOMENT_SECOND);
	store_free(store);
	loop_free(loop);
	if (!in_time)
		return error_set(error, ERROR_UNAVAILABLE, "database", "the database did not answer within %d seconds.", CLOCK_SECONDS);
	if (set.error.code) {
		*error = set.error;
		return -1;
	}
	return 0;
}

static int refuse_missing(const struct config *config, const char *conninfo, struct error *error)
{
	json_t *rows = plugin_migrations_status(config, conninfo, error), *row = NULL;
	size_t i = 0;
	int result = rows ? 0 : -1;
	json_array_foreach (rows, i, row)
		if (json_integer_value(json_object_get(row, "missing")))
			result = error_set(error, ERROR_CONFLICT, "database", "%lld migrations of plugin %s are missing. Run: nurture db migrate",
					   (long long)json_integer_value(json_object_get(row, "missing")), json_string_value(json_object_get(row, "plugin")));
	json_decref(rows);
	return result;
}

static int migrate_plugins(struct master *m, const struct config *config, struct error *error)
{
	int applied = 0;
	if (!plugin_migrations_any(config))
		return 0;
	if (!config->auto_migrate)
		return refuse_missing(config, m->owner_conninfo, error);
	if (plugin_migrations_run(config, m->owner_conninfo, &applied, error))
		return -1;
	if (applied)
		log_info("database.migrated", log_str("of", "plugins"), log_int("applied", applied));
	return 0;
}

static int open_database(struct master *m, const struct config *config, struct error *error)
{
	int applied = 0, known = 0;
	if (!config->database) {
		m->cluster = cluster_start(config->data_dir, config->user, error);
		if (!m->cluster)
			return -1;
	}
	m->conninfo = mem_dup(m->cluster ? cluster_runtime(m->cluster) : config->database);
	m->owner_conninfo = mem_dup(m->cluster ? cluster_owner(m->cluster) : config->database_owner ?: config->database);
	if (config->auto_migrate) {
		if (migrate_run(m->owner_conninfo, &applied, error))
			return -1;
		if (applied)
			log_info("database.migrated", log_int("applied", applied));
	} else if (migrate_status(m->owner_conninfo, &applied, &known, error)) {
		return -1;
	} else if (applied < known) {
		return error_set(error, ERROR_CONFLICT, "database", "%d migrations are missing. Run: nurture db migrate", known - applied);
	}
	return migrate_plugins(m, config, error) ? -1 : set_clock(m, error);
}

static int open_shared(struct master *m, const struct config *config, struct error *error)
{
	m->listener = listen_open(config->listen, error);
	if (m->listener < 0)
		return -1;
	listen_name(m->listener, config->listen, m->listen, sizeof m->listen);
	lock_token(m->lock_fd, m->before);
	lock_write(m->lock_fd, m->listen, m->token);
	m->metrics = metrics_new_file(&m->metrics_fd);
	if (!m->metrics)
		return error_errno(error, NULL, "cannot make the memory that workers share");
	m->board = board_new(&m->board_fd, error);
	return m->board ? 0 : -1;
}

static char *own_path(void)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
	return n > 0 ? mem_dup_n(path, (size_t)n) : mem_dup("/proc/self/exe");
}

static int begin(struct master *m, struct error *error)
{
	char *text = NULL;
	struct config *config = reload_read(m, &text, error);
	if (!config)
		return -1;
	reload_log_level(config);
	if (lock_prepare(config, error) || lock_take(config, &m->lock_fd, error) || open_shared(m, config, error) ||
	    open_database(m, config, error)) {
		config_free(config);
		free(text);
		return -1;
	}
	m->live = reload_generation(m, config, text, error);
	free(text);
	return m->live ? 0 : -1;
}

static void serve(struct master *m)
{
	m->loop = loop_new();
	m->tick = loop_timer_new(m->loop, on_tick, m);
	watch_signals(m);
	log_info("server.starting", log_str("listen", m->listen), log_int("process", getpid()), log_str("data_dir", m->live->config->data_dir));
	tend_start(m, m->live);
	loop_timer_set(m->tick, 0);
	loop_run(m->loop);
	for (size_t i = 0; i < sizeof m->signals / sizeof *m->signals; i++)
		if (m->signals[i])
			event_free(m->signals[i]);
	loop_timer_free(m->tick);
	loop_free(m->loop);
}

static void finish(struct master *m)
{
	generation_free(m->old);
	generation_free(m->next);
	generation_free(m->live);
	if (m->cluster)
		cluster_stop(m->cluster);
	if (strncmp(m->listen, "unix:", 5) == 0)
		unlink(m->listen + 5);
	const int fds[] = {m->listener, m->board_fd, m->metrics_fd, m->lock_fd};
	for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	free(m->binary);
	free(m->conninfo);
	free(m->owner_conninfo);
}

int server_run(const struct server_options *options, struct error *error)
{
	struct master m = {.options = options, .board_fd = -1, .metrics_fd = -1, .lock_fd = -1, .listener = -1, .binary = own_path(), .started_at = real_now()};
	unsigned char random[(WORKER_OWNER - 1) / 2];
	hash_random(random, sizeof random);
	hash_hex(random, sizeof random, m.token);
	log_set_process("master");
	umask(027);
	rights_close();
	hold_signals(SIG_BLOCK);
	int status = begin(&m, error) ? -1 : 0;
	if (status == 0) {
		serve(&m);
		log_info("server.stopped");
	}
	finish(&m);
	return status;
}

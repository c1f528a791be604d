/* Asking the store and waiting for its answer: a command has nothing else to do meanwhile. */
#include "cli/command.h"

#include "base/arena.h"
#include "model/value.h"

#include "store/admin.h"

#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

enum { PATIENCE_SECONDS = 600 };

void cli_on_done(void *arg, const struct error *error)
{
	struct cli_wait *wait = arg;
	wait->done = true;
	if (error)
		wait->error = *error;
}

void cli_on_id(void *arg, int64_t id, const struct error *error)
{
	struct cli_wait *wait = arg;
	wait->number = id;
	cli_on_done(wait, error);
}

void cli_on_rows(void *arg, json_t *rows, const struct error *error)
{
	struct cli_wait *wait = arg;
	wait->rows = error ? NULL : json_incref(rows);
	cli_on_done(wait, error);
}

int cli_wait(struct cli_wait *wait)
{
	if (!store_wait(wait->cli->loop, &wait->done, PATIENCE_SECONDS * MOMENT_SECOND)) {
		store_free(wait->cli->store); /* answers now, while what it answers into is there */
		wait->cli->store = NULL;
		return error_set(&wait->error, ERROR_UNAVAILABLE, "database", "the database did not answer.");
	}
	return wait->error.code ? -1 : 0;
}

json_t *cli_query(struct cli *cli, const char *name, const char *const *params, size_t count)
{
	struct cli_wait wait = {.cli = cli};
	store_query(cli->store, name, params, count, cli_on_rows, &wait);
	if (cli_wait(&wait) == 0)
		return wait.rows;
	cli_fail(&wait.error);
	return NULL;
}

struct clock_wait {
	struct cli_wait wait;
	moment_t now;
};

static void on_clock(void *arg, const struct clock *clock, const struct error *error)
{
	struct clock_wait *wait = arg;
	if (!error)
		wait->now = clock_domain(clock, real_now());
	cli_on_done(&wait->wait, error);
}

int cli_now(struct cli *cli, moment_t *now)
{
	struct clock_wait wait = {.wait.cli = cli};
	store_clock_read(cli->store, on_clock, &wait);
	if (cli_wait(&wait.wait)) {
		cli_fail(&wait.wait.error);
		return -1;
	}
	*now = wait.now;
	return 0;
}

static int64_t find_lead(struct cli *cli, const char *query, const char *text)
{
	struct arena *arena = arena_new();
	const char *name = model_lead_name(str_of(text), arena);
	json_t *rows = cli_query(cli, query, &name, 1);
	int64_t id = json_integer_value(json_object_get(json_array_get(rows, 0), "lead_id"));
	if (rows && !id)
		cli_refuse("there is no lead \"%s\". LEAD is an id, an e-mail address, a telephone number or an external id.", text);
	json_decref(rows);
	arena_free(arena);
	return id;
}

int64_t cli_find_lead(struct cli *cli, const char *text)
{
	return find_lead(cli, "lead_find", text);
}

int64_t cli_find_lead_itself(struct cli *cli, const char *text)
{
	return find_lead(cli, "lead_itself", text);
}

int64_t cli_find_lead_apart(struct cli *cli, const char *text)
{
	return find_lead(cli, "lead_apart", text);
}

int cli_confirm(struct cli *cli, const char *fmt, ...)
{
	char answer[16] = "";
	va_list args;
	if (cli_option(cli, "--yes"))
		return CLI_DONE;
	if (!isatty(0)) {
		fprintf(stderr, "nurture %s: nobody can be asked here. Say --yes, or --dry-run to see what would happen.\n", cli->command->name);
		return CLI_WRONG_USAGE;
	}
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fprintf(stderr, " [y/N] ");
	if (fgets(answer, sizeof answer, stdin) && (answer[0] == 'y' || answer[0] == 'Y'))
		return CLI_DONE;
	fprintf(stderr, "Nothing was done.\n");
	return CLI_FAILED;
}

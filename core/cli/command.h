/* A command: one small file with a const entry, in the manner of tmux. cli.c finds it, options.c reads its arguments,
 * session.c gives it configuration and database. */
#ifndef NURTURE_CLI_COMMAND_H
#define NURTURE_CLI_COMMAND_H

#include "base/config.h"
#include "base/loop.h"
#include "store/store.h"

#include <stdio.h>

enum { CLI_DONE = 0, CLI_FAILED = 1, CLI_WRONG_USAGE = 2 };
enum { CLI_OPTIONS = 12, CLI_GIVEN = 256 };

struct cli_option {
	const char *name;  /* "--message" */
	const char *short_name; /* "-m" or NULL */
	const char *value; /* what it takes, "TEXT"; NULL = a switch */
	const char *help;
};

struct cli;

struct cli_command {
	const char *name;    /* "score", "token create" */
	const char *arguments; /* "LEAD", "[DIR]" */
	const char *summary; /* one line */
	const char *more;    /* further lines of --help, or NULL */
	struct cli_option options[CLI_OPTIONS]; /* name NULL ends */
	int least, most;     /* number of arguments */
	const char *many;    /* its options that may be given more than once (cli_option_at), with spaces between; NULL = none */
	bool json;           /* knows --json */
	bool plugins;        /* decides by what channels there are: refused while a plugin of the configuration does not load; else that is said, and it goes on */
	int (*run)(struct cli *cli);
};

struct cli_given {
	const char *name, *value;
};

struct cli {
	const struct cli_command *command;
	const char *args[64];
	int arg_count;
	struct cli_given given[CLI_GIVEN];
	int given_count;
	const char *config_path; /* resolved; NULL = there is no file */
	bool json;
	/* session.c */
	struct config *config;
	struct error plugin_trouble; /* the first plugin that cannot be loaded, or refuses its settings; code 0 = none */
	struct cluster *cluster;
	struct loop *loop;
	struct store *store;
	char *conninfo, *owner_conninfo;
};

/* ---- options.c ---- */
/* Value of an option ("" for a switch), NULL when it was not given. */
const char *cli_option(const struct cli *cli, const char *name);
const char *cli_option_at(const struct cli *cli, const char *name, int i); /* the i-th, of one that may be given many times; NULL = no more */
int cli_parse(struct cli *cli, int argc, char **argv, bool *help); /* CLI_DONE, or CLI_WRONG_USAGE after it said why */
void cli_help(const struct cli_command *command, FILE *out);
/* A number of one argument or option: -1 and a word on standard error when it is none. */
int cli_number(const char *what, const char *text, int64_t low, int64_t high, int64_t *out) MUST_USE;

/* ---- session.c ---- */
/* Each says on standard error what is wrong and returns CLI_FAILED. */
int cli_read_config(struct cli *cli) MUST_USE;         /* with plugins described: all of them, or it is refused */
int cli_open_database(struct cli *cli) MUST_USE;       /* config, private cluster (for our time), no check of migrations */
int cli_open(struct cli *cli) MUST_USE;                /* the same, refused while migrations are missing (or run with auto_migrate), and a store */
void cli_close(struct cli *cli);
int cli_fail(const struct error *error);               /* says it; CLI_FAILED */
int cli_refuse(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
const char *cli_user(void);                            /* who runs this: the author of what is published */

/* ---- ask.c: the store's operations, waited for ---- */
struct cli_wait {
	struct cli *cli;
	bool done;
	struct error error;
	json_t *rows;  /* of cli_query and cli_on_rows: a reference of the caller's */
	int64_t number;
	bool flag;
};
void cli_on_done(void *arg, const struct error *error);             /* store_done_fn */
void cli_on_id(void *arg, int64_t id, const struct error *error);   /* store_id_fn: into number */
void cli_on_rows(void *arg, json_t *rows, const struct error *error); /* store_rows_fn, and whatever else answers JSON: into rows */
/* Waits until done; -1 when it failed or took too long (error is set then). */
int cli_wait(struct cli_wait *wait) MUST_USE;
/* Rows of a named statement; NULL after it said why not. */
json_t *cli_query(struct cli *cli, const char *name, const char *const *params, size_t count);
int cli_now(struct cli *cli, moment_t *now) MUST_USE; /* domain time */
/* The lead that an id, e-mail address or external id means; 0 after it said that there is none. */
int64_t cli_find_lead(struct cli *cli, const char *text);
int64_t cli_find_lead_itself(struct cli *cli, const char *text); /* by its id also a lead that is merged into another */
int64_t cli_find_lead_apart(struct cli *cli, const char *text); /* the same, and by a name the merged lead that brought it */

/* Asks on the terminal before something that cannot be undone; --yes answers. CLI_DONE, CLI_FAILED (no), or CLI_WRONG_USAGE (nobody can be asked). */
int cli_confirm(struct cli *cli, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* account.c: nurture account, and nurture score --account */
int cli_account_show(struct cli *cli, const char *text);
/* The id, as text in arena, of the account with that id, domain or name; NULL after it said that there is none, or more than one. */
const char *cli_account_find(struct cli *cli, struct arena *arena, const char *text);

/* lead_export.c: nurture lead --export */
int cli_lead_export(struct cli *cli, int64_t lead_id);

/* report_campaign.c: nurture report campaign NAME, nurture report campaigns. name NULL = it was not given */
struct report_column;
int cli_report_campaign(struct cli *cli, const char *name);
int cli_report_campaigns(struct cli *cli, const struct report_column *columns);

/* ---- print.c ---- */
int cli_print_json(json_t *json); /* takes it; CLI_DONE */
int cli_print_rows(struct cli *cli, const struct report_column *columns, json_t *rows); /* takes rows; --json: as they are */
/* Text that came from outside: control characters and what turns text around as \xNN. */
void cli_print_text(FILE *out, struct str s);
const char *cli_text(const json_t *row, const char *key); /* "" when it is absent or null */

/* A file whole or not at all: beside its place first. Says what is wrong; CLI_DONE or CLI_FAILED. */
int cli_write_file(const char *path, struct str text) MUST_USE;
/* The same piece by piece: opened before what is to go in is made. Each says what is wrong; CLI_DONE or CLI_FAILED. */
struct cli_file {
	const char *path;
	char beside[4096];
	FILE *out;
};
int cli_file_open(struct cli_file *file, const char *path) MUST_USE;      /* path must outlive it */
int cli_file_put(struct cli_file *file, struct str text) MUST_USE;        /* whole, or nothing of it */
int cli_file_close(struct cli_file *file, bool keep) MUST_USE;            /* keep: comes to its place, with all that was put; else nothing is left of it */

/* A bar on standard error, when that is a terminal and more than a second has passed. */
struct cli_progress {
	const char *what;
	mono_t since, last;
	bool shown;
};
void cli_progress_show(struct cli_progress *progress, int64_t done, int64_t total); /* total <= 0: unknown */
void cli_progress_end(struct cli_progress *progress);

extern const struct cli_command *const cli_commands[]; /* NULL ends */

#endif

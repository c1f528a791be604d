/* A CSV file sent to the running server, some hundred rows at a time, and what it says of each: for the commands that load lists of addresses and what came back. */
#ifndef NURTURE_CLI_MAIL_ROWS_H
#define NURTURE_CLI_MAIL_ROWS_H

#include "cli/mail.h"

struct mail_rows {
	const char *const *columns;   /* names that the server knows, NULL-ended. A column of the file is meant by its head, or by --map name=Head,… */
	const char *const *needed;    /* of those, one of which a file must have; NULL-ended */
	const char *lone;             /* the file may be without a head and with one column: of that; NULL = not */
	const char *method, *path;    /* the server answers {"rows": [{"n": number in the group, "result": word, "why"?: sentence}]} */
	bool parts;                   /* the path gets begin=true|false and end=true|false: the last part is empty, and says that the file is whole */
	json_t *more;                 /* beside "rows" in each body, borrowed; NULL = nothing */
	const char *also;             /* the same rows are sent there, too, by POST with also_more; NULL = nowhere else */
	json_t *also_more;
};
#define MAIL_ROWS_OPTIONS {"--map", NULL, "NAME=HEAD,…", "which column of the file is which"}, {"--rejects", NULL, "FILE", "where rows go that could not be used, with the reason"}

/* Prints how many rows ended as what: {"returned": 3, …} with --json. CLI_FAILED also when rows could not be used (those with a "why"). */
int mail_rows_send(struct cli *cli, const struct mail_rows *rows);

#endif

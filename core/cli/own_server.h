/* Asks the server of this configuration over HTTP, for commands whose answers only a running server has (a channel's plugin lives in its process). With a token of an
 * hour that is revoked at the end: who needs longer opens it anew when the answer is 401. Blocks. */
#ifndef NURTURE_CLI_OWN_SERVER_H
#define NURTURE_CLI_OWN_SERVER_H

#include "base/buf.h"
#include "cli/command.h"

struct own_server {
	struct cli *cli;
	char token[64];
	int64_t token_id;
};

/* name: of the token, as routes of channels see it. CLI_DONE, or CLI_FAILED after it said why. */
int own_server_open(struct own_server *server, struct cli *cli, const char *name) MUST_USE;
void own_server_close(struct own_server *server);
/* The status; 0 after it said that the server does not answer. *answer: its JSON (new reference), NULL = none. body may be empty. */
int own_server_ask(struct own_server *server, const char *method, const char *path, const char *type, struct str body, json_t **answer) MUST_USE;
/* Says what the server said instead. CLI_FAILED. */
int own_server_refused(int status, const json_t *answer);

#endif

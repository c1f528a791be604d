/* See own_server.h. One connection a question, closed by the server: what comes until then is the answer. */
#include "cli/own_server.h"

#include "base/hash.h"
#include "base/mem.h"
#include "store/admin.h"

#include <errno.h>
#include <netdb.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { TOKEN_BYTES = 32, ANSWER_MOST = 64 << 20 };
static const int64_t LIFE = 60 * MOMENT_MINUTE;

int own_server_open(struct own_server *server, struct cli *cli, const char *name)
{
	unsigned char random[TOKEN_BYTES], hash[HASH_SHA256];
	struct cli_wait wait = {.cli = cli};
	*server = (struct own_server){.cli = cli, .token = "nt_"};
	if (cli_open(cli))
		return CLI_FAILED;
	hash_random(random, sizeof random);
	sodium_bin2base64(server->token + 3, sizeof server->token - 3, random, sizeof random, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	hash_sha256(str_of(server->token), hash);
	store_token_create(cli->store, hash, name, "admin", LIFE, cli_on_id, &wait);
	if (cli_wait(&wait))
		return cli_fail(&wait.error);
	server->token_id = wait.number;
	return CLI_DONE;
}

void own_server_close(struct own_server *server)
{
	struct cli_wait wait = {.cli = server->cli};
	if (!server->token_id)
		return;
	store_token_revoke(server->cli->store, server->token_id, cli_on_done, &wait);
	if (cli_wait(&wait))
		(void)cli_fail(&wait.error);
}

/* ---- the wire ---- */

static int connect_unix(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = strlen(path) < sizeof address.sun_path ? socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) : -1;
	if (fd < 0)
		return -1;
	memcpy(address.sun_path, path, strlen(path) + 1);
	if (connect(fd, (struct sockaddr *)&address, sizeof address)) {
		close(fd);
		return -1;
	}
	return fd;
}

static int connect_tcp(const char *listen)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
	struct addrinfo *found = NULL;
	const char *colon = strrchr(listen, ':');
	bool brackets = *listen == '[';
	char *host = colon ? mem_dup_n(listen + brackets, (size_t)(colon - listen) - 2 * (size_t)brackets) : NULL;
	bool any = host && (strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0 || !*host);
	int fd = -1;
	if (host && getaddrinfo(any ? "127.0.0.1" : host, colon + 1, &hints, &found) == 0) {
		fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fd >= 0 && connect(fd, found->ai_addr, found->ai_addrlen)) {
			close(fd);
			fd = -1;
		}
		freeaddrinfo(found);
	}
	free(host);
	return fd;
}

static bool put(int fd, struct str text)
{
	while (text.n) {
		ssize_t n = send(fd, text.p, text.n, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		text = (struct str){text.p + n, text.n - (size_t)n};
	}
	return true;
}

static void take(int fd, struct buf *out)
{
	char piece[16384];
	ssize_t n;
	while (out->n < ANSWER_MOST && ((n = recv(fd, piece, sizeof piece, 0)) > 0 || (n < 0 && errno == EINTR)))
		if (n > 0)
			buf_put(out, piece, (size_t)n);
}

static int read_answer(struct buf *raw, json_t **answer)
{
	int status;
	buf_putc(raw, '\0');
	char *body = strstr(raw->p, "\r\n\r\n");
	if (!body || strncmp(raw->p, "HTTP/1.1 ", 9) != 0)
		return 0;
	status = (int)strtol(raw->p + 9, NULL, 10);
	*answer = json_loads(body + 4, 0, NULL);
	return status;
}

int own_server_ask(struct own_server *server, const char *method, const char *path, const char *type, struct str body, json_t **answer)
{
	const char *listen = server->cli->config->listen;
	bool local = strncmp(listen, "unix:", 5) == 0;
	int fd = local ? connect_unix(listen + 5) : connect_tcp(listen), status = 0;
	struct buf head = {0}, raw = {0};
	*answer = NULL;
	buf_printf(&head, "%s %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nConnection: close\r\n", method, path, local ? "localhost" : listen, server->token);
	if (strcmp(method, "GET") != 0)
		buf_printf(&head, "Content-Type: %s\r\nContent-Length: %zu\r\n", type, body.n);
	buf_puts(&head, "\r\n");
	if (fd >= 0 && put(fd, buf_str(&head)) && put(fd, body)) {
		take(fd, &raw);
		status = read_answer(&raw, answer);
	}
	if (fd >= 0)
		close(fd);
	buf_fini(&head);
	buf_fini(&raw);
	if (!status)
		(void)cli_refuse("the server on %s does not answer. Begin it: nurture serve", listen);
	return status;
}

int own_server_refused(int status, const json_t *answer)
{
	const char *detail = json_string_value(json_object_get(answer, "detail"));
	return status ? cli_refuse("%s", detail ? detail : status == 404 ? "the channel has no such thing: is its plugin the one that this command is for?" : "the server refused it.") : CLI_FAILED;
}

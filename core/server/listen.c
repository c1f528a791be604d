/* Opening sockets to listen on. TCP_NODELAY is inherited by what is accepted. */
#include "server/listen.h"

#include "base/str.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 1024 };

union any_address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un path;
};

static socklen_t parse(const char *address, union any_address *out)
{
	char host[128];
	*out = (union any_address){0};
	if (strncmp(address, "unix:", 5) == 0) {
		out->path.sun_family = AF_UNIX;
		snprintf(out->path.sun_path, sizeof out->path.sun_path, "%s", address + 5);
		return sizeof out->path;
	}
	const char *colon = strrchr(address, ':');
	int64_t number = 0;
	if (!str_to_int(str_of(colon + 1), &number))
		return 0; /* config_check_listen lets none in */
	in_port_t port = htons((uint16_t)number);
	if (address[0] == '[') {
		snprintf(host, sizeof host, "%.*s", (int)(colon - address - 2), address + 1);
		out->v6.sin6_family = AF_INET6;
		out->v6.sin6_port = port;
		inet_pton(AF_INET6, host, &out->v6.sin6_addr);
		return sizeof out->v6;
	}
	snprintf(host, sizeof host, "%.*s", (int)(colon - address), address);
	out->v4.sin_family = AF_INET;
	out->v4.sin_port = port;
	inet_pton(AF_INET, host, &out->v4.sin_addr);
	return sizeof out->v4;
}

static void set_options(int fd, int family)
{
	const int on = 1;
	if (family == AF_UNIX)
		return;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
}

/* A socket file that a dead server left behind; one that somebody answers on stays. */
static void remove_stale(const struct sockaddr_un *path)
{
	struct stat st;
	if (stat(path->sun_path, &st) || !S_ISSOCK(st.st_mode))
		return;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)path, sizeof *path) && errno == ECONNREFUSED)
		unlink(path->sun_path);
	if (fd >= 0)
		close(fd);
}

int listen_open(const char *address, struct error *error)
{
	union any_address to;
	socklen_t size = parse(address, &to);
	int fd = socket(to.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return error_errno(error, "listen", "cannot make a socket for %s", address);
	set_options(fd, to.any.sa_family);
	if (to.any.sa_family == AF_UNIX)
		remove_stale(&to.path);
	if (bind(fd, &to.any, size) || listen(fd, BACKLOG)) {
		bool taken = errno == EADDRINUSE;
		error_errno(error, "listen", "cannot listen on %s", address);
		if (taken)
			error_set(error, ERROR_CONFLICT, "listen", "something else listens on %s already. Stop it, or set listen = \"…\" to another port.",
				  address);
		close(fd);
		return -1;
	}
	if (to.any.sa_family == AF_UNIX && chmod(to.path.sun_path, 0666))
		error_clear(error); /* who may connect is then up to the folder */
	return fd;
}

void listen_name(int fd, const char *address, char *out, size_t room)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
		struct sockaddr_storage room;
	} bound = {0};
	socklen_t size = sizeof bound;
	snprintf(out, room, "%s", address);
	if (strncmp(address, "unix:", 5) == 0 || getsockname(fd, &bound.any, &size))
		return;
	const char *colon = strrchr(address, ':');
	in_port_t port = bound.any.sa_family == AF_INET6 ? bound.v6.sin6_port : bound.v4.sin_port;
	snprintf(out, room, "%.*s:%d", (int)(colon - address), address, ntohs(port));
}

/* Opens listening sockets, in the master; the workers are given the descriptors. */
#include "http/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 1024 };

static int wrong(const char *address, struct error *error)
{
	return error_set(error, ERROR_INVALID, "listen",
			 "\"%s\" is not an address such as \"127.0.0.1:8080\", \"[::1]:8080\" or \"unix:/run/nurture.sock\"", address);
}

static int finish(int fd, const struct sockaddr *name, socklen_t length, const char *address, struct error *error)
{
	if (bind(fd, name, length) < 0)
		return error_errno(error, "listen", "cannot listen on %s", address);
	if (name->sa_family == AF_UNIX && chmod(((const struct sockaddr_un *)name)->sun_path, 0660) < 0)
		return error_errno(error, "listen", "cannot set the mode of %s", address);
	if (listen(fd, BACKLOG) < 0)
		return error_errno(error, "listen", "cannot listen on %s", address);
	return 0;
}

/* A socket file that nobody listens on any more is in the way of a new one. */
static void remove_dead_socket(const struct sockaddr_un *name)
{
	struct stat info;
	if (stat(name->sun_path, &info) < 0 || !S_ISSOCK(info.st_mode))
		return;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return;
	if (connect(fd, (const struct sockaddr *)name, sizeof *name) < 0 && errno == ECONNREFUSED)
		unlink(name->sun_path);
	close(fd);
}

static int listen_unix(const char *address, struct error *error)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	const char *path = address + sizeof "unix:" - 1;
	if (path[0] != '/' || strlen(path) >= sizeof name.sun_path)
		return wrong(address, error);
	memcpy(name.sun_path, path, strlen(path));
	remove_dead_socket(&name);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return error_errno(error, "listen", "no socket for %s", address);
	if (finish(fd, (const struct sockaddr *)&name, sizeof name, address, error) == 0)
		return fd;
	close(fd);
	return -1;
}

/* Splits at the last colon; the brackets of an IPv6 address go. */
static bool parse_tcp(const char *address, struct sockaddr_storage *name, socklen_t *length)
{
	char host[ADDRESS_TEXT];
	int64_t port = 0;
	const char *colon = strrchr(address, ':');
	bool is_v6 = address[0] == '[';
	if (!colon || !str_to_int(str_of(colon + 1), &port) || port < 0 || port > 65535 || (is_v6 && colon[-1] != ']'))
		return false;
	const char *from = address + is_v6;
	size_t n = (size_t)(colon - from) - is_v6;
	if (!n || n >= sizeof host)
		return false;
	memcpy(host, from, n);
	host[n] = '\0';
	if (is_v6) {
		struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)name;
		*length = sizeof *v6;
		*v6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
		return inet_pton(AF_INET6, host, &v6->sin6_addr) == 1;
	}
	struct sockaddr_in *v4 = (struct sockaddr_in *)name;
	*length = sizeof *v4;
	*v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	return inet_pton(AF_INET, host, &v4->sin_addr) == 1;
}

static int listen_tcp(const char *address, struct error *error)
{
	struct sockaddr_storage name = {0};
	socklen_t length = 0;
	const int on = 1;
	if (!parse_tcp(address, &name, &length))
		return wrong(address, error);
	int fd = socket(name.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return error_errno(error, "listen", "no socket for %s", address);
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (name.ss_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
	if (finish(fd, (const struct sockaddr *)&name, length, address, error) == 0)
		return fd;
	close(fd);
	return -1;
}

int http_listen(const char *address, struct error *error)
{
	return str_starts(str_of(address), STR("unix:")) ? listen_unix(address, error) : listen_tcp(address, error);
}

/* What a keep-alive GET costs the http room, beside what the kernel alone costs: a raw epoll loop that answers the same bytes with
 * the same reply, driven by the same client. Both servers are children; their CPU time is what wait4 says of them.
 *
 *   http_requests [requests, default 200000] [connections, default 32]
 *
 * Prints microseconds of CPU (user and system) a request, and bytes an idle connection. */
#include "base/mem.h"
#include "http/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static const char request[] = "GET /v1/leads/4711?fields=score,grade HTTP/1.1\r\nHost: go.example.com\r\nUser-Agent: curl/7.88.1\r\n"
			      "Accept: application/json\r\nAuthorization: Bearer 0123456789abcdef0123456789abcdef\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n";
static const char answer[] = "{\"lead\":4711,\"score\":12,\"grade\":\"B2\"}\n";

static void on_request(struct http_request *req, void *arg)
{
	static const struct http_header headers[] = {{"Content-Type", {"application/json", 16}}, {"Cache-Control", {"no-store", 8}}, {0}};
	(void)arg;
	http_reply(req, 200, headers, (struct str){answer, sizeof answer - 1});
}

/* The same, put off to the next turn of the loop, as a handler does that waits for the database. */
static void on_later(void *arg)
{
	on_request(arg, NULL);
}

static void on_request_later(struct http_request *req, void *arg)
{
	loop_later(arg, on_later, req);
}

static void serve_http(int fd)
{
	struct loop *loop = loop_new();
	const struct http_options options = {.listen_fd = fd, .limits.per_address = 1 << 20, .handler = on_request};
	if (http_server_new(loop, &options, NULL))
		loop_run(loop);
}

static void serve_http_later(int fd)
{
	struct loop *loop = loop_new();
	const struct http_options options = {.listen_fd = fd, .limits.per_address = 1 << 20, .handler = on_request_later, .arg = loop};
	if (http_server_new(loop, &options, NULL))
		loop_run(loop);
}

/* The limit: one recv and one send a request, nothing looked at. */
static void serve_raw(int listen_fd)
{
	char bytes[4096], reply[512];
	int n = snprintf(reply, sizeof reply,
			 "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nX-Content-Type-Options: nosniff\r\nContent-Length: %zu\r\n"
			 "Content-Type: application/json\r\nCache-Control: no-store\r\n\r\n%s", sizeof answer - 1, answer);
	struct epoll_event event = {.events = EPOLLIN, .data.fd = listen_fd}, events[64];
	int epoll = epoll_create1(0);
	epoll_ctl(epoll, EPOLL_CTL_ADD, listen_fd, &event);
	for (;;) {
		int count = epoll_wait(epoll, events, 64, -1);
		for (int i = 0; i < count; i++) {
			int fd = events[i].data.fd;
			if (fd == listen_fd) {
				event.data.fd = accept4(fd, NULL, NULL, SOCK_NONBLOCK);
				epoll_ctl(epoll, EPOLL_CTL_ADD, event.data.fd, &event);
			} else if (recv(fd, bytes, sizeof bytes, 0) <= 0 || send(fd, reply, (size_t)n, MSG_NOSIGNAL) < 0) {
				close(fd);
			}
		}
	}
}

static int connect_to(int listen_fd)
{
	struct sockaddr_in name;
	socklen_t length = sizeof name;
	const int on = 1;
	getsockname(listen_fd, (struct sockaddr *)&name, &length);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&name, length) < 0) {
		perror("connect");
		exit(1);
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	return fd;
}

/* Every connection has one request on its way at all times. */
static void drive(int listen_fd, long requests, int connections)
{
	struct epoll_event event = {.events = EPOLLIN}, events[64];
	char bytes[4096];
	int epoll = epoll_create1(0);
	int *fds = mem_array((size_t)connections, sizeof *fds);
	long sent = 0, done = 0;
	for (int i = 0; i < connections; i++) {
		event.data.fd = fds[i] = connect_to(listen_fd);
		epoll_ctl(epoll, EPOLL_CTL_ADD, fds[i], &event);
		sent += send(fds[i], request, sizeof request - 1, 0) > 0;
	}
	while (done < requests) {
		int count = epoll_wait(epoll, events, 64, 10000);
		for (int i = 0; i < count; i++) {
			ssize_t n = recv(events[i].data.fd, bytes, sizeof bytes, 0);
			if (n < 12 || memcmp(bytes, "HTTP/1.1 200", 12) != 0) {
				fprintf(stderr, "a reply went wrong\n");
				exit(1);
			}
			done++;
			if (sent < requests)
				sent += send(events[i].data.fd, request, sizeof request - 1, 0) > 0;
		}
	}
	for (int i = 0; i < connections; i++)
		close(fds[i]);
	close(epoll);
	free(fds);
}

static double seconds(struct timeval tv)
{
	return (double)tv.tv_sec + (double)tv.tv_usec / 1e6;
}

/* Runs serve in a child, drives it, and returns its CPU time in microseconds a request. */
static double measure(const char *name, void (*serve)(int fd), long requests, int connections)
{
	struct rusage usage;
	struct error error = {0};
	int fd = http_listen("127.0.0.1:0", &error);
	if (fd < 0) {
		fprintf(stderr, "%s\n", error.message);
		exit(1);
	}
	pid_t child = fork();
	if (child == 0) {
		serve(fd);
		_exit(1);
	}
	mono_t start = mono_now();
	drive(fd, requests, connections);
	double wall = (double)(mono_now() - start) / 1e6;
	kill(child, SIGKILL);
	wait4(child, NULL, 0, &usage);
	close(fd);
	double user = seconds(usage.ru_utime) * 1e6 / (double)requests, kernel = seconds(usage.ru_stime) * 1e6 / (double)requests;
	printf("%-34s %6.2f us a request (%.2f user, %.2f kernel), %.0f requests a second\n", name, user + kernel, user, kernel,
	       (double)requests / wall);
	return user + kernel;
}

static long resident(pid_t pid)
{
	char path[64], line[128] = "";
	long pages = 0, all = 0;
	snprintf(path, sizeof path, "/proc/%d/statm", (int)pid);
	FILE *file = fopen(path, "r");
	if (file) {
		if (fgets(line, sizeof line, file) && sscanf(line, "%ld %ld", &all, &pages) != 2)
			pages = 0;
		fclose(file);
	}
	return pages * sysconf(_SC_PAGESIZE);
}

static void measure_idle(int count)
{
	struct rlimit files;
	getrlimit(RLIMIT_NOFILE, &files);
	if (files.rlim_cur < (rlim_t)count + 200)
		count = (int)files.rlim_cur - 200;
	int fd = http_listen("127.0.0.1:0", NULL), *fds = mem_array((size_t)count, sizeof *fds);
	char bytes[4096];
	pid_t child = fork();
	if (child == 0) {
		serve_http(fd);
		_exit(1);
	}
	long before = 0;
	for (int i = 0; i < count; i++) {
		fds[i] = connect_to(fd);
		if (send(fds[i], request, sizeof request - 1, 0) < 0 || recv(fds[i], bytes, sizeof bytes, 0) < 12)
			exit(1);
		if (i == 0)
			before = resident(child);
	}
	printf("%-34s %6.2f MB, %ld bytes each\n", "idle connections, 10000 of them", (double)(resident(child) - before) / 1e6 * 10000 / count,
	       (resident(child) - before) / count);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	for (int i = 0; i < count; i++)
		close(fds[i]);
	close(fd);
	free(fds);
}

int main(int argc, char **argv)
{
	long requests = argc > 1 ? atol(argv[1]) : 200000;
	int connections = argc > 2 ? atoi(argv[2]) : 32;
	if (requests < 1 || connections < 1 || connections > requests)
		return 2;
	double limit = measure("raw epoll, nothing looked at", serve_raw, requests, connections);
	double http = measure("http, answered at once", serve_http, requests, connections);
	measure("http, answered a loop turn later", serve_http_later, requests, connections);
	printf("%-34s %6.2f us\n", "what http adds to the kernel", http - limit);
	measure_idle(10000);
	return 0;
}

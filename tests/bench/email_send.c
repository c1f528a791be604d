/* email_send [MESSAGES [grow]]: messages a second and CPU of the e-mail plugin, driven by the fake host, beside the limit it
 * chases: postfix's smtp-source with as many connections, to the same smtp-sink, in the same run. Messages are multipart, of
 * about 10 KB, composed anew each. Then both again through a proxy that makes each round trip 20 ms; and the Maildir outbox
 * beside a plain loop of write, fsync and rename. `grow`: the plugin alone, and its memory as it goes, for a million and more. */
#include "host.h"

#include "bench/memory.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SINK_PORT = 23525, PROXY_PORT, DELAY_US = 10000 };

#define SINK "/usr/sbin/smtp-sink"
#define SOURCE "/usr/sbin/smtp-source"

struct figures {
	double per_second;
	double cpu_us; /* of the sender, a message */
};

static double seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double cpu_of(const struct rusage *usage)
{
	return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) +
	       (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1e6;
}

static pid_t start(const char *const argv[])
{
	pid_t pid = fork();
	if (pid)
		return pid;
	if (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr))
		_exit(127);
	execv(argv[0], (char *const *)argv);
	_exit(127);
}

static struct figures run_source(const char *server, int at_once, unsigned messages)
{
	char count[16], connections[16];
	struct rusage usage;
	int status;
	snprintf(count, sizeof count, "%u", messages);
	snprintf(connections, sizeof connections, "%d", at_once);
	const char *const argv[] = {SOURCE, "-d", "-s", connections, "-m", count, "-l", "10240", "-f", "a@example.com", "-t",
				    "b@example.com", server, NULL};
	double begun = seconds();
	if (wait4(start(argv), &status, 0, &usage) < 0 || status != 0) {
		fprintf(stderr, "smtp-source failed\n");
		exit(1);
	}
	return (struct figures){messages / (seconds() - begun), cpu_of(&usage) * 1e6 / messages};
}

/* ---- the plugin ---- */

static struct host host;
static void *self;
static unsigned begun, sent, failed, wanted;
static bool grow;
static struct nurture_field fields[3];

static void deliver(void)
{
	struct nurture_touch touch = {
		.size = sizeof touch,
		.handle = {.id = begun, .generation = 1},
		.touch_id = begun,
		.lead_id = 64,
		.kind = "email",
		.template_name = "key-benefits",
		.campaign = "thirty-day-nurture",
		.step = "benefits",
		.address = "jane.doe@example.com",
		.name = "Jane Doe",
		.purpose = "marketing",
		.attempt = 1,
		.fields = fields,
		.field_count = 3,
		.unsubscribe_url = "https://go.example.com/u/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		.postal_address = "Example Ltd, 1 Main Street, Springfield",
	};
	begun++;
	nurture_plugin.channel->deliver(self, &touch);
}

static void on_complete(void *arg, struct nurture_handle handle, const struct nurture_result *result)
{
	(void)arg, (void)handle;
	if (result->outcome == NURTURE_SENT)
		sent++;
	else if (failed++ == 0)
		fprintf(stderr, "%s: %s\n", host_outcome_name(result->outcome), result->reason);
	if (grow)
		print_memory(sent, wanted);
	if (begun < wanted)
		deliver();
	else if (sent + failed == wanted)
		event_base_loopexit(host.base, NULL);
}

static char *text_of(size_t n, const char *word)
{
	char *text = malloc(n + 1);
	size_t length = strlen(word);
	for (size_t i = 0; i < n; i++)
		text[i] = i % 72 == 71 ? '\n' : word[i % length];
	text[n] = '\0';
	memcpy(text + n / 2, "\xc3\xbc", 2);
	return text;
}

static struct figures run_plugin(const char *relay, int connections, unsigned messages)
{
	struct nurture_problem problem = {.size = sizeof problem};
	struct rusage before, after;
	json_t *settings = json_pack("{sssssi}", "relay", relay, "from", "Nurture <hello@example.com>", "connections", connections);
	host_init(&host, on_complete, NULL);
	host.now = INT64_C(1700000000000000);
	if (nurture_plugin.channel->open(&host.table, settings, ".", &self, &problem)) {
		fprintf(stderr, "%s\n", problem.message);
		exit(1);
	}
	begun = sent = failed = 0;
	wanted = messages;
	getrusage(RUSAGE_SELF, &before);
	double from = seconds();
	for (unsigned i = 0; i < host.capacity && begun < wanted; i++)
		deliver();
	event_base_dispatch(host.base);
	double took = seconds() - from;
	getrusage(RUSAGE_SELF, &after);
	nurture_plugin.channel->drain(self);
	nurture_plugin.channel->close(self);
	host_fini(&host);
	json_decref(settings);
	return (struct figures){sent / took, (cpu_of(&after) - cpu_of(&before)) * 1e6 / messages};
}

/* ---- the proxy: what comes in goes out DELAY_US later, both ways ---- */

struct chunk {
	struct evbuffer *bytes;
	struct event *due;
	struct bufferevent *to;
};

static void on_due(evutil_socket_t fd, short what, void *arg)
{
	struct chunk *chunk = arg;
	(void)fd, (void)what;
	bufferevent_write_buffer(chunk->to, chunk->bytes);
	evbuffer_free(chunk->bytes);
	event_free(chunk->due);
	free(chunk);
}

static void on_bytes(struct bufferevent *from, void *to)
{
	struct chunk *chunk = calloc(1, sizeof *chunk);
	struct timeval delay = {0, DELAY_US};
	struct event_base *base = bufferevent_get_base(from);
	*chunk = (struct chunk){evbuffer_new(), NULL, to};
	chunk->due = evtimer_new(base, on_due, chunk);
	evbuffer_add_buffer(chunk->bytes, bufferevent_get_input(from));
	evtimer_add(chunk->due, event_base_init_common_timeout(base, &delay));
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *from, int length, void *arg)
{
	struct event_base *base = evconnlistener_get_base(listener);
	struct bufferevent *client = bufferevent_socket_new(base, fd, 0), *server = bufferevent_socket_new(base, -1, 0);
	(void)from, (void)length;
	bufferevent_setcb(client, on_bytes, NULL, NULL, server);
	bufferevent_setcb(server, on_bytes, NULL, NULL, client);
	bufferevent_socket_connect(server, arg, sizeof(struct sockaddr_in));
	bufferevent_enable(client, EV_READ | EV_WRITE);
	bufferevent_enable(server, EV_READ | EV_WRITE);
}

static pid_t start_proxy(void)
{
	pid_t pid = fork();
	if (pid)
		return pid;
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(PROXY_PORT), .sin_addr = {htonl(INADDR_LOOPBACK)}};
	struct sockaddr_in sink = at;
	sink.sin_port = htons(SINK_PORT);
	struct event_base *base = event_base_new();
	if (!evconnlistener_new_bind(base, on_accept, &sink, LEV_OPT_REUSEABLE, 200, (struct sockaddr *)&at, sizeof at))
		_exit(1);
	event_base_dispatch(base);
	_exit(0);
}

static void print(const char *what, struct figures figures)
{
	printf("  %-12s %8.0f messages/s  %6.1f us CPU a message\n", what, figures.per_second, figures.cpu_us);
}

static void print_both(const char *name, struct figures limit, struct figures ours)
{
	print(name, limit);
	print("email", ours);
	printf("  ratio        %8.2f (1 = as fast as the limit)%s\n", ours.per_second / limit.per_second,
	       failed ? "  SOME FAILED" : "");
}

static void compare_smtp(const char *title, unsigned port, int connections, unsigned messages)
{
	char server[64], relay[80];
	snprintf(server, sizeof server, "127.0.0.1:%u", port);
	snprintf(relay, sizeof relay, "smtp://%s", server);
	printf("%s, %d connections, %u messages of 10 KB\n", title, connections, messages);
	struct figures limit = run_source(server, connections, messages), ours = run_plugin(relay, connections, messages);
	print_both("smtp-source", limit, ours);
}

/* ---- the Maildir ---- */

static struct figures run_files(const char *folder, unsigned messages)
{
	static char bytes[10500];
	char tmp[300], new[300];
	struct rusage before, after;
	memset(bytes, 'x', sizeof bytes);
	getrusage(RUSAGE_SELF, &before);
	double from = seconds();
	for (unsigned i = 0; i < messages; i++) {
		snprintf(tmp, sizeof tmp, "%s/plain.tmp", folder);
		snprintf(new, sizeof new, "%s/plain.%u", folder, i);
		int fd = open(tmp, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		if (fd < 0 || write(fd, bytes, sizeof bytes) != sizeof bytes || fsync(fd) || close(fd) || rename(tmp, new))
			exit(1);
	}
	double took = seconds() - from;
	getrusage(RUSAGE_SELF, &after);
	return (struct figures){messages / took, (cpu_of(&after) - cpu_of(&before)) * 1e6 / messages};
}

static void compare_maildir(unsigned messages)
{
	char folder[] = "email_send.XXXXXX", relay[64], remove[64];
	if (!mkdtemp(folder))
		return;
	printf("maildir, %u messages of 10 KB\n", messages);
	snprintf(relay, sizeof relay, "maildir:%s", folder);
	struct figures limit = run_files(folder, messages), ours = run_plugin(relay, 1, messages);
	print_both("fsync+rename", limit, ours);
	snprintf(remove, sizeof remove, "rm -r %s", folder);
	if (system(remove))
		fprintf(stderr, "%s stays\n", folder);
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0); /* children must not inherit half a buffer */
	unsigned messages = argc > 1 ? (unsigned)atoi(argv[1]) : 20000;
	const char *const sink[] = {SINK, "-u", "postfix", "127.0.0.1:23525", "1000", NULL};
	const char *const own_sink[] = {SINK, "127.0.0.1:23525", "1000", NULL};
	if (access(SINK, X_OK) || access(SOURCE, X_OK)) {
		printf("smtp-sink and smtp-source are not installed (Debian package postfix)\n");
		return 0;
	}
	pid_t children[2] = {start(geteuid() ? own_sink : sink), start_proxy()};
	usleep(300000);
	fields[0] = (struct nurture_field){"subject", "Three benefits, J\xc3\xb6rg", 21};
	fields[1] = (struct nurture_field){"text", text_of(3000, "benefit of it "), 3000};
	fields[2] = (struct nurture_field){"html", text_of(6500, "<b>benefit</b> of <i>it</i> "), 6500};
	grow = argc > 2 && strcmp(argv[2], "grow") == 0;
	if (grow) {
		print("email", run_plugin("smtp://127.0.0.1:23525", 20, messages < 10 ? 10 : messages));
	} else {
		compare_smtp("loopback", SINK_PORT, 20, messages);
		compare_smtp("20 ms round trip", PROXY_PORT, 20, messages / 10);
		compare_smtp("20 ms round trip", PROXY_PORT, 50, messages / 2);
		compare_maildir(messages / 10);
	}
	for (size_t i = 0; i < 2; i++) {
		if (children[i] <= 0)
			continue; /* fork failed: never signal everybody */
		kill(children[i], SIGTERM);
		waitpid(children[i], NULL, 0);
	}
	free((char *)fields[1].value);
	free((char *)fields[2].value);
	return 0;
}

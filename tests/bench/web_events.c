/* What the web role takes in a second, over kept-alive connections on one machine with its database (fsync on), engine paused, beside the raw limit
 * of the same run: the same rows written by one statement of 1,000 a commit.
 *
 *   web_events                                      a private database and a web worker of its own
 *   web_events singles [SECONDS [CONNECTIONS]]      the same, single events alone
 *   web_events PORT TOKEN RATE SECONDS [PREFIX [LEADS]]
 *                                                   single events to a server that runs: RATE a second (0 = as fast as 64 connections do); each is an
 *                                                   asset.download of a new lead, or of one of LEADS in turn; `at` = when it was sent (for web_latency.py)
 *
 * Prints rates, and microseconds of CPU a request or event: those hold on a machine that has other work too. */
#include "base/hash.h"
#include "base/mem.h"
#include "store/outbox.h"
#include "web/event_parse.h"
#include "web/web.h"

#include "unit/database.h"

#include "bench/cpu.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum { CONNECTIONS = 64, LEADS = 5000, TOUCHES = 20000, LINES = 1000, REQUEST = 400 * 1024 };

static long number;
static double seconds_each = 3;
static int connections_singles = CONNECTIONS;
static char token_text[80] = "bench-token";
static const char *prefix = "p";
static long people; /* 0 = each event is a new lead's */
static struct token_key keys_[8];
static struct token_keys keys = {keys_, 0};
static int64_t lead_ids[LEADS], touch_ids[TOUCHES];
static long lead_count;

/* ---- the client ---- */

struct client {
	int fd, expected;
	char *out;
	size_t n, sent;
};
typedef size_t make_fn(char *out); /* the next request */

static int connect_to(int port)
{
	struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	const int on = 1;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&name, sizeof name) < 0) {
		perror("connect");
		exit(1);
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	return fd;
}

static void ask(struct client *client, make_fn *make)
{
	client->n = make(client->out);
	for (size_t sent = 0; sent < client->n;) {
		ssize_t n = send(client->fd, client->out + sent, client->n - sent, 0);
		if (n <= 0)
			exit(1);
		sent += (size_t)n;
	}
}

/* Each of `count` connections has one request on its way, at most `rate` a second begin (0 = no limit). Returns replies. */
static long drive(int port, make_fn *make, int count, int rate, double seconds, const char *expect)
{
	struct epoll_event event = {.events = EPOLLIN}, events[64];
	static struct client clients[CONNECTIONS];
	struct client *idle[CONNECTIONS]; /* a ring: each has its turn, or the server would close those that say nothing */
	char bytes[65536];
	int epoll = epoll_create1(0), idle_count = 0, idle_first = 0;
	long done = 0, begun = 0;
	mono_t start = mono_now(), end = start + (mono_t)(seconds * 1e6);
	for (int i = 0; i < count; i++) {
		clients[i] = (struct client){.fd = connect_to(port), .out = mem_alloc(REQUEST)};
		event.data.ptr = idle[idle_count++] = &clients[i];
		epoll_ctl(epoll, EPOLL_CTL_ADD, clients[i].fd, &event);
	}
	while (mono_now() < end || begun > done) {
		mono_t now = mono_now();
		while (idle_count && now < end && (!rate || begun < (long)((double)(now - start) / 1e6 * rate))) {
			ask(idle[idle_first], make);
			idle_first = (idle_first + 1) % CONNECTIONS;
			idle_count--;
			begun++;
		}
		int n = epoll_wait(epoll, events, 64, rate ? 1 : 1000);
		for (int i = 0; i < n; i++) {
			struct client *client = events[i].data.ptr;
			ssize_t got = recv(client->fd, bytes, sizeof bytes - 1, 0);
			bytes[got > 0 ? got : 0] = '\0';
			if (got < 12 || strncmp(bytes + 9, expect, 3) != 0) {
				fprintf(stderr, "a reply went wrong: %s\n", bytes);
				exit(1);
			}
			idle[(idle_first + idle_count++) % CONNECTIONS] = client;
			done++;
		}
	}
	for (int i = 0; i < count; i++) {
		close(clients[i].fd);
		free(clients[i].out);
	}
	close(epoll);
	return done;
}

/* ---- requests ---- */

static size_t post(char *out, const char *type, const char *body, size_t n)
{
	int head = sprintf(out, "POST /v1/events HTTP/1.1\r\nHost: go.example.com\r\nAuthorization: Bearer %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n",
			   token_text, type, n);
	memcpy(out + head, body, n);
	return (size_t)head + n;
}

static bool with_keys = true, with_names = true;

static int line(char *out, size_t room)
{
	long n = number++;
	char who[64], key[32] = "";
	if (with_names)
		snprintf(who, sizeof who, "\"email\":\"%s%ld@example.com\"", prefix, n % LEADS);
	else
		snprintf(who, sizeof who, "\"lead\":%lld", (long long)lead_ids[n % lead_count]);
	if (with_keys)
		snprintf(key, sizeof key, "\"key\":\"key-%ld\",", n);
	return snprintf(out, room, "{%s,\"verb\":\"asset.download\",\"subject\":\"security-guide\",%s\"data\":{\"utm_source\":\"newsletter\",\"page\":\"/guide\"}}", who, key);
}

static size_t make_single(char *out)
{
	char body[512];
	int n = line(body, sizeof body);
	return post(out, "application/json", body, (size_t)n);
}

static size_t make_download(char *out)
{
	char body[512], at[MOMENT_TEXT];
	int n = snprintf(body, sizeof body, "{\"email\":\"%s%ld@example.com\",\"verb\":\"asset.download\",\"subject\":\"security-guide\",\"at\":\"%s\"}", prefix, people ? number % people : number,
			 moment_format(real_now(), at));
	number++;
	return post(out, "application/json", body, (size_t)n);
}

static size_t make_heap(char *out)
{
	static char body[REQUEST];
	size_t n = 0;
	for (int i = 0; i < LINES; i++) {
		n += (size_t)line(body + n, sizeof body - n);
		body[n++] = '\n';
	}
	return post(out, "application/x-ndjson", body, n);
}

/* Tokens are made before: sealing them is delivery's work. */
static char (*texts)[400];
static const char *what;

static void make_tokens(bool clicks)
{
	mono_t begin = mono_now();
	for (int i = 0; i < TOUCHES; i++) {
		struct token token = {.purpose = clicks ? TOKEN_CLICK : TOKEN_OPEN, .touch_id = touch_ids[i], .lead_id = lead_ids[i % lead_count], .link = 3 << 16 | 1};
		if (clicks)
			token_links_write(&keys, &token, &STR("https://www.example.com/library/bank-case?utm_source=mail"), 1, (char *const[]){texts[i]});
		else
			token_write(&keys, &token, texts[i]);
	}
	printf("  sealing %-14s %8.2f us each\n", clicks ? "links" : "pictures", (double)(mono_now() - begin) / TOUCHES);
	what = clicks ? "/c/" : "/o/";
}

static size_t make_hit(char *out)
{
	return (size_t)sprintf(out, "GET %s%s%s HTTP/1.1\r\nHost: go.example.com\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Firefox/128.0\r\n\r\n", what,
			       texts[number++ % TOUCHES], what[1] == 'o' ? ".gif" : "");
}

/* ---- the worker ---- */

static int port_of(int fd)
{
	struct sockaddr_in name;
	socklen_t length = sizeof name;
	getsockname(fd, (struct sockaddr *)&name, &length);
	return ntohs(name.sin_port);
}

static pid_t start_worker(const char *conninfo, int *port)
{
	struct error error = {0};
	static int fd;
	fd = http_listen("127.0.0.1:0", &error);
	*port = port_of(fd);
	pid_t child = fork();
	if (child)
		return child;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	struct config *config = config_parse(NULL, STR("public_url = \"http://go.example.com\" connections_per_address = 1000"), &error);
	struct loop *loop = loop_new();
	struct worker worker = {.loop = loop, .config = config, .conninfo = conninfo, .listeners = &fd, .listener_count = 1, .time_scale = 1, .playbook_dir = -1};
	if (!config || !web_role.start(&worker, &error)) {
		fprintf(stderr, "%s\n", error.message);
		_exit(1);
	}
	loop_run(loop);
	_exit(0);
}

static int64_t child_cpu(pid_t pid)
{
	char text[16];
	snprintf(text, sizeof text, "%d", (int)pid);
	return cpu_of(text);
}

static const char COMMITS[] = "select xact_commit from pg_stat_database where datname = current_database()";
static const char *database_name;

static double measure(const char *name, pid_t worker, int port, make_fn *make, int connections, double each, const char *expect)
{
	long commits = atol(database_ask(database_name, "%s", COMMITS));
	struct cpu before = cpu_now();
	int64_t web = child_cpu(worker);
	mono_t begin = mono_now();
	double events = (double)drive(port, make, connections, 0, seconds_each, expect) * each;
	double wall = (double)(mono_now() - begin) / 1e6;
	struct cpu after = cpu_now();
	double us_web = (double)(child_cpu(worker) - web) / events, us_db = (double)(after.postgres - before.postgres) / events;
	commits = atol(database_ask(database_name, "%s", COMMITS)) - commits;
	printf("  %-22s %8.0f/s  CPU: web %5.1f us, database %5.1f us, client %4.1f us; %.0f a commit\n", name, events / wall, us_web, us_db,
	       (double)(after.self - before.self) / events, events / (double)(commits ? commits : 1));
	return us_web + us_db;
}

/* ---- the limit ---- */

static const char raw_sql[] =
	"with k as (insert into event_key (key, received_at) select 'raw-' || nextval('id_seq'), clock_timestamp() from generate_series(1, 1000)),"
	" e as (insert into event (received_at, event_id, shard, lead_id, at, verb, subject, machine, data) select clock_timestamp(), new_id(5), 5, 325,"
	"  clock_timestamp(), 'asset.download', 'security-guide', false, '{\"utm_source\":\"newsletter\",\"page\":\"/guide\"}' from generate_series(1, 1000))"
	" insert into inbox (shard, lane, lead_id, event_id, received_at, at, machine, verb, subject, data) select 5, 2, 325, new_id(5), clock_timestamp(),"
	"  clock_timestamp(), false, 'asset.download', 'security-guide', '{\"utm_source\":\"newsletter\",\"page\":\"/guide\"}' from generate_series(1, 1000)";

static void measure_raw(const char *name)
{
	char conninfo[256];
	long n = 0;
	PGconn *connection = PQconnectdb(database_conninfo(name, "nurture_owner", conninfo));
	struct cpu before = cpu_now();
	mono_t begin = mono_now();
	for (; mono_now() - begin < 2 * MOMENT_SECOND; n += 1000) {
		PGresult *result = PQexec(connection, raw_sql);
		if (PQresultStatus(result) != PGRES_COMMAND_OK)
			fprintf(stderr, "%s", PQerrorMessage(connection));
		PQclear(result);
	}
	double wall = (double)(mono_now() - begin) / 1e6;
	printf("  %-22s %8.0f/s  CPU: database %5.1f us\n", "raw: key+event+inbox", (double)n / wall, (double)(cpu_now().postgres - before.postgres) / (double)n);
	PQfinish(connection);
	(void)database_ask(name, "truncate inbox");
}

/* ---- what a line costs to read ---- */

static void measure_json(void)
{
	enum { N = 100000 };
	static struct config config;
	static struct worker worker = {.config = &config};
	static struct web web = {.worker = &worker};
	struct arena *arena = arena_new();
	struct error error;
	char body[512];
	web.revision = web_revision_new(&web);
	int64_t begin = cpu_self(), parsed = 0;
	for (int i = 0; i < N; i++) {
		struct intake_event event;
		arena_reset(arena);
		int n = line(body, sizeof body);
		int64_t from = i % 16 ? 0 : mono_now();
		json_t *json = web_json_parse((struct str){body, (size_t)n}, &error);
		if (from)
			parsed += (mono_now() - from) * 16;
		if (!json || web_event_parse(&web, SCOPE_TRACK, json, real_now(), arena, &event, &error) < 0)
			exit(1);
		json_decref(json);
	}
	printf("  a line: JSON %.1f us, with all checks %.1f us (and making it up)\n", (double)parsed / N, (double)(cpu_self() - begin) / N);
	arena_free(arena);
}

static void read_ids(const char *name)
{
	char conninfo[256];
	PGconn *connection = PQconnectdb(database_conninfo(name, "nurture_owner", conninfo));
	PQclear(PQexec(connection, "insert into touch (shard, touch_id, lead_id, channel, kind, template, purpose, state, planned_at, due_at, revision, campaign, step)"
				   " select i.s, (nextval('id_seq') << 6) | i.s, i.lead_id, 'email', 'email', 'thanks', 'marketing', 'sent', now(), now(), 'x', 'c', 's'"
				   " from (select shard as s, lead_id from lead order by lead_id limit 5000) i, generate_series(1, 4); analyze"));
	PGresult *leads = PQexec(connection, "select lead_id from lead order by lead_id limit 5000"), *touches = PQexec(connection, "select touch_id from touch limit 20000");
	PGresult *links = PQexecParams(connection, "select key_id, secret from link_key", 0, NULL, NULL, NULL, NULL, 1);
	lead_count = PQntuples(leads);
	for (int i = 0; i < PQntuples(leads); i++)
		lead_ids[i] = atoll(PQgetvalue(leads, i, 0));
	for (int i = 0; i < TOUCHES; i++)
		touch_ids[i] = atoll(PQgetvalue(touches, i % PQntuples(touches), 0));
	keys_[0].id = 1;
	memcpy(keys_[0].secret, PQgetvalue(links, 0, 1), TOKEN_KEY);
	keys.count = 1;
	PQclear(leads), PQclear(touches), PQclear(links);
	PQfinish(connection);
}

static void make_token(const char *name)
{
	unsigned char digest[HASH_SHA256];
	char hex[HASH_HEX];
	hash_sha256(str_of(token_text), digest);
	(void)database_ask(name, "insert into api_token (hash, name, scope, created_at) values ('\\x%s', 'bench', 'write', now())",
			   hash_hex(digest, sizeof digest, hex));
}

/* The first link key is made by whoever asks first. */
static void on_keys(void *arg, const struct token_keys *found, const struct error *error)
{
	(void)found;
	if (error)
		fprintf(stderr, "%s\n", error->message);
	*(bool *)arg = true;
}

static void make_key(const char *conninfo)
{
	bool done = false;
	struct loop *loop = loop_new();
	struct store *store = store_new(loop, conninfo, "bench");
	store_link_keys(store, on_keys, &done);
	(void)store_wait(loop, &done, 10000000);
	store_free(store);
	loop_free(loop);
}

static void measure_hits(const char *name, pid_t worker, int port, bool clicks)
{
	make_tokens(clicks);
	measure(clicks ? "clicks answered" : "opens answered", worker, port, make_hit, CONNECTIONS, 1, clicks ? "302" : "200");
	mono_t begin = mono_now();
	long before = -1, rows = 0;
	while (rows != before) {
		before = rows;
		usleep(1200000);
		rows = database_count(name, clicks ? "(select from click union all select from event where verb = 'email.click') x" : "event where verb = 'email.open'");
	}
	printf("  %-22s %8ld rows %.1f s later\n", "written", rows, (double)(mono_now() - begin) / 1e6);
}

int main(int argc, char **argv)
{
	char conninfo[256];
	int port;
	if (argc >= 5) {
		snprintf(token_text, sizeof token_text, "%s", argv[2]);
		prefix = argc > 5 ? argv[5] : "n";
		people = argc > 6 ? atol(argv[6]) : 0;
		long done = drive(atoi(argv[1]), make_download, CONNECTIONS, atoi(argv[3]), atof(argv[4]), "202");
		printf("%.0f/s, CPU of this client %.1f us each\n", (double)done / atof(argv[4]), (double)cpu_self() / (double)(done ? done : 1));
		return 0;
	}
	bool singles = argc >= 2 && strcmp(argv[1], "singles") == 0;
	if (singles && argc >= 3)
		seconds_each = atof(argv[2]);
	if (singles && argc >= 4 && atoi(argv[3]) > 0 && atoi(argv[3]) <= CONNECTIONS)
		connections_singles = atoi(argv[3]);
	database_begin(true);
	const char *name = database_new();
	database_conninfo(name, "nurture_runtime", conninfo);
	database_name = name;
	make_token(name);
	make_key(conninfo);
	texts = mem_array(TOUCHES, sizeof *texts);
	pid_t worker = start_worker(conninfo, &port);
	usleep(5500000); /* for five seconds a worker that has no playbook asks for one every 10 ms (web.c) */
	printf("web_events: %d connections, one event a request unless said\n", CONNECTIONS);
	measure_raw(name);
	while (number < LEADS)                      /* the leads come to be */
		drive(port, make_heap, 1, 0, 0.05, "202");
	double all = measure("single events", worker, port, make_single, connections_singles, 1, "202");
	if (singles)
		goto out;
	all = measure("NDJSON, 1,000 lines", worker, port, make_heap, 4, LINES, "202");
	read_ids(name);
	with_names = false;
	double nameless = measure("  by lead's id", worker, port, make_heap, 4, LINES, "202");
	with_keys = false;
	double keyless = measure("  and without keys", worker, port, make_heap, 4, LINES, "202");
	with_names = with_keys = true;
	measure_json();
	printf("  shares of an NDJSON line: names %.1f us, keys %.1f us, all else %.1f us\n", all - nameless, nameless - keyless, keyless);
	(void)database_ask(name, "truncate inbox");
	measure_hits(name, worker, port, false);
	measure_hits(name, worker, port, true);
out:
	kill(worker, SIGKILL);
	waitpid(worker, NULL, 0);
	return 0;
}

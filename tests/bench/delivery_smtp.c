/* delivery_smtp [TOUCHES [CONNECTIONS [SOURCE [statements|parts|grow]]]]: messages a second through the whole e-mail channel (claims, gate, template, permission, SMTP, outcomes
 * and events for the turns; private PostgreSQL, fsync on, settings of the server's own one), beside the limit that it chases: postfix's smtp-source with SOURCE
 * connections to the same smtp-sink, in the same run, before and after. Multipart messages of 10 KB, 15 variables, ten signed links. CPU a message by
 * process: on two processors these sums, not the waiting, decide. `statements`: where PostgreSQL's time goes, one by one (costs some of it); `parts`: where ours goes
 * (costs some of it, too); `grow`: our memory as it goes, for up to a million. */
#include "../unit/database.h"

#include "bench/cpu.h"
#include "bench/memory.h"
#include "bench/parts.h"

#include "base/log.h"
#include "base/metrics.h"
#include "delivery/delivery.h"
#include "delivery/parts.h"

#include <arpa/inet.h>
#include <libgen.h>
#include <sys/resource.h>
#include <sys/socket.h>

#define SINK "/usr/sbin/smtp-sink"
#define SOURCE "/usr/sbin/smtp-source"
#define SERVER_OPTIONS "-c shared_buffers=256MB -c min_wal_size=512MB -c max_wal_size=2GB -c wal_compression=lz4 -c random_page_cost=1.1 -c autovacuum_naptime=15s" /* store/cluster.c */

static char name[32];
static int touches = 10000, connections = 50, sessions_of_source = 20, port;
static bool statements, by_parts, grow;

static const char playbook[] = "playbook \"bench\" { title = \"Bench\", time_zone = \"UTC\", language = \"en\", postal_address = \"1 Road, Town\" }\n"
			       "consent \"email\" { purpose = \"marketing\", default = \"opt-out\", unknown = \"opt-out\" }\n"
			       "campaign \"drip\" { title = \"Drip\", enter = \"by hand\", step \"one\" { email \"hello\" { hours = \"any\" } } }\n";

struct figures {
	double per_second, cpu_us;
};

/* ---- processes ---- */

static double cpu_used(const struct rusage *usage)
{
	return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1e6 + (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec);
}

static pid_t start(const char *const argv[])
{
	pid_t pid = fork();
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr))
		_exit(127);
	execv(argv[0], (char *const *)argv);
	_exit(127);
}

/* CPU of PostgreSQL by what it is asked for: the channel has a connection for each. */
struct shares {
	double claims, permissions, outcomes, all; /* us */
	long commits;
};

static double cpu_of_connection(const char *application)
{
	const char *pid = database_ask(name, "select pid from pg_stat_activity where application_name = 'delivery.%s'", application);
	return *pid ? (double)cpu_of(pid) : 0;
}

static struct shares shares_now(void)
{
	return (struct shares){
		cpu_of_connection("reads"), cpu_of_connection("asks"), cpu_of_connection("writes"), (double)cpu_postgres(),
		atol(database_ask(name, "select xact_commit from pg_stat_database where datname = current_database()"))};
}

static struct figures run_source(int messages)
{
	char count[16], sessions[16], server[32];
	struct rusage usage;
	int status;
	snprintf(count, sizeof count, "%d", messages);
	snprintf(sessions, sizeof sessions, "%d", sessions_of_source);
	snprintf(server, sizeof server, "127.0.0.1:%d", port);
	const char *const argv[] = {SOURCE, "-d", "-s", sessions, "-m", count, "-l", "10240", "-f", "a@example.com", "-t", "b@example.com", server, NULL};
	mono_t begun = mono_now();
	if (wait4(start(argv), &status, 0, &usage) < 0 || status != 0)
		database_fail("smtp-source failed");
	return (struct figures){messages * 1e6 / (double)(mono_now() - begun), cpu_used(&usage) / messages};
}

static int free_port(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t n = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, n) || getsockname(fd, (struct sockaddr *)&at, &n))
		database_fail("no port is free");
	close(fd);
	return ntohs(at.sin_port);
}

static pid_t start_sink(void)
{
	char at[32];
	port = free_port();
	snprintf(at, sizeof at, "127.0.0.1:%d", port);
	const char *const as_root[] = {SINK, "-u", "postfix", at, "1000", NULL}, *const plain[] = {SINK, at, "1000", NULL};
	pid_t pid = start(geteuid() ? plain : as_root);
	usleep(300000);
	return pid;
}

/* ---- the channel ---- */

/* What the issue of e-mail asks for: 15 variables, ten links (each signed for its lead), 10 KB in all (10,240 octets, as smtp-source is told), as text and HTML. */
static void put_template(struct buf *out)
{
	static const char *const variables[] = {
		"lead.first_name", "lead.last_name | default: \"friend\"", "lead.company | default: \"your company\"", "lead.email", "lead.title | default: \"colleague\"",
		"lead.role | default: \"user\"", "lead.city | default: \"your town\"", "lead.source | default: \"the web\"", "lead.phone | default: \"no number\"",
		"lead.region | default: \"here\""};
	buf_puts(out, "---\nsubject: Hello {{ lead.first_name | default: \"you\" }}, ten things to know\n---\n"
		      "Hello {{ lead.email }} in {{ lead.country }}, {{ lead.language | default: \"en\" }},\n\n");
	for (int i = 0; i < 10; i++)
		buf_printf(out, "**Thing %d.** Companies tell {{ %s }} of *audits* that take days; they wrote down how they did it. "
				"[How number %d did it](https://www.example.com/library/case-%d).\n\n", i, variables[i], i, i);
	buf_puts(out, "{% if lead.country == \"US\" %}Come and see us.{% endif %}\n");
}

static void fill(void)
{
	struct buf hello = {0};
	put_template(&hello);
	database_ask(name, "insert into revision values ('r', now(), 'bench', '', 'bench')");
	database_ask(name, "insert into revision_file values ('r', 'playbook.lua', convert_to($lua$%s$lua$, 'UTF8')), "
			   "('r', 'templates/email/hello.md', convert_to($lua$%.*s$lua$, 'UTF8'))", playbook, (int)hello.n, hello.p);
	buf_fini(&hello);
	database_ask(name, "insert into activation values (1, 'r', now(), 'bench', '')");
	database_ask(name, "insert into lead (shard, lead_id, created_at, updated_at, email, first_name, country) select n & 63, ((100000 + n)::int8 << 6) | (n & 63), "
			   "now(), now(), 'lead' || n || '@company' || n %% 500 || '.example', 'Jane', 'US' from generate_series(1, %d) n", touches);
	database_ask(name, "insert into touch (shard, touch_id, lead_id, enrollment_id, campaign, step, pass, channel, kind, template, purpose, state, planned_at, due_at, any_hours, revision) "
			   "select shard, new_id(shard), lead_id, new_id(shard), 'drip', 'one', 1, 'email', 'email', 'hello', 'marketing', 'planned', now(), now(), true, 'r' from lead");
	database_ask(name, "vacuum analyze");
	if (statements)
		database_ask(name, "create extension pg_stat_statements");
}

static struct config_channel channel = {.name = "email", .plugin = "email", .in_doubt = "hold"};
static struct config config = {.public_url = "https://go.example.com", .postal_address = "1 Road, Town", .channels = &channel, .channel_count = 1};

static void on_drained(void *arg)
{
	*(bool *)arg = true;
}

/* Where PostgreSQL's time goes: statement by statement, as it measures itself (pg_stat_statements: no CPU time, but the time that it ran; without commits). */
static void print_statements(double messages)
{
	printf("  PostgreSQL, us a message (calls; WAL octets a message):\n%s", database_ask(name, "select string_agg(format(E'    %%6s  %%s (%%s; %%s)\n', "
		"round((total_exec_time * 1000 / %f)::numeric, 1), left(regexp_replace(regexp_replace(query, '/[*].*[*]/', ''), '\\s+', ' ', 'g'), 90), calls, "
		"round(wal_bytes / %f::numeric)), '' order by total_exec_time desc) from (select * from pg_stat_statements where dbid = "
		"(select oid from pg_database where datname = current_database()) order by total_exec_time desc limit 18) s", messages, messages));
}

static struct figures run_channel(struct shares *spent)
{
	char conninfo[256];
	struct error error = {0};
	struct worker worker = {.loop = loop_new(), .config = &config, .channel = &channel, .time_scale = 1, .metrics = metrics_new_shared(), .owner = "delivery"};
	worker.conninfo = database_conninfo(name, "nurture_runtime", conninfo);
	void *delivery = delivery_role.start(&worker, &error);
	if (!delivery)
		database_fail(error.message);
	mono_t first = 0, limit = mono_now() + (grow ? 3600 : 120) * MOMENT_SECOND;
	int64_t begun = 0, sent = 0, before = 0;
	struct shares from = {0};
	while (sent < touches && mono_now() < limit) {
		loop_once(worker.loop, 1000);
		sent = metrics_get(worker.metrics, METRIC_TOUCHES_SENT);
		if (grow)
			print_memory((long)sent, touches);
		if (sent && !first) {
			if (by_parts)
				parts_begin();
			from = shares_now();
			first = mono_now(), begun = sent;
			before = cpu_self();
		}
	}
	mono_t last = mono_now();
	double n = (double)(sent - begun), self_us = (double)(cpu_self() - before) / n;
	struct shares to = shares_now();
	*spent = (struct shares){(to.claims - from.claims) / n, (to.permissions - from.permissions) / n, (to.outcomes - from.outcomes) / n,
				(to.all - from.all) / n, to.commits - from.commits};
	if (by_parts)
		parts_print(n);
	if (statements)
		print_statements((double)sent);
	bool drained = false;
	delivery_role.drain(delivery, on_drained, &drained);
	store_wait(worker.loop, &drained, 20 * MOMENT_SECOND);
	delivery_role.stop(delivery);
	loop_free(worker.loop);
	metrics_free(worker.metrics);
	if (database_count(name, "touch where state = 'sent'") != touches)
		database_fail("not all touches were sent");
	return (struct figures){n * 1e6 / (double)(last - first), self_us};
}

/* What signing ten links costs a message. */
static double sign_us(void)
{
	enum { LINKS = 10, MAILS = 10000 };
	struct token_key key = {.id = 1};
	struct token_keys keys = {&key, 1};
	static char room[LINKS][TOKEN_LINK_TEXT];
	struct str urls[LINKS];
	char *texts[LINKS];
	for (int i = 0; i < LINKS; i++)
		urls[i] = STR("https://www.example.com/library/case-1"), texts[i] = room[i];
	mono_t begun = mono_now();
	for (int i = 0; i < MAILS; i++)
		token_links_write(&keys, &(struct token){.purpose = TOKEN_CLICK, .touch_id = i, .lead_id = i}, urls, LINKS, texts);
	return (double)(mono_now() - begun) / MAILS;
}

/* Row versions written a message, and how many of them touched no index. */
static void print_rows(void)
{
	static const char *const tables[] = {"touch", "attempt", "event_rest", "inbox"};
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
		printf("  %-10s %s\n", tables[i], database_ask(name, "select format('%%s made, %%s changed, %%s of them beside their indexes, %%s index reads', n_tup_ins, "
			"n_tup_upd, n_tup_hot_upd, idx_scan) from pg_stat_user_tables where relname = '%s'", tables[i]));
}

static void print(const char *what, struct figures f)
{
	printf("  %-24s %8.0f messages/s  %6.1f us CPU a message\n", what, f.per_second, f.cpu_us);
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0); /* children must not inherit half a buffer */
	struct shares spent = {0};
	if (argc > 1)
		touches = atoi(argv[1]);
	if (argc > 2)
		connections = atoi(argv[2]);
	if (argc > 3)
		sessions_of_source = atoi(argv[3]);
	statements = argc > 4 && strcmp(argv[4], "statements") == 0;
	by_parts = argc > 4 && strcmp(argv[4], "parts") == 0;
	grow = argc > 4 && strcmp(argv[4], "grow") == 0;
	if (touches < 1000 || touches > (grow ? 1000000 : 100000) || connections < 1 || connections > 1000 || sessions_of_source < 1 || sessions_of_source > 1000) {
		fprintf(stderr, "delivery_smtp [TOUCHES, 1000 to 100000 [CONNECTIONS, 1 to 1000 [SOURCE, 1 to 1000 [statements|parts|grow]]]]\n");
		return 2;
	}
	if (access(SINK, X_OK) || access(SOURCE, X_OK)) {
		printf("smtp-sink and smtp-source are not installed (Debian package postfix)\n");
		return 0;
	}
	char *self = realpath("/proc/self/exe", NULL), plugins[4200], relay[64];
	snprintf(plugins, sizeof plugins, "%s/../plugins", dirname(self));
	config.plugin_dir = plugins;
	log_set_level(LOG_LEVEL_WARN);
	database.options = statements ? SERVER_OPTIONS " -c shared_preload_libraries=pg_stat_statements" : SERVER_OPTIONS;
	database_begin(true);
	config.data_dir = database.folder;
	pid_t sink = start_sink();
	snprintf(relay, sizeof relay, "smtp://127.0.0.1:%d", port);
	channel.settings = json_pack("{s:s, s:s, s:i, s:s}", "relay", relay, "from", "Nurture <hello@example.com>", "connections", connections, "tls", "none");
	channel.says = json_pack("{s:s, s:s, s:[s, s, s, s]}", "kind", "email", "body", "markdown", "template_fields", "!subject", "from", "reply_to", "preheader");
	snprintf(name, sizeof name, "%s", database_new());
	fill();
	struct figures source = run_source(touches);
	char sink_pid[16];
	snprintf(sink_pid, sizeof sink_pid, "%d", (int)sink);
	double sink_us = (double)cpu_of(sink_pid) / touches;
	struct figures ours = run_channel(&spent);
	double sink_ours = (double)cpu_of(sink_pid) / touches - sink_us;
	struct figures again = run_source(touches);
	double limit = (source.per_second + again.per_second) / 2;
	printf("%d messages of 10 KB, %d connections (smtp-source: %d), fsync on\n", touches, connections, sessions_of_source);
	print("smtp-source, before", source);
	print("smtp-source, after", again);
	print("the e-mail channel", ours);
	printf("  %-24s %8.2f of smtp-source\n", "ratio", ours.per_second / limit);
	printf("  beside it, a message: PostgreSQL %.1f us (claims %.1f, permissions %.1f, outcomes %.1f), %ld commits; smtp-sink %.1f us (%.1f with smtp-source)\n", spent.all,
	       spent.claims, spent.permissions, spent.outcomes, spent.commits, sink_ours, sink_us);
	print_rows();
	printf("  signing ten links would cost %.1f us\n", sign_us());
	kill(sink, SIGTERM);
	waitpid(sink, NULL, 0);
	free(self);
	return 0;
}

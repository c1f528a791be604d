/* Events acknowledged a second with 64 requests at once, beside the raw limits of the same database: one row a commit, and 1,000 rows a
 * commit in one pipeline. A private PostgreSQL with fsync on. */
#include "store/intake.h"

#include "unit/database.h"

#include "bench/cpu.h"

enum { AT_ONCE_MOST = 1000, LEADS = 5000, SECONDS = 4 };

static int at_once = 64;

static struct loop *loop;
static struct store *store;
static long taken, number;
static int64_t waited_us, worst_us;
static mono_t end_at;
static int open_requests;

struct request {
	struct intake intake;
	struct intake_event event;
	char email[40], key[40];
	mono_t begun;
};

static void again(struct request *r);

static void on_taken(void *arg, const struct error *error)
{
	struct request *r = arg;
	int64_t us = mono_now() - r->begun;
	if (error) {
		fprintf(stderr, "%s\n", error->message);
		exit(1);
	}
	waited_us += us;
	worst_us = us > worst_us ? us : worst_us;
	taken++;
	open_requests--;
	if (mono_now() < end_at)
		again(r);
}

static void again(struct request *r)
{
	snprintf(r->email, sizeof r->email, "p%ld@example.com", number % LEADS);
	snprintf(r->key, sizeof r->key, "key-%ld", number++);
	r->event = (struct intake_event){.email = str_of(r->email), .verb = STR("asset.download"), .subject = STR("security-guide"), .key = str_of(r->key),
					 .data = STR("{\"utm_source\": \"newsletter\", \"page\": \"/guide\"}"), .create = true};
	r->begun = mono_now();
	r->intake = (struct intake){.events = &r->event, .event_count = 1, .now = real_now(), .fn = on_taken, .arg = r};
	open_requests++;
	store_intake(store, &r->intake);
}

static void run_intake(int seconds)
{
	static struct request requests[AT_ONCE_MOST];
	taken = waited_us = worst_us = 0;
	end_at = mono_now() + seconds * MOMENT_SECOND;
	for (int i = 0; i < at_once; i++)
		again(&requests[i]);
	while (open_requests)
		loop_once(loop, 100000);
}

static const char raw_sql[] = "insert into raw_event values (clock_timestamp(), $1::bigint, 5, 325, clock_timestamp(), 'asset.download', 'security-guide', null,"
			      " false, '{\"utm_source\": \"newsletter\", \"page\": \"/guide\"}')";

static PGconn *raw_begin(const char *name)
{
	char conninfo[256];
	PGconn *connection = PQconnectdb(database_conninfo(name, "nurture_owner", conninfo));
	PQclear(PQexec(connection, "create table if not exists raw_event (like event including defaults)"));
	PQclear(PQprepare(connection, "raw", raw_sql, 0, NULL));
	return connection;
}

static const char *raw_id(long n, char text[24])
{
	snprintf(text, 24, "%ld", n);
	return text;
}

static double single_commits(PGconn *connection)
{
	long n = 0;
	char text[24];
	mono_t begin = mono_now();
	for (; mono_now() - begin < 2 * MOMENT_SECOND; n++) {
		const char *values[] = {raw_id(n, text)};
		PQclear(PQexecPrepared(connection, "raw", 1, values, NULL, NULL, 0));
	}
	return (double)n * 1e6 / (double)(mono_now() - begin);
}

static double pipelined(PGconn *connection)
{
	long n = 0;
	char text[24];
	mono_t begin = mono_now();
	PQenterPipelineMode(connection);
	while (mono_now() - begin < 2 * MOMENT_SECOND) {
		for (int i = 0; i < 1000; i++, n++) {
			const char *values[] = {raw_id(n, text)};
			PQsendQueryPrepared(connection, "raw", 1, values, NULL, NULL, 0);
		}
		PQpipelineSync(connection);
		for (PGresult *result = NULL;; PQclear(result)) {
			result = PQgetResult(connection);
			if (PQresultStatus(result) == PGRES_PIPELINE_SYNC) {
				PQclear(result);
				break;
			}
		}
	}
	return (double)n * 1e6 / (double)(mono_now() - begin);
}

int main(int argc, char **argv)
{
	if (argc > 1 && atoi(argv[1]) > 0 && atoi(argv[1]) <= AT_ONCE_MOST)
		at_once = atoi(argv[1]);
	char conninfo[256];
	database_begin(true);
	const char *name = database_new();
	loop = loop_new();
	store = store_new(loop, database_conninfo(name, "nurture_runtime", conninfo), "bench");
	run_intake(1); /* the leads come to be */
	struct cpu begun = cpu_now();
	run_intake(SECONDS);
	struct cpu spent = cpu_now();
	printf("store_intake: %d requests at once, one event each, keys checked, inbox written\n", at_once);
	printf("  acknowledged     %8.0f events/s, %.2f ms each, worst %.1f ms\n", (double)taken / SECONDS, (double)waited_us / (double)taken / 1000,
	       (double)worst_us / 1000);
	printf("  CPU an event       %5.1f us here, %5.1f us PostgreSQL\n", (double)(spent.self - begun.self) / (double)taken,
	       (double)(spent.postgres - begun.postgres) / (double)taken);
	if (argc > 2)
		return 0;
	PGconn *raw = raw_begin(name);
	printf("  raw, row a commit %7.0f rows/s (one table, one connection)\n", single_commits(raw));
	printf("  raw, 1,000 a commit %5.0f rows/s (one table, one pipeline)\n", pipelined(raw));
	PQfinish(raw);
	store_free(store);
	loop_free(loop);
	return 0;
}

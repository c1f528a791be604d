/* store_bulk [LEADS]: groups of an import's rows, by address alone and with the number of another system, beside the raw limit: COPY of the same rows into the same tables with all their indexes, a
 * group a transaction, fsync on. CPU by part: on a machine that others use too it is the figure that stays. */
#include "store/admin.h"
#include "store/bulk.h"

#include "unit/database.h"
#include "bench/cpu.h"

#include "base/buf.h"
#include "base/hash.h"


enum { GROUP = 5000, FLYING = 2 };

static struct loop *loop;
static struct store *store;
static const char *name;
static int leads = 200000;

struct group {
	struct bulk bulk;
	struct bulk_row rows[GROUP];
	char emails[GROUP][48], ids[GROUP][24], data[GROUP][250];
	bool done;
	struct error error;
};
static struct group groups[FLYING];

/* Names in no order, as files bring them. */
static void make_row(struct group *g, int i, int number, bool ids)
{
	snprintf(g->emails[i], sizeof g->emails[i], "%08x.%d@company%d.example", (unsigned)number * 2654435761u, number, number % 5000);
	snprintf(g->data[i], sizeof g->data[i], "{\"set\":{\"first_name\":\"Ann%d\",\"last_name\":\"Example\",\"company\":\"Company %d\",\"country\":\"DE\"}}", number,
		 number % 5000);
	g->rows[i] = (struct bulk_row){.email = str_of(g->emails[i]), .data = str_of(g->data[i])};
	if (!ids)
		return;
	snprintf(g->ids[i], sizeof g->ids[i], "crm:%08x%d", (unsigned)number * 2246822519u, number);
	snprintf(g->data[i], sizeof g->data[i],
		 "{\"set\":{\"external_id\":\"%s\",\"first_name\":\"Ann%d\",\"last_name\":\"Example\",\"company\":\"Company %d\",\"country\":\"DE\"}}",
		 g->ids[i], number, number % 5000);
	g->rows[i].external_id = str_of(g->ids[i]);
	g->rows[i].data = str_of(g->data[i]);
}

static void on_group(void *arg, const struct error *error)
{
	struct group *g = arg;
	g->done = true;
	if (error)
		database_fail(error->message);
}

static int64_t job(const char *owner)
{
	return atol(database_ask(name, "insert into job (kind, arguments, state, owner, created_at) values ('import', '{}', 'running', '%s', now()) returning job_id", owner));
}

static void run_bulk(int from, int64_t job_id, bool ids)
{
	for (int i = 0; i < FLYING; i++)
		groups[i].done = true;
	for (int n = 0; n * GROUP < leads; n++) {
		struct group *g = &groups[n % FLYING];
		store_wait(loop, &g->done, 60 * MOMENT_SECOND);
		for (int i = 0; i < GROUP; i++)
			make_row(g, i, from + n * GROUP + i, ids);
		g->done = false;
		g->bulk = (struct bulk){.rows = g->rows, .count = GROUP, .job_id = job_id, .owner = "bench", .first = n * GROUP + 1, .span = GROUP, .now = real_now(),
					.fn = on_group, .arg = g};
		store_bulk(store, &g->bulk);
		loop_once(loop, 0);
	}
	for (int i = 0; i < FLYING; i++)
		store_wait(loop, &groups[i].done, 60 * MOMENT_SECOND);
}

/* ---- the raw limit ---- */

static void put_int(struct buf *out, int64_t v, int bytes)
{
	for (int i = bytes - 1; i >= 0; i--)
		buf_putc(out, (char)(v >> (8 * i)));
}

static void put_number(struct buf *out, int64_t v, int bytes)
{
	put_int(out, bytes, 4);
	put_int(out, v, bytes);
}

static void put_text(struct buf *out, const char *s)
{
	put_int(out, (int64_t)strlen(s), 4);
	buf_puts(out, s);
}

static void put_json(struct buf *out, const char *s)
{
	put_int(out, (int64_t)strlen(s) + 1, 4);
	buf_putc(out, 1);
	buf_puts(out, s);
}

static void put_row(struct buf out[4], const struct group *g, int i, int64_t number, int64_t now)
{
	int64_t shard = (int64_t)(hash_stable(g->rows[i].email) % SHARD_COUNT), id = (INT64_C(1) << 40 | number) << 6 | shard;
	put_int(&out[0], 5, 2);
	put_number(&out[0], shard, 2), put_number(&out[0], id, 8), put_number(&out[0], now, 8), put_number(&out[0], now, 8), put_text(&out[0], g->emails[i]);
	put_int(&out[1], 5, 2);
	put_text(&out[1], "email"), put_text(&out[1], g->emails[i]), put_number(&out[1], shard, 2), put_number(&out[1], id, 8), put_number(&out[1], now, 8);
	put_int(&out[2], 8, 2);
	put_number(&out[2], now, 8), put_number(&out[2], id, 8), put_number(&out[2], shard, 2), put_number(&out[2], id, 8), put_number(&out[2], now, 8);
	put_text(&out[2], "lead.create"), put_text(&out[2], "import"), put_json(&out[2], g->data[i]);
	put_int(&out[3], 5, 2);
	put_number(&out[3], shard, 2), put_number(&out[3], 2, 2), put_number(&out[3], id, 8), put_number(&out[3], id, 8), put_number(&out[3], now, 8);
}

static void copy(PGconn *connection, const char *sql, const struct buf *rows)
{
	static const char head[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0";
	PQclear(PQexec(connection, sql));
	PQputCopyData(connection, head, 19);
	PQputCopyData(connection, rows->p, (int)rows->n);
	PQputCopyData(connection, "\377\377", 2);
	PQputCopyEnd(connection, NULL);
	for (PGresult *result = NULL; (result = PQgetResult(connection)) != NULL; PQclear(result))
		if (PQresultStatus(result) != PGRES_COMMAND_OK)
			database_fail(PQerrorMessage(connection));
}

static void run_raw(int from)
{
	static const char *const tables[] = {"copy lead (shard, lead_id, created_at, updated_at, email) from stdin binary",
		"copy identity (kind, value, shard, lead_id, created_at) from stdin binary",
		"copy event (received_at, event_id, shard, lead_id, at, verb, subject, data) from stdin binary",
		"copy inbox (shard, lane, lead_id, event_id, received_at) from stdin binary"};
	char conninfo[256];
	PGconn *connection = PQconnectdb(database_conninfo(name, "nurture_runtime", conninfo));
	struct buf out[4] = {{0}};
	for (int n = 0; n * GROUP < leads; n++) {
		int64_t now = real_now() - INT64_C(946684800) * MOMENT_SECOND;
		for (int i = 0; i < GROUP; i++) {
			make_row(&groups[0], i, from + n * GROUP + i, false);
			put_row(out, &groups[0], i, from + n * GROUP + i, now);
		}
		PQclear(PQexec(connection, "begin"));
		for (int i = 0; i < 4; i++) {
			copy(connection, tables[i], &out[i]);
			buf_clear(&out[i]);
		}
		PQclear(PQexec(connection, "commit"));
	}
	PQfinish(connection);
	for (int i = 0; i < 4; i++)
		buf_fini(&out[i]);
}

/* ---- figures ---- */

static void show(const char *what, mono_t begun, struct cpu from)
{
	struct cpu to = cpu_now();
	double n = leads, self = (double)(to.self - from.self) / n, postgres = (double)(to.postgres - from.postgres) / n;
	printf("  %-32s %7.0f leads/s; CPU a lead: here %4.1f us, PostgreSQL %5.1f us; two cores: %.0f leads/s\n", what, n * 1e6 / (double)(mono_now() - begun), self,
	       postgres, 2e6 / (self + postgres));
	fflush(stdout);
}

int main(int argc, char **argv)
{
	char conninfo[256];
	if (argc > 1)
		leads = atoi(argv[1]);
	if (leads < GROUP || leads % GROUP) {
		fprintf(stderr, "store_bulk [LEADS, a multiple of %d]\n", GROUP);
		return 2;
	}
	database_begin(true);
	name = database_new();
	loop = loop_new();
	store = store_new(loop, database_conninfo(name, "nurture_runtime", conninfo), "bench");
	printf("store_bulk: %d leads in groups of %d, one connection, fsync on\n", leads, GROUP);
	struct cpu cpu = cpu_now();
	mono_t begun = mono_now();
	run_bulk(0, job("bench"), false);
	show("new leads", begun, cpu);
	cpu = cpu_now(), begun = mono_now();
	run_bulk(0, job("bench"), false);
	show("the same ones again", begun, cpu);
	cpu = cpu_now(), begun = mono_now();
	run_bulk(leads, job("bench"), true);
	show("new leads with external ids", begun, cpu);
	cpu = cpu_now(), begun = mono_now();
	run_bulk(leads, job("bench"), true);
	show("the same ones again", begun, cpu);
	cpu = cpu_now(), begun = mono_now();
	run_raw(2 * leads);
	show("raw: COPY into the same tables", begun, cpu);
	store_free(store);
	loop_free(loop);
	return 0;
}

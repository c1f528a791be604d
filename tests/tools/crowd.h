/* A crowd of leads, the same for the same seed: with accounts, packed histories and, if asked, their events and names. For benches
 * and for trying things out at size: tests/tools/crowd.c is the program. Binary COPY in chunks, on a database with all migrations and no leads.
 *
 * Lead n has the id (n << 6) | (n & 63), the address lead-n@company-m.example (thirty leads a company), a role, a country, a source, and the
 * sample playbook's need, timing and budget; its events lie in the last 540 days before `now`, oldest first. */
#ifndef NURTURE_TESTS_CROWD_H
#define NURTURE_TESTS_CROWD_H

#include "base/buf.h"
#include "model/history.h"

#include <endian.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct crowd {
	PGconn *connection;
	int64_t leads, events;    /* events of each lead, at most HISTORY_EXACT */
	uint64_t seed;
	moment_t now;
	bool rows;                /* rows of table event and names in table identity, too: most of the time and the space */
};

enum { CROWD_CHUNK = 20000, CROWD_FIRST = 100000, CROWD_COMPANY = 30 };

/* splitmix64 (Steele, Lea, Flood 2014), of place and seed: a lead is the same whatever was made before it. */
static inline uint64_t crowd_random(const struct crowd *crowd, int64_t lead, int64_t what)
{
	uint64_t z = crowd->seed + (uint64_t)lead * 0x9e3779b97f4a7c15u + (uint64_t)what * 0xd1b54a32d192ed03u;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static inline int64_t crowd_id(int64_t n)
{
	n += CROWD_FIRST;
	return n << 6 | (n & 63);
}

static inline int64_t crowd_account(int64_t n)
{
	int64_t m = CROWD_FIRST / 2 + n / CROWD_COMPANY;
	return m << 6 | (m & 63);
}

static inline void crowd_fail(const struct crowd *crowd)
{
	fprintf(stderr, "crowd: %s", PQerrorMessage(crowd->connection));
	exit(1);
}

static inline void crowd_sql(const struct crowd *crowd, const char *sql)
{
	PGresult *result = PQexec(crowd->connection, sql);
	ExecStatusType status = PQresultStatus(result);
	PQclear(result);
	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_COPY_IN)
		crowd_fail(crowd);
}

/* ---- COPY's binary format (PostgreSQL manual, COPY) ---- */

static inline void put16(struct buf *out, int v)
{
	uint16_t be = htobe16((uint16_t)v);
	buf_put(out, (const char *)&be, 2);
}
static inline void put_bytes(struct buf *out, const void *p, size_t n)
{
	uint32_t be = htobe32((uint32_t)n);
	buf_put(out, (const char *)&be, 4);
	buf_put(out, p, n);
}
static inline void put_int8(struct buf *out, int64_t v)
{
	uint64_t be = htobe64((uint64_t)v);
	put_bytes(out, &be, 8);
}
static inline void put_int2(struct buf *out, int v)
{
	uint16_t be = htobe16((uint16_t)v);
	put_bytes(out, &be, 2);
}
static inline void put_time(struct buf *out, moment_t at)
{
	put_int8(out, at - INT64_C(946684800) * MOMENT_SECOND); /* since 2000-01-01 */
}
static inline void put_text(struct buf *out, const char *text)
{
	put_bytes(out, text, strlen(text));
}
static inline void put_bool(struct buf *out, bool v)
{
	put_bytes(out, v ? "\1" : "\0", 1);
}
static inline void put_json(struct buf *out, const char *text)
{
	char whole[256];
	put_bytes(out, whole, (size_t)snprintf(whole, sizeof whole, "\1%s", text));
}
static inline void put_null(struct buf *out)
{
	buf_put(out, "\xff\xff\xff\xff", 4);
}

static inline void crowd_begin(struct buf *out)
{
	static const char head[19] = "PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0";
	buf_clear(out);
	buf_put(out, head, sizeof head);
}

static inline void crowd_send(const struct crowd *crowd, const char *copy, struct buf *out)
{
	crowd_sql(crowd, copy);
	put16(out, -1);
	struct str all = buf_str(out);
	if (PQputCopyData(crowd->connection, all.p, (int)all.n) != 1 || PQputCopyEnd(crowd->connection, NULL) != 1)
		crowd_fail(crowd);
	PGresult *result = PQgetResult(crowd->connection);
	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		crowd_fail(crowd);
	PQclear(result);
	PQclear(PQgetResult(crowd->connection));
}

/* ---- who they are ---- */

static inline const char *crowd_one(const struct crowd *crowd, int64_t lead, int what, const char *const *list, size_t count)
{
	return list[crowd_random(crowd, lead, what) % count];
}
#define CROWD_ONE(crowd, lead, what, ...) \
	crowd_one(crowd, lead, what, (const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static inline void crowd_accounts(const struct crowd *crowd, struct buf *out, int64_t from, int64_t to)
{
	char text[64];
	crowd_begin(out);
	for (int64_t n = from; n < to; n += CROWD_COMPANY) {
		put16(out, 8);
		put_int2(out, (int)(crowd_account(n) & 63));
		put_int8(out, crowd_account(n));
		put_time(out, crowd->now - 600 * MOMENT_DAY);
		put_time(out, crowd->now - 600 * MOMENT_DAY);
		snprintf(text, sizeof text, "Company %lld", (long long)(n / CROWD_COMPANY));
		put_text(out, text);
		snprintf(text, sizeof text, "company-%lld.example", (long long)(n / CROWD_COMPANY));
		put_text(out, text);
		put_text(out, CROWD_ONE(crowd, n / CROWD_COMPANY, -1, "US", "DE", "FR", "GB", "AT", "NL"));
		snprintf(text, sizeof text, "{\"industry\": \"%s\", \"employees\": %d}", CROWD_ONE(crowd, n / CROWD_COMPANY, -2, "finance", "health", "public", "other"),
			 (int)(crowd_random(crowd, n / CROWD_COMPANY, -3) % 5000));
		put_json(out, text);
	}
	crowd_send(crowd, "copy account (shard, account_id, created_at, updated_at, name, domain, country, fields) from stdin (format binary)", out);
}

static inline void crowd_lead(const struct crowd *crowd, struct buf *out, int64_t n)
{
	char text[128];
	put16(out, 14);
	put_int2(out, (int)(crowd_id(n) & 63));
	put_int8(out, crowd_id(n));
	put_time(out, crowd->now - 600 * MOMENT_DAY);
	put_time(out, crowd->now - 600 * MOMENT_DAY);
	snprintf(text, sizeof text, "lead-%lld@company-%lld.example", (long long)n, (long long)(n / CROWD_COMPANY));
	put_text(out, text);
	put_text(out, CROWD_ONE(crowd, n, 1, "Anna", "Bert", "Carla", "David", "Emma", "Felix"));
	put_text(out, CROWD_ONE(crowd, n, 2, "Abel", "Baker", "Conrad", "Dorn", "Ernst", "Fischer"));
	put_text(out, CROWD_ONE(crowd, n, 3, "researcher", "champion", "influencer", "executive", "user", "purchaser"));
	snprintf(text, sizeof text, "Company %lld", (long long)(n / CROWD_COMPANY));
	put_text(out, text);
	put_text(out, CROWD_ONE(crowd, n, 4, "referral", "web", "seminar", "advertisement", "list"));
	put_text(out, CROWD_ONE(crowd, n, 5, "US", "DE", "FR", "GB", "AT", "NL"));
	snprintf(text, sizeof text, "{\"need\": \"%s\", \"timing\": \"%s\", \"budget\": \"%s\"}", CROWD_ONE(crowd, n, 6, "critical", "planned", "curious"),
		 CROWD_ONE(crowd, n, 7, "now", "six_months", "later"), CROWD_ONE(crowd, n, 8, "exists", "requested", "building"));
	put_json(out, text);
	put_int8(out, crowd_account(n));
	put_text(out, "inquiry");
}

static inline void crowd_leads(const struct crowd *crowd, struct buf *out, int64_t from, int64_t to)
{
	crowd_begin(out);
	for (int64_t n = from; n < to; n++)
		crowd_lead(crowd, out, n);
	crowd_send(crowd, "copy lead (shard, lead_id, created_at, updated_at, email, first_name, last_name, role, company, source, country, fields, account_id,"
			  " stage) from stdin (format binary)", out);
}

/* ---- what they did ---- */

static inline struct event crowd_event(const struct crowd *crowd, int64_t n, int64_t k)
{
	static const char *const assets[] = {"security-guide", "ten-questions", "case-study", "price-list"};
	uint64_t r = crowd_random(crowd, n, 100 + k);
	moment_t span = 540 * MOMENT_DAY / crowd->events;
	struct event e = {.id = ((INT64_C(1) << 40) + n * HISTORY_EXACT + k) << 6 | (crowd_id(n) & 63), .lead_id = crowd_id(n),
			  .at = crowd->now - 540 * MOMENT_DAY + k * span + (moment_t)(r % (uint64_t)span)};
	unsigned kind = (unsigned)(r >> 40) % 100;
	const char *asset = assets[(r >> 50) % 4];
	e.verb = kind < 60 ? STR("page.view") : kind < 80 ? STR("asset.download") : kind < 90 ? STR("email.click") : kind < 97 ? STR("webinar.attend") : STR("form.submit");
	e.subject = kind < 60 ? (kind < 10 ? STR("/pricing") : STR("/product")) : kind < 80 ? str_of(asset) : kind < 90 ? STR("newsletter") : STR("seminar");
	e.has_value = kind >= 90 && kind < 97;
	e.value = e.has_value ? (double)((r >> 52) % 60) : 0;
	e.data = (struct str){"", 0};
	return e;
}

static inline void crowd_history(const struct crowd *crowd, struct buf *out, int64_t n, struct arena *arena)
{
	struct history history = {0};
	arena_reset(arena);
	for (int64_t k = 0; k < crowd->events; k++) {
		struct event e = crowd_event(crowd, n, k);
		history_add(&history, &e, arena);
		history.seen_at = e.at;
	}
	struct str packed = history_write(&history, arena);
	put16(out, 3);
	put_int2(out, (int)(crowd_id(n) & 63));
	put_int8(out, crowd_id(n));
	put_bytes(out, packed.p, packed.n);
}

/* Written by turns, of one shard a transaction: so they stand in the table, while `lead` is in the order of intake. */
static inline void crowd_histories(const struct crowd *crowd, struct buf *out, int64_t from, int64_t to)
{
	struct arena *arena = arena_new();
	crowd_begin(out);
	for (int64_t first = from; first < from + 64 && first < to; first++)
		for (int64_t n = first; n < to; n += 64)
			crowd_history(crowd, out, n, arena);
	arena_free(arena);
	crowd_send(crowd, "copy lead_history (shard, lead_id, packed) from stdin (format binary)", out);
}

static inline void crowd_put_str(struct buf *out, struct str s)
{
	put_bytes(out, s.p, s.n);
}

static inline void crowd_event_rows(const struct crowd *crowd, struct buf *out, int64_t from, int64_t to)
{
	crowd_begin(out);
	for (int64_t n = from; n < to; n++)
		for (int64_t k = 0; k < crowd->events; k++) {
			struct event e = crowd_event(crowd, n, k);
			put16(out, 9);
			put_time(out, e.at);
			put_int8(out, e.id);
			put_int2(out, (int)(e.lead_id & 63));
			put_int8(out, e.lead_id);
			put_time(out, e.at);
			crowd_put_str(out, e.verb);
			crowd_put_str(out, e.subject);
			uint64_t bits;
			memcpy(&bits, &e.value, 8);
			if (e.has_value)
				put_int8(out, (int64_t)bits);
			else
				put_null(out);
			put_bool(out, false);
		}
	crowd_send(crowd, "copy event (received_at, event_id, shard, lead_id, at, verb, subject, value, machine) from stdin (format binary)", out);
}

static inline void crowd_names(const struct crowd *crowd, struct buf *out, int64_t from, int64_t to)
{
	char text[128];
	crowd_begin(out);
	for (int64_t n = from; n < to; n++) {
		put16(out, 5);
		put_text(out, "email");
		snprintf(text, sizeof text, "lead-%lld@company-%lld.example", (long long)n, (long long)(n / CROWD_COMPANY));
		put_text(out, text);
		put_int2(out, (int)(crowd_id(n) & 63));
		put_int8(out, crowd_id(n));
		put_time(out, crowd->now - 600 * MOMENT_DAY);
	}
	crowd_send(crowd, "copy identity (kind, value, shard, lead_id, created_at) from stdin (format binary)", out);
}

/* One transaction a chunk; ids that come later are larger. */
static inline void crowd_make(const struct crowd *crowd)
{
	struct buf out = {0};
	char sql[128];
	snprintf(sql, sizeof sql, "select setval('id_seq', greatest(nextval('id_seq'), %lld))", (long long)(CROWD_FIRST + crowd->leads + 1));
	crowd_sql(crowd, sql);
	for (int64_t from = 0; from < crowd->leads; from += CROWD_CHUNK / CROWD_COMPANY * CROWD_COMPANY) {
		int64_t to = from + CROWD_CHUNK / CROWD_COMPANY * CROWD_COMPANY;
		if (to > crowd->leads)
			to = crowd->leads;
		crowd_sql(crowd, "begin");
		crowd_accounts(crowd, &out, from, to);
		crowd_leads(crowd, &out, from, to);
		crowd_histories(crowd, &out, from, to);
		if (crowd->rows) {
			crowd_names(crowd, &out, from, to);
			crowd_event_rows(crowd, &out, from, to);
		}
		crowd_sql(crowd, "commit");
	}
	crowd_sql(crowd, "analyze");
	buf_fini(&out);
}

#endif

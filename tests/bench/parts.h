/* Where a delivery process's CPU time goes, for delivery_smtp: the linker (--wrap, tests/CMakeLists.txt) puts a clock before and behind the functions in which one
 * part of the work hands over to another. Time within counts for the innermost. It is off until parts_begin: each reading of the clock is a call of the kernel, about
 * a tenth of all. Included once, in the bench. */
#ifndef NURTURE_TESTS_PARTS_H
#define NURTURE_TESTS_PARTS_H

#include "delivery/parts.h"
#include "store/facts.h"
#include "turn/message.h"

#include <libpq-fe.h>
#include <time.h>

enum part { PART_SMTP, PART_CLAIM, PART_RENDER, PART_MIME, PART_DATABASE, PARTS };
static const char *const part_names[PARTS] = {"SMTP and the loop", "claims and the gate", "rendering", "MIME", "database: permissions, outcomes, libpq"};

static struct {
	bool on;
	enum part now;
	int64_t since, ns[PARTS];
} parts_clock;

static int64_t parts_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* From here on time is `part`'s; what it was before. */
static enum part parts_go(enum part part)
{
	enum part before = parts_clock.now;
	if (parts_clock.on && part != before) {
		int64_t now = parts_ns();
		parts_clock.ns[before] += now - parts_clock.since;
		parts_clock.since = now;
		parts_clock.now = part;
	}
	return before;
}

static void parts_begin(void)
{
	parts_clock.on = true;
	parts_clock.since = parts_ns();
}

static void parts_print(double messages)
{
	parts_go(parts_clock.now == PART_SMTP ? PART_CLAIM : PART_SMTP);
	parts_clock.on = false;
	printf("  our CPU, us a message:");
	for (size_t i = 0; i < PARTS; i++)
		printf("%s %s %.1f", i ? "," : "", part_names[i], (double)parts_clock.ns[i] / 1000 / messages);
	printf("\n");
}

#define PART_OF(which, call) \
	do { \
		enum part before_ = parts_go(which); \
		call; \
		parts_go(before_); \
	} while (0)

void __real_op_start(struct op *op);
void __wrap_op_start(struct op *op);
void __wrap_op_start(struct op *op)
{
	PART_OF(PART_DATABASE, __real_op_start(op));
}

struct answer;
void __real_store_answer(struct store *store, const struct answer *answer, PGresult *result);
void __wrap_store_answer(struct store *store, const struct answer *answer, PGresult *result);
void __wrap_store_answer(struct store *store, const struct answer *answer, PGresult *result)
{
	PART_OF(PART_DATABASE, __real_store_answer(store, answer, result));
}

/* What comes with a claim is read as leads. */
void __real_facts_rows(struct facts *facts, int tag, const PGresult *rows);
void __wrap_facts_rows(struct facts *facts, int tag, const PGresult *rows);
void __wrap_facts_rows(struct facts *facts, int tag, const PGresult *rows)
{
	PART_OF(PART_CLAIM, __real_facts_rows(facts, tag, rows));
}

int __real_PQconsumeInput(PGconn *connection);
int __wrap_PQconsumeInput(PGconn *connection);
int __wrap_PQconsumeInput(PGconn *connection)
{
	int good;
	PART_OF(PART_DATABASE, good = __real_PQconsumeInput(connection));
	return good;
}

int __real_PQisBusy(PGconn *connection);
int __wrap_PQisBusy(PGconn *connection);
int __wrap_PQisBusy(PGconn *connection)
{
	int busy;
	PART_OF(PART_DATABASE, busy = __real_PQisBusy(connection));
	return busy;
}

PGresult *__real_PQgetResult(PGconn *connection);
PGresult *__wrap_PQgetResult(PGconn *connection);
PGresult *__wrap_PQgetResult(PGconn *connection)
{
	PGresult *result;
	PART_OF(PART_DATABASE, result = __real_PQgetResult(connection));
	return result;
}

void __real_delivery_prepare(struct item *item);
void __wrap_delivery_prepare(struct item *item);
void __wrap_delivery_prepare(struct item *item)
{
	PART_OF(PART_CLAIM, __real_delivery_prepare(item));
}

int __real_turn_message_write(const struct message_ask *ask, struct arena *arena, struct message *out, struct error *error);
int __wrap_turn_message_write(const struct message_ask *ask, struct arena *arena, struct message *out, struct error *error);
int __wrap_turn_message_write(const struct message_ask *ask, struct arena *arena, struct message *out, struct error *error)
{
	int failed;
	PART_OF(PART_RENDER, failed = __real_turn_message_write(ask, arena, out, error));
	return failed;
}

/* The plugin composes it, and hands it to a connection if one is free. */
void __real_channel_deliver(struct channel *channel, struct nurture_touch *touch, void *cookie);
void __wrap_channel_deliver(struct channel *channel, struct nurture_touch *touch, void *cookie);
void __wrap_channel_deliver(struct channel *channel, struct nurture_touch *touch, void *cookie)
{
	PART_OF(PART_MIME, __real_channel_deliver(channel, touch, cookie));
}

void __real_channel_permitted(struct channel *channel, struct nurture_handle handle, bool allowed);
void __wrap_channel_permitted(struct channel *channel, struct nurture_handle handle, bool allowed);
void __wrap_channel_permitted(struct channel *channel, struct nurture_handle handle, bool allowed)
{
	PART_OF(PART_SMTP, __real_channel_permitted(channel, handle, allowed));
}

void __real_delivery_result(struct item *item, const struct channel_result *result);
void __wrap_delivery_result(struct item *item, const struct channel_result *result);
void __wrap_delivery_result(struct item *item, const struct channel_result *result)
{
	PART_OF(PART_DATABASE, __real_delivery_result(item, result));
}

#endif

/* Leads of a database of their own, loaded and saved as an engine does: what the tests of batches and of accounts begin with. One a program. */
#ifndef TESTS_UNIT_STORE_LEADS_H
#define TESTS_UNIT_STORE_LEADS_H

#include "store/batch.h"
#include "store/intake.h"
#include "store/lease.h"
#include "unit/store_one.h"

static const struct field custom[] = {{.name = "seats", .label = "Seats", .type = FIELD_NUMBER}, {.name = "industry", .label = "Industry", .type = FIELD_TEXT}};
static struct schema schema;
static struct field lead_fields[LEAD_STANDARD_COUNT + 2];

static void on_lease(void *arg, uint64_t shards, int owners, const struct error *error)
{
	(void)shards, (void)owners;
	database_done(arg, error);
}

static inline void hold(const char *owner)
{
	struct waited waited = {0};
	store_lease_tick(store, "engine", owner, 64, on_lease, &waited);
	store_wait(loop, &waited.done, 60 * MOMENT_SECOND);
	ck_assert(waited.ok);
}

static inline void begin_without_lease(void)
{
	begin_store();
	memcpy(lead_fields, model_lead_fields, sizeof model_lead_fields);
	memcpy(lead_fields + LEAD_STANDARD_COUNT, custom, sizeof custom);
	schema = (struct schema){lead_fields, LEAD_STANDARD_COUNT + 2, model_account_fields, ACCOUNT_STANDARD_COUNT};
}

static inline void begin(void)
{
	begin_without_lease();
	hold("me");
}

/* One event of one lead; its id. */
static inline int64_t event(const char *email, const char *verb, bool bulk)
{
	struct waited waited = {0};
	struct intake_event e = {.email = str_of(email), .verb = str_of(verb), .subject = STR("guide"), .create = true, .bulk = bulk,
				 .has_value = true, .value = 2.5, .data = STR("{\"k\": [1, 2]}")};
	struct intake intake = {.events = &e, .event_count = 1, .now = real_now(), .fn = database_done, .arg = &waited};
	store_intake(store, &intake);
	store_wait(loop, &waited.done, 60 * MOMENT_SECOND);
	ck_assert_msg(waited.ok, "%s", waited.error.message);
	return e.found_lead;
}

struct loaded {
	struct waited waited;
	struct batch *batch;
};

static void on_batch(void *arg, struct batch *batch, const struct error *error)
{
	struct loaded *loaded = arg;
	loaded->batch = batch;
	database_done(&loaded->waited, error);
}

static inline struct loaded load_as(const char *owner, int shard, size_t limit, moment_t now)
{
	struct loaded loaded = {0};
	struct batch_request request = {.owner = owner, .shard = shard, .now = now, .limit = limit, .longest_cap = 30 * MOMENT_DAY};
	store_batch_load(store, &schema, &request, on_batch, &loaded);
	store_wait(loop, &loaded.waited.done, 60 * MOMENT_SECOND);
	ck_assert(loaded.waited.done);
	return loaded;
}

static inline struct batch *load(int64_t lead)
{
	struct loaded loaded = load_as("me", lead_shard(lead), 0, real_now());
	ck_assert_msg(loaded.waited.ok, "%s", loaded.waited.error.message);
	return loaded.batch;
}

static inline struct waited save_as(const char *owner, const struct batch *batch, const struct save_lead *leads, size_t count)
{
	struct waited waited = {0};
	struct batch_save save = {.owner = owner, .revision = "rev", .batch = batch, .schema = &schema, .leads = leads, .count = count};
	store_batch_save(store, &save, database_done, &waited);
	store_wait(loop, &waited.done, 60 * MOMENT_SECOND);
	ck_assert(waited.done);
	return waited;
}

#endif

/* A store and a playbook of our own under the loop of delivery: every answer can be held back, lost, or be another one. Defines what the loop asks
 * of the rooms store, playbook and turn, so a test that includes this is linked without theirs. */
#ifndef NURTURE_TESTS_DELIVERY_FAKE_H
#define NURTURE_TESTS_DELIVERY_FAKE_H

#include "base/log.h"
#include "base/mem.h"
#include "channel/plugin.h"
#include "delivery/delivery.h"
#include "delivery/parts.h"
#include "store/returned.h"
#include "playbook/site.h"
#include "playbook/template.h"
#include "store/lease.h"
#include "store/suppress.h"
#include "store/plugin_query.h"
#include "store/revision.h"
#include "turn/sheet.h"
#include "turn/show.h"
#include "unit/check_main.h"

#include <fcntl.h>
#include <unistd.h>

#define UNUSED_OK __attribute__((unused))

enum { TOUCHES = 60 };

struct row {
	enum touch_state state;
	int attempts, recorded, told;
	bool withdrawn, chose_less, spent;  /* spent: the last outcome cost an attempt */
	bool parked;            /* until the next publish */
	int64_t offered_for;    /* longer than asked; 0 = in nobody's hand */
	char reason[200];
};

static struct {
	struct row rows[TOUCHES];
	bool away;              /* every call fails */
	bool lose_outcomes;     /* outcomes fail until this is cleared */
	bool lose_news;         /* the next news is committed, and its answer is lost */
	bool lose_unclaims;     /* giving back fails until this is cleared */
	int claim_most;         /* only the first so many can be claimed; 0 = all */
	bool lose_claim;        /* the next claim that finds something is committed, and its answer is lost */
	char suppressed[100];   /* the last one */
	bool refuses_lists;     /* of more than one */
	size_t lists, listed;   /* so many were asked for; so many values went in */
	char held[100];         /* why; "" = it is not */
	const char *stopped_by; /* NULL = it is not */
	int permits, outcome_calls, claims, released, drained;
	char state[16];
	enum gate_verdict verdict;
	bool broken_template;
	bool lease;
	const char *address;    /* of every touch */
	char notes[200];        /* that the plugin kept last */
	int puts;               /* so many times it told or kept something that was written */
	int looks, put_off;     /* at what is due; touches put off */
	int anew, unparked;     /* so many times asked for */
	bool lose_turns;        /* the next time somebody is put off fails */
	int published;          /* so many times, since the beginning */
	int offers;             /* statements of them */
	int recoveries, left;   /* left: so many recoveries find that others have something in hand */
} db;

static struct loop *loop;
static struct worker worker;
static struct config config;
static struct config_channel channel;
static char out_file[64];

/* ---- the store, answering later as it must ---- */

struct call {
	void (*fn)(struct call *call);
	void *callback, *arg;
	const void *in;
	size_t count;
};

static void call_later(void (*fn)(struct call *), void *callback, void *arg, const void *in, size_t count)
{
	struct call *call = mem_alloc(sizeof *call);
	*call = (struct call){fn, callback, arg, in, count};
	loop_later(loop, (loop_fn *)(void *)fn, call);
}

static const struct error gone = {.code = ERROR_UNAVAILABLE, .message = "the database is away"};

struct store *store_new(struct loop *l, const char *conninfo, const char *store_name)
{
	(void)l, (void)conninfo, (void)store_name;
	return (struct store *)&db;
}
void store_free(struct store *store)
{
	(void)store;
}

static void answer_lease(struct call *call)
{
	((store_lease_fn *)call->callback)(call->arg, db.lease, 1, db.away ? &gone : NULL);
	free(call);
}
void store_lease_tick(struct store *store, const char *role, const char *owner, int want, store_lease_fn *fn, void *arg)
{
	(void)store, (void)owner, (void)want;
	ck_assert_str_eq(role, "channel:email");
	call_later(answer_lease, fn, arg, NULL, 0);
}
static void answer_done(struct call *call)
{
	((store_done_fn *)call->callback)(call->arg, db.away ? &gone : NULL);
	free(call);
}
void store_lease_release(struct store *store, const char *role, const char *owner, uint64_t shards, store_done_fn *fn, void *arg)
{
	(void)store, (void)role, (void)owner, (void)shards;
	db.released++;
	call_later(answer_done, fn, arg, NULL, 0);
}

void store_lease_present(struct store *store, const char *role, const char *owner, store_done_fn *fn, void *arg)
{
	(void)store, (void)role, (void)owner;
	call_later(answer_done, fn, arg, NULL, 0);
}

static void answer_poll(struct call *call)
{
	struct poll poll = {.clock = {.scale = 1}, .activation = 1 + db.published, .due = MOMENT_NEVER, .paused = "", .stopped_by = db.stopped_by, .held = *db.held ? db.held : NULL};
	for (int i = 0; i < TOUCHES; i++)
		if (db.rows[i].state == TOUCH_PLANNED)
			poll.due = 0;
	((store_poll_fn *)call->callback)(call->arg, db.away ? NULL : &poll, db.away ? &gone : NULL);
	free(call);
}
void store_poll_touches(struct store *store, const char *channel_name, store_poll_fn *fn, void *arg)
{
	(void)store, (void)channel_name;
	call_later(answer_poll, fn, arg, NULL, 0);
}

static void answer_revision(struct call *call)
{
	struct store_revision revision = {.revision = "abc", .activation = 1 + db.published};
	((store_revision_fn *)call->callback)(call->arg, &revision, NULL);
	free(call);
}
void store_revision_active(struct store *store, store_revision_fn *fn, void *arg)
{
	(void)store;
	call_later(answer_revision, fn, arg, NULL, 0);
}
static void answer_keys(struct call *call)
{
	struct token_key key = {.id = 1};
	((store_keys_fn *)call->callback)(call->arg, &(struct token_keys){&key, 1}, NULL);
	free(call);
}
void store_link_keys(struct store *store, store_keys_fn *fn, void *arg)
{
	(void)store;
	call_later(answer_keys, fn, arg, NULL, 0);
}
static void answer_standing(struct call *call)
{
	((store_notes_fn *)call->callback)(call->arg, NULL, NULL);
	free(call);
}
void store_standing(struct store *store, const char *channel_name, store_notes_fn *fn, void *arg)
{
	(void)store, (void)channel_name;
	call_later(answer_standing, fn, arg, NULL, 0);
}
void store_standing_hold(struct store *store, const char *channel_name, const char *kind, const char *plugin, const char *reason, store_done_fn *fn, void *arg)
{
	(void)store, (void)channel_name, (void)kind, (void)plugin;
	if (!db.away)
		snprintf(db.held, sizeof db.held, "%s", reason);
	call_later(answer_done, fn, arg, NULL, 0);
}
static void answer_put(struct call *call)
{
	static const struct error denied = {.code = ERROR_DENIED, .message = "the lease is gone"};
	((store_done_fn *)call->callback)(call->arg, db.away ? &gone : !db.lease ? &denied : NULL);
	free(call);
}
void store_standing_put(struct store *store, const char *owner, const char *channel_name, const char *kind, const char *plugin, struct str standing,
			struct str notes, store_done_fn *fn, void *arg)
{
	(void)store, (void)owner, (void)channel_name, (void)kind, (void)plugin, (void)standing;
	if (!db.away && db.lease && notes.n)
		snprintf(db.notes, sizeof db.notes, "%.*s", STR_ARG(notes));
	db.puts += !db.away && db.lease;
	call_later(answer_put, fn, arg, NULL, 0);
}
static void answer_refused(struct call *call)
{
	((store_done_fn *)call->callback)(call->arg, &(struct error){.code = ERROR_INVALID, .message = "no such text"});
	free(call);
}
void store_suppress(struct store *store, struct suppress *suppress)
{
	bool refused = db.refuses_lists && suppress->count > 1;
	(void)store;
	db.lists++;
	if (!db.away && !refused) {
		snprintf(db.suppressed, sizeof db.suppressed, "%s %s %.*s", suppress->channel, suppress->reason, STR_ARG(suppress->values[0]));
		db.listed += suppress->count;
	}
	call_later(refused ? answer_refused : answer_done, suppress->fn, suppress->arg, NULL, 0);
}
static void answer_recover(struct call *call)
{
	((store_recover_fn *)call->callback)(call->arg, 0, 0, db.left ? db.left-- : 0, NULL);
	free(call);
}
void store_recover(struct store *store, const char *owner, const char *channel_name, const char *token, bool resend, moment_t now,
		   store_recover_fn *fn, void *arg)
{
	(void)store, (void)owner, (void)channel_name, (void)token, (void)resend, (void)now;
	db.recoveries++;
	call_later(answer_recover, fn, arg, NULL, 0);
}
void store_channel_state(struct store *store, const char *channel_name, const char *kind, const char *plugin, const char *state,
			 const char *reason, store_done_fn *fn, void *arg)
{
	(void)store, (void)channel_name, (void)kind, (void)plugin, (void)reason;
	snprintf(db.state, sizeof db.state, "%s", state);
	call_later(answer_done, fn, arg, NULL, 0);
}
void store_forget_wanted(struct store *store, const char *channel_name, const char *kind, const char *plugin, struct store_forget_wish wish, store_done_fn *fn, void *arg)
{
	(void)store, (void)channel_name, (void)kind, (void)plugin, (void)wish;
	call_later(answer_done, fn, arg, NULL, 0);
}
void store_forget_take(struct store *store, const char *channel_name, store_forget_fn *fn, void *arg)
{
	(void)store, (void)channel_name, (void)fn, (void)arg; /* no puppet of these tests forgets */
}
void store_forget_over(struct store *store, const char *channel_name, int64_t id, const char *reason, store_done_fn *fn, void *arg)
{
	(void)store, (void)channel_name, (void)id, (void)reason;
	call_later(answer_done, fn, arg, NULL, 0);
}
UNUSED_OK static struct intake *told; /* answered by the test */
void store_intake(struct store *store, struct intake *intake)
{
	(void)store;
	told = intake;
}

static void answer_claim(struct call *call)
{
	static struct value fields[LEAD_STANDARD_COUNT];
	struct arena *arena = arena_new();
	struct claims *claims = arena_alloc(arena, sizeof *claims);
	fields[LEAD_EMAIL] = (struct value){.type = VALUE_TEXT, .text = str_of(db.address)};
	*claims = (struct claims){.arena = arena, .items = arena_array(arena, call->count, sizeof(struct claim))};
	db.claims++;
	for (int i = 0; i < TOUCHES && claims->count < call->count && !db.away; i++) {
		if (db.rows[i].state != TOUCH_PLANNED || (db.claim_most && i >= db.claim_most))
			continue;
		db.rows[i].state = TOUCH_CLAIMED;
		struct batch_lead *facts = arena_alloc(arena, sizeof *facts);
		facts->facts.lead = (struct lead){.id = 64, .fields = fields};
		claims->items[claims->count++] = (struct claim){
			.touch = {.id = i + 1, .lead_id = 64, .kind = STR("email"), .template_name = STR("hello"), .purpose = STR("marketing"), .channel = STR("email")},
			.attempt = ++db.rows[i].attempts, .facts = facts};
	}
	bool lost = db.away || (db.lose_claim && claims->count);
	if (lost)
		db.lose_claim = false;
	((store_claims_fn *)call->callback)(call->arg, lost ? NULL : claims, lost ? &gone : NULL);
	if (lost)
		arena_free(arena);
	free(call);
}

static void answer_unclaim(struct call *call)
{
	int64_t *held = (int64_t *)(uintptr_t)call->in;
	int count = 0;
	for (int i = 0; i < TOUCHES && !db.away && !db.lose_unclaims; i++) {
		bool mine = false;
		for (size_t k = 0; k < call->count; k++)
			mine |= held[k] == i + 1;
		if (db.rows[i].state != TOUCH_CLAIMED || mine)
			continue;
		db.rows[i].state = TOUCH_PLANNED;
		count++;
	}
	((store_unclaim_fn *)call->callback)(call->arg, count, db.away || db.lose_unclaims ? &gone : NULL);
	free(held);
	free(call);
}
void store_unclaim(struct store *store, const char *channel_name, const char *token, const int64_t *held, size_t count, store_unclaim_fn *fn, void *arg)
{
	int64_t *copy = mem_array(count + 1, sizeof *copy);
	(void)store, (void)channel_name, (void)token;
	memcpy(copy, held, count * sizeof *copy);
	call_later(answer_unclaim, fn, arg, copy, count);
}
void store_hauls_over(struct store *store, const char *channel_name, const int64_t *hauls, size_t count, store_done_fn *fn, void *arg)
{
	(void)store, (void)channel_name, (void)hauls, (void)count, (void)fn, (void)arg;
}
void store_claim(struct store *store, const struct schema *schema, const struct claim_request *request, store_claims_fn *fn, void *arg)
{
	(void)store, (void)schema;
	ck_assert_uint_ge(request->limit, 1);
	call_later(answer_claim, fn, arg, NULL, request->limit);
}
void store_claims_free(struct claims *claims)
{
	if (claims)
		arena_free(claims->arena);
}

/* Whose touch it is, is asked of nothing else here. */
void store_query(struct store *store, const char *query, const char *const *params, size_t count, store_rows_fn *fn, void *arg)
{
	(void)store, (void)params;
	ck_assert_str_eq(query, "touch_lead");
	ck_assert_uint_eq(count, 1);
	json_t *rows = json_pack("[{s:i}]", "lead_id", 65);
	fn(arg, rows, NULL);
	json_decref(rows);
}

static void answer_gone(struct call *call)
{
	((store_done_fn *)call->callback)(call->arg, &gone);
	free(call);
}

static void answer_turns(struct call *call)
{
	static struct turn_due due[TOUCHES];
	size_t count = 0;
	db.looks++;
	for (int i = 0; i < TOUCHES && count < call->count && !db.away; i++)
		if (db.rows[i].state == TOUCH_PLANNED)
			due[count++] = (struct turn_due){.touch_id = i + 1, .due_at = 1, .purpose = i % 10 ? STR("marketing") : STR("confirm"), .address = str_of(db.address)};
	((store_turns_fn *)call->callback)(call->arg, db.away ? NULL : due, count, db.away ? &gone : NULL);
	free(call);
}
void store_turns_due(struct store *store, const char *channel_name, moment_t now, size_t limit, store_turns_fn *fn, void *arg)
{
	(void)store, (void)channel_name, (void)now;
	call_later(answer_turns, fn, arg, NULL, limit);
}
void store_turns_put_off(struct store *store, const char *owner, const char *channel_name, const struct turn_due *due, size_t number, store_done_fn *fn, void *arg)
{
	(void)store, (void)owner, (void)channel_name;
	bool lost = db.lose_turns;
	db.lose_turns = false;
	for (size_t i = 0; i < number && !db.away && !lost; i++) {
		struct row *row = &db.rows[due[i].touch_id - 1];
		ck_assert_int_eq(row->state, TOUCH_PLANNED);
		row->state = TOUCH_DEFERRED; /* not due in this test */
		snprintf(row->reason, sizeof row->reason, "%.*s", STR_ARG(due[i].reason));
		db.put_off++;
	}
	call_later(lost ? answer_gone : answer_done, fn, arg, NULL, 0);
}
static void answer_moved(struct call *call)
{
	for (int i = 0; i < TOUCHES && !db.away; i++)
		if (db.rows[i].state == TOUCH_DEFERRED && (call->count == 0) == (db.rows[i].parked))
			db.rows[i].state = TOUCH_PLANNED;
	answer_done(call);
}
void store_turns_anew(struct store *store, const char *owner, const char *channel_name, moment_t now, store_done_fn *fn, void *arg)
{
	(void)store, (void)owner, (void)channel_name, (void)now;
	db.anew++;
	call_later(answer_moved, fn, arg, NULL, 1);
}
void store_turns_unpark(struct store *store, const char *owner, const char *channel_name, moment_t now, store_done_fn *fn, void *arg)
{
	(void)store, (void)owner, (void)channel_name, (void)now;
	db.unparked++;
	call_later(answer_moved, fn, arg, NULL, 0);
}

static void answer_permit(struct call *call)
{
	enum permission words[TOUCHES] = {0};
	const int64_t *touches = call->in;
	db.permits++;
	for (size_t i = 0; i < call->count && !db.away; i++) {
		struct row *row = &db.rows[touches[i] - 1];
		ck_assert_int_eq(row->state, TOUCH_CLAIMED);
		words[i] = row->withdrawn ? PERMISSION_NO : row->chose_less ? PERMISSION_AGAIN : PERMISSION_YES;
		row->state = row->withdrawn ? TOUCH_CANCELLED : row->chose_less ? TOUCH_CLAIMED : TOUCH_PERMITTED;
		row->chose_less = false;
	}
	((store_permission_fn *)call->callback)(call->arg, db.away ? NULL : words, call->count, db.away ? &gone : NULL);
	free(call);
}
void store_permit(struct store *store, const char *owner, const char *channel_name, const char *token, const char *seen, const int64_t *touches, size_t count,
		  moment_t now, store_permission_fn *fn, void *arg)
{
	(void)store, (void)owner, (void)channel_name, (void)token, (void)seen, (void)now;
	call_later(answer_permit, fn, arg, touches, count);
}

static void answer_outcomes(struct call *call)
{
	bool moved[TOUCHES] = {0};
	const struct outcome *outcomes = call->in;
	bool fails = db.away || db.lose_outcomes;
	db.outcome_calls++;
	for (size_t i = 0; i < call->count && !fails; i++) {
		struct row *row = &db.rows[outcomes[i].touch_id - 1];
		moved[i] = row->state == TOUCH_CLAIMED || row->state == TOUCH_PERMITTED;
		ck_assert(moved[i]);
		row->state = outcomes[i].state;
		row->recorded++;
		row->spent = outcomes[i].attempt_spent;
		row->parked = outcomes[i].due_at == MOMENT_NEVER;
		if (outcomes[i].state == TOUCH_PLANNED && outcomes[i].due_at > 0)
			row->state = TOUCH_DEFERRED; /* not due in this test */
		snprintf(row->reason, sizeof row->reason, "%.*s", STR_ARG(outcomes[i].reason));
	}
	((store_moved_fn *)call->callback)(call->arg, fails ? NULL : moved, call->count, fails ? &gone : NULL);
	free(call);
}
void store_outcomes(struct store *store, const char *token, const struct outcome *outcomes, size_t count,
		    moment_t now, store_moved_fn *fn, void *arg)
{
	(void)store, (void)token, (void)now;
	call_later(answer_outcomes, fn, arg, outcomes, count);
}

static void answer_news(struct call *call)
{
	bool taken[TOUCHES] = {0};
	const struct news *news = call->in;
	for (size_t i = 0; i < call->count && !db.away; i++) {
		struct row *row = &db.rows[news[i].touch_id - 1];
		ck_assert(row->state != TOUCH_CLAIMED && row->state != TOUCH_PERMITTED); /* never before its outcome */
		for (size_t k = 0; k < i; k++)
			ck_assert_int_ne(news[k].touch_id, news[i].touch_id);
		taken[i] = row->state == TOUCH_QUEUED || row->state == news[i].state;
		row->told += row->state == TOUCH_QUEUED;
		if (taken[i])
			row->state = news[i].state;
	}
	bool lost = db.away || db.lose_news;
	db.lose_news = false;
	((store_moved_fn *)call->callback)(call->arg, lost ? NULL : taken, call->count, lost ? &gone : NULL);
	free(call);
}
void store_news(struct store *store, const char *channel_name, const struct news *news, size_t count, int attempts_most, moment_t now,
		store_moved_fn *fn, void *arg)
{
	(void)store, (void)channel_name, (void)attempts_most, (void)now;
	call_later(answer_news, fn, arg, news, count);
}

static void answer_offers(struct call *call)
{
	bool held[TOUCHES] = {0};
	const struct offer *offers = call->in;
	db.offers++;
	for (size_t i = 0; i < call->count && !db.away; i++) {
		for (size_t k = 0; k < i; k++)
			ck_assert_int_ne(offers[k].touch_id, offers[i].touch_id);
		held[i] = db.rows[offers[i].touch_id - 1].state == TOUCH_QUEUED;
		db.rows[offers[i].touch_id - 1].offered_for = offers[i].until ? offers[i].until - offers[i].needed : 0;
	}
	((store_moved_fn *)call->callback)(call->arg, db.away ? NULL : held, call->count, db.away ? &gone : NULL);
	free(call);
}

void store_offers(struct store *store, const char *channel_name, const struct offer *offers, size_t count, moment_t now, store_moved_fn *fn, void *arg)
{
	(void)store, (void)channel_name, (void)now;
	call_later(answer_offers, fn, arg, offers, count);
}

int turn_show_read(struct playbook *p, json_t *json, struct arena *arena, struct show_ask *out, struct error *error)
{
	(void)p, (void)json, (void)arena;
	*out = (struct show_ask){.data = {"", 0}};
	return error_set(error, ERROR_INVALID, "template", "nothing is composed here");
}

int turn_show(struct playbook *p, const struct show_ask *ask, struct arena *arena, struct shown *out, struct error *error)
{
	(void)p, (void)ask, (void)arena, (void)out;
	return error_set(error, ERROR_INVALID, "template", "nothing is composed here");
}

json_t *turn_sheet(struct playbook *p, struct turn_facts *facts, const struct touch *touch, const char *revision, struct arena *arena, struct error *error)
{
	(void)p, (void)facts, (void)touch, (void)revision, (void)arena, (void)error;
	return json_object();
}

void store_look(struct store *store, const struct schema *schema, const char *channel_name, const int64_t *touches, size_t count, moment_t now, int64_t longest_cap,
		store_looks_fn *fn, void *arg)
{
	static struct value fields[LEAD_STANDARD_COUNT];
	struct arena *arena = arena_new();
	struct looks *looks = arena_alloc(arena, sizeof *looks);
	(void)store, (void)schema, (void)channel_name, (void)longest_cap;
	fields[LEAD_EMAIL] = (struct value){.type = VALUE_TEXT, .text = str_of(db.address)};
	*looks = (struct looks){.arena = arena, .now = now, .items = arena_array(arena, count, sizeof(struct looked)), .count = count};
	for (size_t i = 0; i < count; i++) {
		struct batch_lead *facts = arena_alloc(arena, sizeof *facts);
		facts->facts.lead = (struct lead){.id = 64, .fields = fields};
		looks->items[i] = (struct looked){.facts = facts,
						  .touch = {.id = touches[i], .lead_id = 64, .state = db.rows[touches[i] - 1].state, .kind = STR("email"),
							    .template_name = STR("hello"), .purpose = STR("marketing"), .channel = STR("email")}};
	}
	fn(arg, looks, NULL);
}

/* Nobody knows: who asks looks at the whole touch. */
void store_look_again(struct store *store, const char *channel_name, const int64_t *touches, size_t count, moment_t since, store_same_fn *fn, void *arg)
{
	static const bool same[500];
	(void)store, (void)channel_name, (void)touches, (void)since;
	fn(arg, same, count, NULL);
}

void store_looks_free(struct looks *looks)
{
	if (looks)
		arena_free(looks->arena);
}

void store_returned(struct store *store, struct returned *returned)
{
	(void)store;
	returned->known = STR("somebody@sent.example");
	returned->fn(returned->arg, NULL);
}

void store_returned_count(struct store *store, struct returned *returned)
{
	(void)store;
	returned->fn(returned->arg, NULL);
}

/* ---- playbook and gate ---- */

static struct playbook playbook = {.revision = "abc"};
static struct edition edition = {.playbook = &playbook, .activation = 1, .refs = 1};
static int64_t offered;

const struct playbook_site *playbook_site_of(const struct config *c, struct arena *arena)
{
	(void)c, (void)arena;
	return NULL;
}
struct playbook_current *playbook_current_new(const struct playbook_site *site, const char *who)
{
	(void)site, (void)who;
	return (struct playbook_current *)&offered;
}
void playbook_current_free(struct playbook_current *current)
{
	(void)current;
}
bool playbook_current_offer(struct playbook_current *current, int64_t activation, const struct playbook_files *files)
{
	(void)current, (void)files;
	offered = activation;
	return true;
}
int64_t playbook_current_activation(const struct playbook_current *current)
{
	(void)current;
	return offered;
}
struct edition *playbook_current_edition(const struct playbook_current *current)
{
	(void)current;
	return offered ? &edition : NULL;
}
struct edition *edition_ref(struct edition *e)
{
	e->refs++;
	return e;
}
void edition_unref(struct edition *e)
{
	e->refs--;
}
const struct person_entry *playbook_person(const struct playbook *p, struct str name)
{
	(void)p, (void)name;
	return NULL;
}
int playbook_render(struct playbook *p, struct str kind, struct str name, const struct template_input *input, struct arena *arena,
		    struct template_fields *out, struct error *error)
{
	(void)p, (void)kind, (void)name, (void)input, (void)arena, (void)out;
	return db.broken_template ? error_set(error, ERROR_INVALID, "templates/email/hello.md:3", "text where a number is wanted") : 0;
}
const char *playbook_template_place(const struct playbook *p, struct str kind, struct str name, struct str field, struct arena *arena)
{
	(void)p, (void)kind;
	return arena_printf(arena, "templates/email/%.*s.md:%d", STR_ARG(name), str_is(field, "subject") ? 2 : 1);
}
int turn_facts_read(struct turn_facts *facts, const struct lead_facts *known, moment_t now, struct arena *arena, struct error *error)
{
	(void)known, (void)now, (void)arena, (void)error;
	*facts = (struct turn_facts){0};
	return 0;
}
struct gate_answer turn_gate(const struct playbook *p, const struct turn_facts *facts, const struct touch *touch, bool before_sending)
{
	(void)p, (void)facts, (void)touch;
	ck_assert(before_sending);
	return (struct gate_answer){.verdict = db.verdict, .at = MOMENT_NEVER - 1, .rule = "consent", .reason = "withdrew"};
}

bool turn_tracks(const struct playbook *p, const struct turn_facts *facts, struct str word)
{
	(void)p, (void)facts, (void)word;
	return true;
}

/* ---- the tests ---- */

static void *begin(const char *act, int capacity, int wait_ms)
{
	struct error error = {0};
	log_set_fd(open("/dev/null", O_WRONLY | O_CLOEXEC));
	memset(&db, 0, sizeof db);
	db.lease = true;
	db.verdict = GATE_PASS;
	db.address = "a@example.com";
	offered = 0;
	loop = loop_new();
	snprintf(out_file, sizeof out_file, "/tmp/nurture-loop-%d", (int)getpid());
	unlink(out_file); /* of a process that failed, and had this number */
	channel = (struct config_channel){.name = "email", .plugin = "puppet", .in_doubt = "hold",
		.settings = json_pack("{s:s, s:s, s:i, s:i}", "act", act, "out", out_file, "capacity", capacity, "wait_ms", wait_ms)};
	config = (struct config){.plugin_dir = NURTURE_BUILD "/tests/plugins", .data_dir = "/tmp", .public_url = "https://go.example.com"};
	worker = (struct worker){.loop = loop, .config = &config, .channel = &channel, .time_scale = 1, .owner = "me"};
	void *d = delivery_role.start(&worker, &error);
	ck_assert_msg(d, "%s", error.message);
	return d;
}

UNUSED_OK static void run(int ms)
{
	for (mono_t end = mono_now() + ms * INT64_C(1000); mono_now() < end;)
		loop_once(loop, 5000);
}

/* Until the condition holds, however slow the machine is: a ceiling, no measure. */
#define RUN_UNTIL(condition)                                                                                                                                    \
	do {                                                                                                                                                   \
		for (mono_t limit = mono_now() + 60 * MOMENT_SECOND; !(condition) && mono_now() < limit;)                                                      \
			loop_once(loop, 5000);                                                                                                                 \
		ck_assert(condition);                                                                                                                          \
	} while (0)

static int count(enum touch_state state)
{
	int n = 0;
	for (int i = 0; i < TOUCHES; i++)
		n += db.rows[i].state == state;
	return n;
}

/* No plugin of these tests asks the database. */
struct plugin_store *plugin_store_new(struct loop *l, const char *conninfo, const char *plugin)
{
	(void)l, (void)conninfo, (void)plugin;
	abort();
}
void plugin_store_ask(struct plugin_store *plugins, const struct nurture_query *query, nurture_query_fn *fn, void *arg)
{
	(void)plugins, (void)query, (void)fn, (void)arg;
	abort();
}
void plugin_store_free(struct plugin_store *plugins)
{
	ck_assert_ptr_null(plugins);
}

UNUSED_OK static void run_until(enum touch_state state, int n)
{
	RUN_UNTIL(count(state) == n);
}

/* Stops; every touch went out as often as `times` says (TOUCHES entries, or NULL = once each that is sent). */
static void end(void *d)
{
	int sent[TOUCHES] = {0}, id;
	delivery_role.stop(d);
	ck_assert_int_eq(edition.refs, 1); /* no haul is left */
	FILE *out = fopen(out_file, "r");
	while (out && fscanf(out, "%d %*u", &id) == 1)
		sent[id - 1]++;
	if (out)
		fclose(out);
	unlink(out_file);
	for (int i = 0; i < TOUCHES; i++)
		ck_assert_int_eq(sent[i], db.rows[i].state == TOUCH_SENT || db.rows[i].state == TOUCH_IN_DOUBT);
	json_decref(channel.settings);
	loop_free(loop);
}

#endif

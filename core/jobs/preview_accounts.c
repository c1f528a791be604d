/* Accounts by two playbooks (preview_accounts.h). What an account counts of its people is stored; kept here is only by how much that would be another: for each
 * lead, what it would add less what it was counted as. An account whose row is missing stays as it is summed up. */
#include "jobs/preview_accounts.h"

#include "base/map.h"
#include "base/mem.h"
#include "jobs/preview_tally.h"
#include "model/account.h"
#include "store/accounts.h"
#include "store/scan.h"
#include "turn/account.h"

#include <stdlib.h>
#include <string.h>

struct difference {
	int64_t account_id;            /* the key in the map */
	struct account_summary people; /* more, or fewer */
};
struct differences {
	struct arena *arena;
	struct map *by_account;
};

struct preview_accounts {
	const struct playbook *before, *after;
	const int *slots;
	struct differences steps[PREVIEW_STEPS], then; /* of the walks that are over; of this one */
	size_t step_count;
	struct preview_tally *tally;
	struct arena *page_arena;       /* of one account */
};

static struct differences differences_new(void)
{
	return (struct differences){arena_new(), map_new()};
}

static void differences_fini(struct differences *d)
{
	map_free(d->by_account);
	arena_free(d->arena);
}

static struct str key_of(const int64_t *id)
{
	return (struct str){(const char *)id, sizeof *id};
}

struct preview_accounts *preview_accounts_new(const struct playbook *before, const struct playbook *after, const int *slots)
{
	struct preview_accounts *a = mem_alloc(sizeof *a);
	*a = (struct preview_accounts){.before = before, .after = after, .slots = slots, .then = differences_new(),
				       .page_arena = arena_new()};
	if (before->has_account_models || after->has_account_models)
		a->tally = preview_tally_new_of_accounts(before, after);
	return a;
}

void preview_accounts_free(struct preview_accounts *a)
{
	if (!a)
		return;
	for (size_t i = 0; i < a->step_count; i++)
		differences_fini(&a->steps[i]);
	differences_fini(&a->then);
	preview_tally_free(a->tally);
	arena_free(a->page_arena);
	free(a);
}

bool preview_accounts_looks_twice(const struct preview_accounts *a)
{
	bool asked = a->after->ask_count > 0;
	for (size_t i = 0; i < a->after->model_count; i++)
		asked |= a->after->models[i].of_account && a->after->models[i].asked;
	for (size_t i = 0; i < a->after->grades_count; i++)
		asked |= a->after->grades[i].of_account && a->after->grades[i].asked;
	return asked;
}

void preview_accounts_step(struct preview_accounts *a)
{
	a->steps[a->step_count++] = a->then;
	a->then = differences_new();
}

size_t preview_accounts_steps(const struct preview_accounts *a)
{
	return a->step_count;
}

size_t preview_accounts_most(const struct preview_accounts *a)
{
	size_t chain = a->after->people_chain;
	return chain < 1 ? 1 : chain < PREVIEW_STEPS ? chain : PREVIEW_STEPS;
}

/* All that one of them names is the same in the other. */
static bool is_within(const struct differences *one, const struct differences *other, struct arena *arena)
{
	static const struct account_summary nothing;
	size_t cursor = 0;
	struct str key;
	void *value;
	while (map_next(one->by_account, &cursor, &key, &value)) {
		const struct difference *a = value, *b = map_get(other->by_account, key);
		arena_reset(arena);
		if (!str_same(account_summary_write(&a->people, arena), account_summary_write(b ? &b->people : &nothing, arena)))
			return false;
	}
	return true;
}

bool preview_accounts_settled(const struct preview_accounts *a)
{
	const struct differences *before = a->step_count ? &a->steps[a->step_count - 1] : NULL;
	return !before || a->step_count >= a->after->people_chain || (is_within(&a->then, before, a->page_arena) && is_within(before, &a->then, a->page_arena));
}

/* ---- one lead ---- */

static struct difference *need(struct differences *d, int64_t account_id)
{
	struct difference *found = map_get(d->by_account, key_of(&account_id));
	if (found)
		return found;
	found = arena_alloc(d->arena, sizeof *found);
	*found = (struct difference){.account_id = account_id};
	map_put(d->by_account, key_of(&found->account_id), found);
	return found;
}

void preview_accounts_add(struct preview_accounts *a, const struct turn_facts *facts, struct str adds)
{
	struct account_member member;
	if (!facts->lead.account_id || !adds.n || str_same(adds, facts->applied))
		return;
	struct difference *d = need(&a->then, facts->lead.account_id);
	if (account_member_read(facts->applied, &member))
		account_summary_add(&d->people, &member, -1, a->then.arena);
	if (account_member_read(adds, &member))
		account_summary_add(&d->people, &member, 1, a->then.arena);
}

static struct account *account_by(const struct preview_accounts *a, const struct differences *differences, const struct account *account, struct arena *arena)
{
	static const struct account_summary nothing;
	const struct difference *d = map_get(differences->by_account, key_of(&account->id));
	struct account *then = arena_alloc(arena, sizeof *then);
	struct account_summary *summary = arena_alloc(arena, sizeof *summary);
	*summary = account_summary_copy(account->summary ? account->summary : &nothing, arena);
	if (d)
		account_summary_join(summary, &d->people, arena);
	*then = *account;
	then->summary = summary;
	summary->scores = turn_account_scores(a->after, then, arena, &summary->score_count);
	summary->score_room = summary->score_count;
	return then;
}

struct account *preview_accounts_then(const struct preview_accounts *a, size_t step, const struct account *account, struct arena *arena)
{
	return account_by(a, &a->steps[step], account, arena);
}

/* ---- all accounts ---- */

static int band_of(const struct grades *table, struct str name)
{
	for (size_t i = 0; i < table->band_count; i++)
		if (str_is(name, table->bands[i].name))
			return (int)i;
	return -1;
}

static void put_receipts(const struct playbook *playbook, const struct account *account, struct arena *arena, struct turn_stand *out)
{
	struct receipt *of_accounts, *receipts = arena_array(arena, playbook->model_count + 1, sizeof *receipts);
	struct account_coverage *coverage = arena_array(arena, playbook->model_count + 1, sizeof *coverage);
	size_t count, next = 0;
	turn_account_explain(playbook, account, arena, &of_accounts, &count, coverage);
	for (size_t i = 0; i < playbook->model_count && next < count; i++)
		if (playbook->models[i].of_account)
			receipts[i] = of_accounts[next++];
	out->receipts = receipts;
}

/* Its scores as a stand of a lead has them: by the indices of the playbook's models and tables. */
static struct turn_stand stand_of(const struct playbook *playbook, const struct account *account, struct arena *arena)
{
	int *points = arena_array(arena, playbook->model_count + 1, sizeof *points);
	bool *scored = arena_array(arena, playbook->model_count + 1, sizeof *scored);
	struct turn_stand_grade *grades = arena_array(arena, playbook->grades_count + 1, sizeof *grades);
	size_t count, next = 0;
	const struct score *scores = turn_account_scores(playbook, account, arena, &count);
	for (size_t i = 0; i < playbook->model_count; i++) {
		scored[i] = playbook->models[i].of_account;
		points[i] = scored[i] ? scores[next++].points : 0;
	}
	for (size_t i = 0; i < playbook->grades_count; i++) {
		bool is_its = playbook->grades[i].of_account;
		grades[i] = is_its ? (struct turn_stand_grade){scores[next].grade, band_of(&playbook->grades[i], scores[next].band)} : (struct turn_stand_grade){{"", 0}, -1};
		next += is_its;
	}
	return (struct turn_stand){.points = points, .scored = scored, .grades = grades};
}

static const struct account *as_before(const struct preview_accounts *a, const struct account *account, struct arena *arena)
{
	if (!a->slots)
		return account;
	struct account *old = arena_alloc(arena, sizeof *old);
	size_t count = a->before->schema.account_count;
	*old = *account;
	old->fields = arena_array(arena, count + 1, sizeof *old->fields);
	for (size_t i = 0; i < count; i++)
		old->fields[i] = account->fields[a->slots[i]];
	return old;
}

static void compare(struct preview_accounts *a, const struct account *account)
{
	struct arena *arena = a->page_arena;
	arena_reset(arena);
	const struct account *old = as_before(a, account, arena), *new = account_by(a, &a->then, account, arena);
	struct turn_stand before = stand_of(a->before, old, arena), after = stand_of(a->after, new, arena);
	if (!preview_tally_add_account(a->tally, &before, &after))
		return;
	const struct value *name = &account->fields[account->fields[ACCOUNT_NAME].type == VALUE_TEXT ? ACCOUNT_NAME : ACCOUNT_DOMAIN];
	put_receipts(a->before, old, arena, &before);
	put_receipts(a->after, new, arena, &after);
	preview_tally_example_account(a->tally, account->id, name->type == VALUE_TEXT ? name->text : (struct str){"", 0}, &before, &after);
}

static int on_page(void *arg, const struct account_batch *page, struct error *error)
{
	struct preview_accounts *a = arg;
	(void)error;
	for (size_t i = 0; i < page->count; i++)
		compare(a, page->rows[i].account);
	return 0;
}

int preview_accounts_count(struct preview_accounts *a, struct loop *loop, struct store *store, const struct schema *schema, struct error *error)
{
	return a->tally ? store_scan_accounts(loop, store, schema, on_page, a, error) : 0;
}

json_t *preview_accounts_json(const struct preview_accounts *a)
{
	return a->tally ? preview_tally_json(a->tally) : NULL;
}

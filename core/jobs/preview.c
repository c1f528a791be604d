/* Both playbooks, one walk over all leads (store/scan.h), the tally. Memory: two playbooks, two pages, the tally.
 *
 * The leads are read by one schema that holds the fields of both: first those of the new playbook, behind them those of the old one that are not the
 * same there. So the new one finds its fields where it expects them, and for the old one they are laid into its order. */
#include "jobs/preview.h"

#include "base/log.h"
#include "base/mem.h"
#include "jobs/preview_accounts.h"
#include "jobs/preview_enrolled.h"
#include "jobs/preview_tally.h"
#include "playbook/site.h"
#include "store/revision.h"
#include "store/scan.h"
#include "turn/wants.h"

#include <stdlib.h>

enum { SAID_EVERY = 500 };
static const int64_t ANSWER_US = 600 * MOMENT_SECOND;

struct walk {
	const struct preview *preview;
	struct arena *arena;        /* of the whole walk */
	struct arena *page_arena;   /* of one lead */
	struct playbook *before, *after;
	struct schema schema;       /* of both */
	const int *lead_slots, *account_slots; /* before's slot → slot of both; NULL = the same schema */
	struct preview_tally *tally;
	struct preview_accounts *accounts;
	bool first;                 /* of several walks: what leads add to their accounts is found out, nothing is counted */
	bool unsettled;             /* leads and accounts would still move one another in the next walk */
	char active[65];
	struct error unreadable;    /* why the active playbook does not load any more (an older program took it) */
	struct playbook_files files; /* of the active revision */
	json_t *enrolled;           /* rows of enrolled_steps */
	moment_t now;
	int64_t looked, total;
	bool stopped;
	/* answers that are waited for */
	bool done;
	struct error error;
};

/* ---- waiting ---- */

static void on_answer(struct walk *walk, const struct error *error)
{
	walk->done = true;
	if (error)
		walk->error = *error;
}

static int wait_for(struct walk *walk, struct error *error)
{
	if (!store_wait(walk->preview->loop, &walk->done, ANSWER_US))
		walk->error = (struct error){.code = ERROR_UNAVAILABLE, .message = "the database did not answer."};
	if (walk->error.code)
		*error = walk->error;
	walk->done = false;
	return walk->error.code ? -1 : 0;
}

static void on_active(void *arg, const struct store_revision *active, const struct error *error)
{
	struct walk *walk = arg;
	if (!error && active->activation) {
		struct playbook_file *files = arena_array(walk->arena, active->files.count + 1, sizeof *files);
		struct playbook_off *off = arena_array(walk->arena, active->files.off_count + 1, sizeof *off);
		for (size_t i = 0; i < active->files.count; i++)
			files[i] = (struct playbook_file){arena_dup(walk->arena, active->files.files[i].path), arena_str(walk->arena, active->files.files[i].bytes)};
		for (size_t i = 0; i < active->files.off_count; i++)
			off[i] = (struct playbook_off){arena_dup(walk->arena, active->files.off[i].path), arena_dup(walk->arena, active->files.off[i].context)};
		walk->files = (struct playbook_files){.files = files, .count = active->files.count, .off = off, .off_count = active->files.off_count};
		memcpy(walk->active, active->revision, sizeof walk->active);
	}
	on_answer(walk, error && error->code != ERROR_NOT_FOUND ? error : NULL);
}

static void on_clock(void *arg, const struct clock *clock, const struct error *error)
{
	struct walk *walk = arg;
	if (!error)
		walk->now = clock_domain(clock, real_now());
	on_answer(walk, error);
}

static void on_total(void *arg, json_t *rows, const struct error *error)
{
	struct walk *walk = arg;
	if (!error)
		walk->total = json_integer_value(json_object_get(json_array_get(rows, 0), "leads"));
	on_answer(walk, error);
}

static void on_enrolled(void *arg, json_t *rows, const struct error *error)
{
	struct walk *walk = arg;
	if (!error)
		walk->enrolled = json_incref(rows);
	on_answer(walk, error);
}

static int ask(struct walk *walk, struct error *error)
{
	store_revision_active(walk->preview->store, on_active, walk);
	if (wait_for(walk, error))
		return -1;
	store_clock_read(walk->preview->store, on_clock, walk);
	if (wait_for(walk, error))
		return -1;
	store_query(walk->preview->store, "leads_about", NULL, 0, on_total, walk);
	if (wait_for(walk, error))
		return -1;
	store_query(walk->preview->store, "enrolled_steps", NULL, 0, on_enrolled, walk);
	return wait_for(walk, error);
}

/* ---- both playbooks ---- */

/* published: the files are in force already: what only a publish refuses (playbook.h, PROBLEM_JUDGED) does not hinder comparing with them. */
static struct playbook *load(struct walk *walk, const struct playbook_files *files, bool published, struct error *error)
{
	struct problems problems = {.arena = walk->arena, .published = published};
	struct playbook *playbook = playbook_load(files, playbook_site_without_templates(walk->preview->config, walk->arena), &problems);
	const struct problem *first = problems_first_error(&problems);
	if (!playbook)
		error_set(error, ERROR_INVALID, "playbook", "it does not check: %s", first ? first->message : "no word why");
	return playbook;
}

/* What stays off: rules and steps in files that are as they were. */
static struct playbook_files as_published(struct walk *walk)
{
	struct playbook_files files = *walk->preview->files;
	struct playbook_off *off = arena_array(walk->arena, walk->files.off_count + 1, sizeof *off);
	files.off = off;
	files.off_count = 0;
	for (size_t i = 0; i < walk->files.off_count && !walk->preview->switch_on; i++) {
		const struct playbook_file *old = playbook_files_find(&walk->files, str_of(walk->files.off[i].path));
		const struct playbook_file *new = playbook_files_find(&files, str_of(walk->files.off[i].path));
		if (old && new && str_same(old->bytes, new->bytes))
			off[files.off_count++] = walk->files.off[i];
	}
	return files;
}

static bool same_field(const struct field *a, const struct field *b)
{
	bool same = strcmp(a->name, b->name) == 0 && a->type == b->type && a->choice_count == b->choice_count;
	for (size_t i = 0; same && i < a->choice_count; i++)
		same = strcmp(a->choices[i], b->choices[i]) == 0;
	return same;
}

/* NULL when all of old's slots are new's. */
static const int *join_fields(struct walk *walk, const struct field *old, size_t old_count, const struct field *new, size_t new_count, const struct field **both,
			      size_t *both_count)
{
	struct field *fields = arena_array(walk->arena, old_count + new_count, sizeof *fields);
	int *slots = arena_array(walk->arena, old_count + 1, sizeof *slots);
	bool other = false;
	memcpy(fields, new, new_count * sizeof *fields);
	*both_count = new_count;
	for (size_t i = 0; i < old_count; i++) {
		size_t k = 0;
		while (k < new_count && !same_field(&old[i], &new[k]))
			k++;
		if (k == new_count) {
			k = (*both_count)++;
			fields[k] = old[i];
		}
		slots[i] = (int)k;
		other |= k != i;
	}
	*both = fields;
	return other ? slots : NULL;
}

static void join_schemas(struct walk *walk)
{
	const struct schema *old = &walk->before->schema, *new = &walk->after->schema;
	walk->lead_slots = join_fields(walk, old->lead, old->lead_count, new->lead, new->lead_count, &walk->schema.lead, &walk->schema.lead_count);
	walk->account_slots = join_fields(walk, old->account, old->account_count, new->account, new->account_count, &walk->schema.account, &walk->schema.account_count);
}

static const bool *join_wants(struct walk *walk, const bool *old, size_t old_count, const int *slots, const bool *new, size_t new_count, size_t count)
{
	bool *both = arena_array(walk->arena, count + 1, sizeof *both);
	memcpy(both, new, new_count * sizeof *both);
	for (size_t i = 0; i < old_count; i++)
		both[slots ? (size_t)slots[i] : i] |= old[i];
	return both;
}

static struct lead_wants wants_of(struct walk *walk)
{
	const struct schema *before = &walk->before->schema, *after = &walk->after->schema;
	struct lead_wants old = {0}, new = {0};
	turn_wants(walk->before, walk->arena, &old);
	turn_wants(walk->after, walk->arena, &new);
	return (struct lead_wants){
		.lead = join_wants(walk, old.lead, before->lead_count, walk->lead_slots, new.lead, after->lead_count, walk->schema.lead_count),
		.account = join_wants(walk, old.account, before->account_count, walk->account_slots, new.account, after->account_count, walk->schema.account_count),
		.accounts = old.accounts || new.accounts, .history = old.history || new.history, .scores = old.scores || new.scores,
		.consents = old.consents || new.consents, .suppressions = old.suppressions || new.suppressions};
}

/* ---- one lead ---- */

static struct value *laid(struct arena *arena, const struct value *fields, const int *slots, size_t count)
{
	struct value *out = arena_array(arena, count + 1, sizeof *out);
	for (size_t i = 0; i < count; i++)
		out[i] = fields[slots[i]];
	return out;
}

static struct turn_facts as_before(struct walk *walk, const struct turn_facts *facts)
{
	struct turn_facts old = *facts;
	if (walk->lead_slots)
		old.lead.fields = laid(walk->page_arena, facts->lead.fields, walk->lead_slots, walk->before->schema.lead_count);
	if (walk->account_slots && facts->account) {
		old.account = arena_alloc(walk->page_arena, sizeof *old.account);
		*old.account = *facts->account;
		old.account->fields = laid(walk->page_arena, facts->account->fields, walk->account_slots, walk->before->schema.account_count);
	}
	return old;
}

static int compare(struct walk *walk, const struct lead_facts *known, struct error *error)
{
	struct turn_facts facts;
	struct turn_stand before, after;
	arena_reset(walk->page_arena);
	if (turn_facts_read(&facts, known, walk->now, walk->page_arena, error))
		return -1;
	if (turn_stand(walk->after, &facts, false, walk->page_arena, &after, error))
		return -1;
	if (walk->first) {
		preview_accounts_add(walk->accounts, &facts, after.adds);
		return 0;
	}
	struct turn_facts old = as_before(walk, &facts), stored = facts;
	for (size_t step = 0; stored.account && step < preview_accounts_steps(walk->accounts); step++) {
		facts.account = preview_accounts_then(walk->accounts, step, stored.account, walk->page_arena);
		facts.applied = after.adds;
		if (turn_stand(walk->after, &facts, false, walk->page_arena, &after, error))
			return -1;
	}
	if (turn_stand(walk->before, &old, false, walk->page_arena, &before, error))
		return -1;
	preview_accounts_add(walk->accounts, &stored, after.adds);
	if (!preview_tally_add(walk->tally, &facts, &before, &after))
		return 0;
	if (turn_stand(walk->before, &old, true, walk->page_arena, &before, error) || turn_stand(walk->after, &facts, true, walk->page_arena, &after, error))
		return -1;
	preview_tally_example(walk->tally, &facts.lead, &before, &after);
	return 0;
}

static int on_page(void *arg, struct batch *page, struct error *error)
{
	struct walk *walk = arg;
	for (size_t i = 0; i < page->count; i++) {
		if (compare(walk, &page->leads[i].facts, error))
			return -1;
		if (++walk->looked % SAID_EVERY || !walk->preview->progress)
			continue;
		walk->stopped = walk->preview->progress(walk->preview->arg, walk->looked, walk->total > walk->looked ? walk->total : 0);
		if (walk->stopped)
			return error_set(error, ERROR_CONFLICT, "preview", "stopped");
	}
	return 0;
}

static int look_at_all(struct walk *walk, struct error *error)
{
	const struct preview *preview = walk->preview;
	join_schemas(walk);
	struct scan_request request = {.schema = &walk->schema, .now = walk->now, .wants = wants_of(walk)};
	walk->accounts = preview_accounts_new(walk->before, walk->after, walk->account_slots);
	walk->first = preview_accounts_looks_twice(walk->accounts);
	walk->total *= walk->first ? 1 + (int64_t)preview_accounts_most(walk->accounts) : 1; /* it may end earlier, and never goes back */
	for (;;) {
		preview_tally_free(walk->tally);
		walk->tally = preview_tally_new(walk->before, walk->after);
		if (store_scan(preview->loop, preview->store, &request, on_page, walk, error))
			return -1;
		walk->unsettled = walk->first || !preview_accounts_settled(walk->accounts);
		if (!walk->unsettled || preview_accounts_steps(walk->accounts) == preview_accounts_most(walk->accounts))
			break;
		preview_accounts_step(walk->accounts);
		walk->first = false;
	}
	return preview_accounts_count(walk->accounts, preview->loop, preview->store, &walk->schema, error);
}

/* ---- the whole ---- */

static json_t *result_of(struct walk *walk)
{
	char revision[HASH_HEX];
	bool compared = walk->tally != NULL;
	json_t *json = compared ? preview_tally_json(walk->tally) : json_pack("{s:i}", "moved", 0);
	playbook_files_revision(walk->preview->files, revision);
	json_t *accounts = compared ? preview_accounts_json(walk->accounts) : NULL;
	if (accounts)
		json_object_set_new(json, "accounts", accounts);
	json_object_set_new(json, "active", walk->active[0] ? json_string(walk->active) : json_null());
	json_object_set_new(json, "revision", json_string(revision));
	if (walk->unsettled)
		json_object_set_new(json, "unsettled", json_true());
	json_object_set_new(json, "same", json_boolean(!compared && walk->active[0] && !walk->unreadable.code));
	if (walk->unreadable.code)
		json_object_set_new(json, "unreadable", json_string(walk->unreadable.message));
	if (walk->before && walk->after && strcmp(revision, walk->active) != 0) /* the active one again changes nothing */
		preview_enrolled(walk->before, walk->after, walk->enrolled, json);
	return json;
}

static int look(struct walk *walk, struct error *error)
{
	if (ask(walk, error))
		return -1;
	if (!walk->active[0])
		return 0;
	struct playbook_files after = as_published(walk);
	walk->before = load(walk, &walk->files, true, &walk->unreadable);
	if (!walk->before)
		return 0;
	walk->after = load(walk, &after, false, error);
	if (!walk->after)
		return -1;
	if (strcmp(walk->before->standing, walk->after->standing) == 0 && after.off_count == walk->files.off_count)
		return 0;
	return look_at_all(walk, error);
}

json_t *preview_run(const struct preview *preview, struct error *error)
{
	struct walk walk = {.preview = preview, .arena = arena_new(), .page_arena = arena_new()};
	int failed = look(&walk, error);
	if (walk.stopped)
		error_clear(error);
	json_t *result = failed ? NULL : result_of(&walk);
	json_decref(walk.enrolled);
	preview_tally_free(walk.tally);
	preview_accounts_free(walk.accounts);
	playbook_free(walk.after);
	playbook_free(walk.before);
	arena_free(walk.page_arena);
	arena_free(walk.arena);
	return result;
}

int64_t preview_accounts_moved(const json_t *result)
{
	return json_integer_value(json_object_get(json_object_get(result, "accounts"), "moved"));
}

bool preview_asks(const json_t *result)
{
	return json_integer_value(json_object_get(result, "moved")) > 0 || preview_accounts_moved(result) > 0 || json_object_get(result, "inside") || json_object_get(result, "unreadable");
}

const char *preview_strands(const json_t *result)
{
	return json_string_value(json_object_get(result, "stranded_text"));
}

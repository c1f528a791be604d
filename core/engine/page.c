/* One page of a walk: its leads decided about again, in slices. Called by rescore.c, which reads it and has it saved; knows no other page.
 *
 * By the same code as turns, on facts without touches and walks through campaigns. Who stands in a campaign, or of whom more comes than scores, events
 * and segments, is put in line for an ordinary turn; who is in line has one coming anyway. Memory of leads about whom there is nothing to save is
 * used again for the next. */
#include "engine/page.h"

#include "base/mem.h"

#include <stdlib.h>

static const int64_t slice_us = 1000, most_us = MOMENT_SECOND / 20 /* of one page */;

static bool needs_a_turn(const struct batch_lead *before, const struct turn_changes *c)
{
	return before->enrolled || before->failing || c->erase || c->slot_count || c->enrollment_count || c->log_count || c->planned_count ||
	       c->cancelled_count || c->suppression_count || c->handoff_count;
}

/* An account counts nobody who is disqualified. A page of a playbook that asks nothing of accounts has not read what this one was counted as. */
static bool is_counted_anew(const struct batch_lead *before, const struct turn_facts *facts)
{
	bool counted = before->facts.lead.stage != STAGE_DISQUALIFIED;
	return facts->without_account && facts->lead.account_id && counted != (facts->lead.stage != STAGE_DISQUALIFIED);
}

/* What became of numbers is told by the job as a whole; every change of a grade is kept. */
static void keep_grades(struct turn_changes *c)
{
	size_t kept = 0;
	for (size_t i = 0; i < c->score_change_count; i++)
		if (c->score_changes[i].is_grade)
			c->score_changes[kept++] = c->score_changes[i];
	c->score_change_count = kept;
}

static int decide(struct page *page, const struct batch_lead *before, struct turn_facts *facts, struct turn_changes *changes)
{
	struct engine *engine = page->engine;
	struct error error = {0};
	struct turn_watch watch = round_note(engine, before->facts.lead.id, page->edition->playbook);
	if (turn_facts_read(facts, &before->facts, page->batch->now, page->arena, &error) < 0)
		return -1;
	facts->rescore = facts->in_bulk = true;
	facts->e164 = phone_national;
	facts->phone_sense = phone_sense;
	facts->phone_country = phone_country;
	facts->watch = watch;
	return turn_run(page->edition->playbook, facts, page->arena, changes, &error);
}

static bool is_to_be_saved(const struct batch_lead *before, const struct turn_facts *facts, const struct turn_changes *c)
{
	return c->score_count || c->lead_changed || turn_member_changed(facts, &c->member) || c->history_changed || c->error_count || c->event_count ||
	       c->wake_at != before->wake_at;
}

enum looked { LOOKED_NOTHING, LOOKED_SAVES, LOOKED_NO_IDS };

/* A turn that fails here fails in its own, too, which says so. */
static enum looked look_again(struct page *page, const struct batch_lead *before)
{
	struct turn_facts facts;
	struct turn_changes changes = {.wake_at = MOMENT_NEVER};
	struct save_page *place = &page->place;
	if (before->in_line)
		return LOOKED_NOTHING;
	if (before->enrolled || before->failing || decide(page, before, &facts, &changes) || needs_a_turn(before, &changes) || is_counted_anew(before, &facts)) {
		page->handed[place->handed_count++] = before->facts.lead.id;
		return LOOKED_NOTHING;
	}
	keep_grades(&changes);
	if (!is_to_be_saved(before, &facts, &changes))
		return LOOKED_NOTHING;
	if (!translate(&page->engine->ids, before, &facts, &changes, page->arena, &page->saves[page->save.count]))
		return LOOKED_NO_IDS;
	page->save.count++;
	place->errors += (int64_t)changes.error_count;
	place->changed += changes.score_count || changes.lead_changed;
	place->graded += changes.score_change_count > 0;
	round_tell(page->engine, &changes, page->arena);
	return LOOKED_SAVES;
}

static void close_page(struct page *page)
{
	const struct batch *batch = page->batch;
	size_t done = page->done;
	page->place.leads = (int64_t)done;
	page->place.next = done == batch->count ? batch->next : done ? batch->leads[done - 1].facts.lead.id : page->place.after;
}

bool page_decide(struct page *page)
{
	const struct batch *batch = page->batch;
	mono_t begin = mono_now(), now = begin;
	enum looked looked = LOOKED_NOTHING;
	while (page->done < batch->count && now - begin < slice_us && (!page->done || page->took + now - begin < most_us)) {
		struct arena_mark mark = arena_mark(page->arena);
		looked = look_again(page, &batch->leads[page->done]);
		if (looked == LOOKED_NO_IDS)
			break;
		if (looked == LOOKED_NOTHING)
			arena_rewind(page->arena, mark);
		page->done++;
		now = mono_now();
	}
	worker_note(page->engine->worker, "%s", "");
	metrics_add(page->engine->worker->metrics, METRIC_TURN_MICROS, now - begin);
	page->took += now - begin;
	close_page(page);
	return page->done == batch->count || looked == LOOKED_NO_IDS || page->took >= most_us;
}

struct page *page_new(struct rescore *rescore, struct engine *engine, struct batch *batch, int64_t job_id, int64_t after)
{
	struct page *page = mem_alloc(sizeof *page);
	*page = (struct page){.rescore = rescore, .engine = engine, .edition = edition_ref(engine->edition), .batch = batch, .arena = arena_new()};
	page->saves = arena_array(page->arena, batch->count + 1, sizeof *page->saves);
	page->handed = arena_array(page->arena, batch->count + 1, sizeof *page->handed);
	page->place = (struct save_page){.job_id = job_id, .after = after, .handed = page->handed};
	return page;
}

void page_free(struct page *page)
{
	if (!page)
		return;
	store_batch_free(page->batch);
	arena_free(page->arena);
	edition_unref(page->edition);
	free(page);
}

void page_hand_all(struct page *page)
{
	page->save.count = 0;
	page->place = (struct save_page){.job_id = page->place.job_id, .after = page->place.after, .next = page->batch->next, .handed = page->handed,
					 .leads = (int64_t)page->batch->count};
	for (size_t i = 0; i < page->batch->count; i++)
		if (!page->batch->leads[i].in_line)
			page->handed[page->place.handed_count++] = page->batch->leads[i].facts.lead.id;
}

/* Touches come in: permission, a row that is on the disk, QUEUED. A number that is on a list is not queued, and the attempt says why. A touch that comes again while its
 * row stands is the same call. */
#include "offer.h"
#include "rank.h"

#include "queue.sql.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct entry {
	LIST_ENTRY(entry) link;
	struct desk *desk;
	struct nurture_handle handle;
	int64_t touch_id, lead_id, queued_at, latest_at, points;
	enum rank_priority priority;
	uint32_t attempt;
	bool permitted;
	char *campaign, *step, *script, *number, *needs;
};

static const struct nurture_statement
	block = {sizeof block, "queue_block", sql_queue_block},
	insert = {sizeof insert, "queue_insert", sql_queue_insert};

static void entry_end(struct entry *entry, enum nurture_outcome outcome, const char *reason, const char *kind)
{
	const struct nurture_host *host = entry->desk->host;
	const struct nurture_result result = {.size = sizeof result, .outcome = outcome, .reason = reason, .kind = kind};
	struct nurture_handle handle = entry->handle;
	LIST_REMOVE(entry, link);
	free(entry->campaign), free(entry->step), free(entry->script), free(entry->number), free(entry->needs);
	free(entry);
	if (outcome)
		host->complete(host->data, handle, &result);
}

static struct entry *find(struct desk *desk, struct nurture_handle handle)
{
	struct entry *entry;
	LIST_FOREACH(entry, &desk->entries, link)
		if (entry->handle.id == handle.id && entry->handle.generation == handle.generation)
			break;
	return entry;
}

/* ---- the row ---- */

static void on_inserted(void *arg, const struct nurture_answer *answer)
{
	struct entry *entry = arg;
	if (answer->error && !answer->again) {
		entry->desk->host->log(entry->desk->host->data, NURTURE_LOG_ERROR, "calls.queue", answer->error);
		entry_end(entry, NURTURE_DEFERRED, "the call could not be queued: see the log", NULL);
	} else if (answer->error) {
		entry_end(entry, NURTURE_CHANNEL_DOWN, "the database is away", NULL);
	} else if (answer->steps[0].rows) {
		entry_end(entry, NURTURE_REJECTED, row_text(&answer->steps[0], 0, 0), "policy");
	} else {
		entry_end(entry, NURTURE_QUEUED, NULL, NULL);
	}
}

static void put_block(struct values *v, const struct entry *entry)
{
	put_text(v, entry->desk->host->channel_name);
	put_number(v, entry->touch_id);
	put_number(v, entry->lead_id);
	put_text(v, entry->number);
	put_text(v, entry->campaign);
	put_text(v, entry->step);
	put_text(v, entry->script);
	put_number(v, entry->queued_at);
}

static void put_insert(struct values *v, const struct entry *entry)
{
	static const char *const names[] = {"low", "normal", "high"};
	const struct rank_of of = {.priority = entry->priority, .points = entry->points, .queued_at = entry->queued_at, .latest_at = entry->latest_at,
				   .point_us = entry->desk->settings.point_us};
	put_text(v, entry->desk->host->channel_name);
	put_number(v, entry->touch_id);
	put_number(v, entry->lead_id);
	put_number(v, entry->attempt);
	put_text(v, entry->campaign);
	put_text(v, entry->step);
	put_text(v, entry->script);
	put_text(v, names[entry->priority - RANK_LOW]);
	put_number(v, entry->points);
	put_text(v, entry->number);
	put_text(v, entry->needs);
	put_number(v, rank_key(&of));
	put_number(v, entry->queued_at);
	put_number_or_null(v, entry->latest_at);
}

static void on_permit(void *arg, struct nurture_handle handle, bool allowed)
{
	struct entry *entry = find(arg, handle);
	struct values first = {0}, second = {0};
	if (!entry)
		return;
	if (!allowed) {
		entry_end(entry, NURTURE_CANCELLED, "permission was refused", NULL);
		return;
	}
	entry->permitted = true;
	put_block(&first, entry);
	put_insert(&second, entry);
	desk_ask(entry->desk, (const struct nurture_step[]){{&block, first.items, first.count}, {&insert, second.items, second.count}}, 2, on_inserted, entry);
}

/* ---- what stands in the touch ---- */

static const char *field(const struct nurture_touch *touch, const char *name)
{
	for (size_t i = 0; i < touch->field_count; i++)
		if (strcmp(touch->fields[i].name, name) == 0)
			return touch->fields[i].value;
	return "";
}

/* "kind:word", if the field has one: letters, digits, hyphens, as agents' abilities are spelt. */
static void add_need(char *needs, size_t room, const char *kind, const char *text)
{
	char word[48];
	size_t n = 0, used = strlen(needs);
	text += strspn(text, " \t\n");
	for (; text[n] && n + 1 < sizeof word && !strchr(" \t\n", text[n]); n++)
		word[n] = (char)(strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", text[n]) ? text[n] : '_');
	word[n] = 0;
	if (n)
		snprintf(needs + used, room - used, "%s%s:%s", used ? " " : "", kind, word);
}

static char *needs_of(const struct nurture_touch *touch)
{
	char needs[200] = "";
	add_need(needs, sizeof needs, "language", field(touch, "language"));
	add_need(needs, sizeof needs, "skill", field(touch, "skill"));
	add_need(needs, sizeof needs, "territory", field(touch, "territory"));
	return strdup(needs);
}

void queue_deliver(void *self, const struct nurture_touch *touch)
{
	struct desk *desk = self;
	const char *wrong;
	struct entry *entry = calloc(1, sizeof *entry);
	if (!entry)
		abort();
	*entry = (struct entry){
		.desk = desk, .handle = touch->handle, .touch_id = touch->touch_id, .lead_id = touch->lead_id, .queued_at = touch->now, .latest_at = touch->expires_at,
		.attempt = touch->attempt, .campaign = strdup(touch->campaign ? touch->campaign : ""), .step = strdup(touch->step ? touch->step : ""),
		.script = strdup(touch->template_name), .number = strdup(touch->address), .needs = needs_of(touch)};
	LIST_INSERT_HEAD(&desk->entries, entry, link);
	if (!entry->campaign || !entry->step || !entry->script || !entry->number || !entry->needs)
		abort();
	if (!rank_priority_read(field(touch, "priority"), &entry->priority) || !rank_points_read(field(touch, "points"), &entry->points))
		entry_end(entry, NURTURE_REJECTED, "the template's points are no number, or the priority is none of high, normal, low", "policy");
	else if ((wrong = offer_refuses(desk, entry->number)))
		entry_end(entry, NURTURE_REJECTED, wrong, "hard");
	else
		desk->host->permit(desk->host->data, entry->handle, on_permit, desk);
}

void queue_cancel(void *self, struct nurture_handle handle)
{
	struct entry *entry = find(self, handle);
	if (entry && !entry->permitted) /* else its row is on the way: it ends as that does */
		entry_end(entry, NURTURE_CANCELLED, "it was asked back", NULL);
}

void queue_end(struct desk *desk)
{
	while (!LIST_EMPTY(&desk->entries))
		entry_end(LIST_FIRST(&desk->entries), 0, NULL, NULL);
}

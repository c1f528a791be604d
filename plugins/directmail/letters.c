/* Touches come in: permission, a row that is on the disk, QUEUED. What it says and where it goes is not kept: the server is asked again when the job is cut. An address that no post can
 * do with ends as undeliverable at once. */
#include "office.h"

#include "days.h"
#include "firm.h"
#include "letter_view.h"

#include "letters.sql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct entry {
	LIST_ENTRY(entry) link;
	struct office *office;
	struct nurture_handle handle;
	int64_t touch_id, lead_id, queued_at, cut_at;
	uint32_t attempt;
	bool permitted, once;
	char drop_on[DAY_TEXT]; /* "" = none */
	char house[OUT_HASH_TEXT], person[OUT_HASH_TEXT], firm[OUT_HASH_TEXT], site[OUT_HASH_TEXT];
	char *campaign, *step, *template, *code, *url;
};

static const struct nurture_statement insert = {sizeof insert, "letters_insert", sql_letters_insert};

static void entry_end(struct entry *entry, enum nurture_outcome outcome, const char *reason, const char *kind)
{
	const struct nurture_host *host = entry->office->host;
	const struct nurture_result result = {.size = sizeof result, .outcome = outcome, .reason = reason, .kind = kind};
	struct nurture_handle handle = entry->handle;
	LIST_REMOVE(entry, link);
	free(entry->campaign), free(entry->step), free(entry->template), free(entry->code), free(entry->url);
	free(entry);
	if (outcome)
		host->complete(host->data, handle, &result);
}

static struct entry *find(struct office *office, struct nurture_handle handle)
{
	struct entry *entry;
	LIST_FOREACH(entry, &office->entries, link)
		if (entry->handle.id == handle.id && entry->handle.generation == handle.generation)
			break;
	return entry;
}

/* ---- the row ---- */

static void on_inserted(void *arg, const struct nurture_answer *answer)
{
	struct entry *entry = arg;
	if (answer->error && !answer->again) {
		office_log(entry->office, NURTURE_LOG_ERROR, "letters.queue", "%s", answer->error);
		entry_end(entry, NURTURE_DEFERRED, "the letter could not be queued: see the log", NULL);
	} else if (answer->error) {
		entry_end(entry, NURTURE_CHANNEL_DOWN, "the database is away", NULL);
	} else {
		struct office *office = entry->office;
		entry_end(entry, NURTURE_QUEUED, NULL, NULL);
		if (answer->steps[0].rows && strcmp(row_text(&answer->steps[0], 0, 0), "over") == 0)
			news_resume(office);
	}
}

static void put_insert(struct values *v, const struct entry *entry)
{
	put_text(v, entry->office->host->channel_name);
	put_number(v, entry->touch_id);
	put_number(v, entry->lead_id);
	put_number(v, entry->attempt);
	put_text(v, entry->campaign);
	put_text(v, entry->step);
	put_text(v, entry->template);
	put_number(v, entry->queued_at);
	put_text(v, *entry->drop_on ? entry->drop_on : NULL);
	put_number_or_null(v, entry->cut_at);
	put_text(v, entry->once ? "t" : "f");
	put_text(v, entry->code);
	put_text(v, entry->url);
	put_text(v, *entry->house ? entry->house : NULL);
	put_text(v, *entry->person ? entry->person : NULL);
	put_text(v, *entry->firm ? entry->firm : NULL);
	put_text(v, *entry->site ? entry->site : NULL);
}

static void on_permit(void *arg, struct nurture_handle handle, bool allowed)
{
	struct entry *entry = find(arg, handle);
	struct values v = {0};
	if (!entry)
		return;
	if (!allowed) {
		entry_end(entry, NURTURE_CANCELLED, "permission was refused", NULL);
		return;
	}
	entry->permitted = true;
	put_insert(&v, entry);
	office_ask(entry->office, (const struct nurture_step[]){{&insert, v.items, v.count}}, 1, on_inserted, entry);
}

/* ---- what stands in the touch ---- */

static const char *field(const struct nurture_touch *touch, const char *name)
{
	for (size_t i = 0; i < touch->field_count; i++)
		if (strcmp(touch->fields[i].name, name) == 0)
			return touch->fields[i].value;
	return "";
}

static bool has_field(const struct nurture_touch *touch, const char *name)
{
	for (size_t i = 0; i < touch->field_count; i++)
		if (strcmp(touch->fields[i].name, name) == 0)
			return true;
	return false;
}

/* The day of its drop begins in the playbook's zone; where the channel's clock is behind, that is still the evening before. */
static int64_t drop_day(const struct settings *settings, const struct nurture_touch *touch)
{
	static const int64_t DAY = INT64_C(86400000000);
	int64_t tomorrow = days_minute(settings->zone, touch->now, 12 * 60) + DAY;
	bool evening_before = !days_is(settings->zone, touch->now, field(touch, "drop")) && days_is(settings->zone, tomorrow, field(touch, "drop"));
	return evening_before ? tomorrow : touch->now;
}

/* When it may be cut: what has a day of its own on that day; the channel's day else; without one a count or a person does it. */
static void choose_day(struct entry *entry, const struct nurture_touch *touch)
{
	const struct settings *settings = &entry->office->settings;
	int64_t gathered = touch->now + settings->gather_us, day, minute;
	if (*field(touch, "drop")) {
		day = drop_day(settings, touch);
		minute = days_minute(settings->zone, day, settings->minute);
		entry->cut_at = minute > gathered ? minute : gathered;
		days_of(settings->zone, day, entry->drop_on);
	} else if (settings->weekday >= 0) {
		entry->cut_at = days_next(settings->zone, gathered, settings->weekday, settings->minute);
		days_of(settings->zone, entry->cut_at, entry->drop_on);
	}
}

/* What the post of that country needs and is not there; false = nothing. Without parts (a server that gives none) nothing is known. */
static bool lacks(const struct office *office, struct entry *entry, const struct nurture_touch *touch, char why[120])
{
	const char *sender = json_string_value(json_object_get(office->settings.sender, "country"));
	const struct post_address address = {.name = field(touch, "to.name"), .organisation = field(touch, "to.organisation"), .street = field(touch, "to.street"),
					     .city = field(touch, "to.city"), .region = field(touch, "to.region"), .postal_code = field(touch, "to.postal_code"),
					     .country = field(touch, "to.country")};
	const char *missing = has_field(touch, "to.street") ? post_address_missing(&address, sender ? sender : "") : NULL;
	letter_keys(&address, sender ? sender : "", entry->house, entry->person);
	firm_keys(&address, sender ? sender : "", field(touch, "to.domain"), entry->firm, entry->site);
	snprintf(why, 120, "the address has no %s that a post can do with", !missing ? "" : strcmp(missing, "postal_code") == 0 ? "postal code" : missing);
	return missing;
}

void letters_deliver(void *self, const struct nurture_touch *touch)
{
	struct office *office = self;
	struct entry *entry = calloc(1, sizeof *entry);
	if (!entry)
		abort();
	*entry = (struct entry){
		.office = office, .handle = touch->handle, .touch_id = touch->touch_id, .lead_id = touch->lead_id, .queued_at = touch->now, .attempt = touch->attempt,
		.once = strcmp(field(touch, "once_per"), "household") == 0, .campaign = strdup(touch->campaign ? touch->campaign : ""), .step = strdup(touch->step ? touch->step : ""),
		.template = strdup(touch->template_name), .code = strdup(NURTURE_HAS(touch, code) && touch->code ? touch->code : ""), .url = strdup(NURTURE_HAS(touch, url) && touch->url ? touch->url : "")};
	LIST_INSERT_HEAD(&office->entries, entry, link);
	if (!entry->campaign || !entry->step || !entry->template || !entry->code || !entry->url)
		abort();
	choose_day(entry, touch);
	char why[120];
	if (lacks(office, entry, touch, why))
		entry_end(entry, NURTURE_REJECTED, why, "hard");
	else
		office->host->permit(office->host->data, entry->handle, on_permit, office);
}

void letters_cancel(void *self, struct nurture_handle handle)
{
	struct entry *entry = find(self, handle);
	if (entry && !entry->permitted) /* else its row is on the way: it ends as that does */
		entry_end(entry, NURTURE_CANCELLED, "it was asked back", NULL);
}

void letters_end(struct office *office)
{
	while (!LIST_EMPTY(&office->entries))
		entry_end(LIST_FIRST(&office->entries), 0, NULL, NULL);
}

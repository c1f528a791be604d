/* The frame of a playbook: its name and defaults, open hours, frequency caps, the consent that channels need, and
 * people. What is not said has a plain default; what must be said by law (consent for an unknown country) is refused
 * when it is not. */
#include "playbook/build.h"

#include "model/country.h"

#include <stdlib.h>

/* ---- playbook ---- */

static bool check_zone(struct build *b, struct place at, const char *zone)
{
	if (!zone || calendar_zone_known(str_of(zone)))
		return true;
	build_error(b, at,
		    "there is no time zone \"%s\". Write its name by continent and city, like \"Europe/Berlin\".",
		    zone);
	return false;
}

static int compare_dates(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
	return (x > y) - (x < y);
}

/* "2027-12-25": once; "12-25": every year. */
static size_t read_holiday(struct build *b, struct place at, struct str text, int32_t *out)
{
	enum { FIRST_YEAR = 2000, LAST_YEAR = 2099 };
	struct str rest = text;
	struct str parts[3] = {str_cut(&rest, '-'), {NULL, 0}, {NULL, 0}};
	int64_t n[3] = {0};
	size_t count = 1, put = 0;
	while (rest.p && count < 3)
		parts[count++] = str_cut(&rest, '-');
	bool good = !rest.p && count >= 2;
	for (size_t i = 0; good && i < count; i++)
		good = str_to_int(parts[i], &n[i]);
	bool yearly = count == 2;
	int month = (int)(yearly ? n[0] : n[1]), day = (int)(yearly ? n[1] : n[2]);
	if (!good || !calendar_date_exists(yearly ? 2000 : (int)n[0], month, day)) {
		build_error(
			b, at,
			"\"%s\" is no day of a year. Write holidays = { \"2027-12-24\", \"12-25\" }: once, or every year.",
			text.p);
		return 0;
	}
	for (int year = yearly ? FIRST_YEAR : (int)n[0]; year <= (yearly ? LAST_YEAR : (int)n[0]); year++)
		if (calendar_date_exists(year, month, day))
			out[put++] = year * 10000 + month * 100 + day;
	return put;
}

static void read_holidays(struct build *b, const struct phrase *phrase, const int32_t **days, size_t *count)
{
	const struct detail *d = detail_of(phrase, "holidays");
	size_t n = 0;
	if (!d)
		return;
	if (d->kind == DETAIL_TEXT) {
		build_error(
			b, phrase->at,
			"this version does not know the holidays of a country. Write the days: holidays = { \"2027-12-24\", \"12-25\" }.");
		return;
	}
	const struct str *texts = detail_texts(b, phrase, "holidays", &n);
	int32_t *out = arena_array(b->arena, n * 100 + 1, sizeof *out);
	for (size_t i = 0; i < n; i++)
		*count += read_holiday(b, phrase->at, texts[i], out + *count);
	qsort(out, *count, sizeof *out, compare_dates);
	*days = out;
}

static const char *default_text(const struct phrase *phrase, const char *key, const char *otherwise)
{
	const char *text = phrase ? detail_text(phrase, key) : NULL;
	return text ? text : otherwise;
}

static struct phrase *sound_item(struct build *b, enum declared_kind kind, size_t i)
{
	return b->declared[kind].items[i].sound ? b->declared[kind].items[i].phrase : NULL;
}

/* What a playbook knows of bad addresses and of competitors, in small letters. */
static const struct str *read_quality(struct build *b, const struct phrase *phrase, const char *key, size_t *count)
{
	const struct str *texts = detail_texts(b, phrase, key, count);
	struct str *out = arena_array(b->arena, *count + 1, sizeof *out);
	for (size_t i = 0; i < *count; i++) {
		char *text = arena_dup_n(b->arena, texts[i].p, texts[i].n);
		for (char *c = text; *c; c++)
			*c = *c >= 'A' && *c <= 'Z' ? (char)(*c | 32) : *c;
		out[i] = str_trim(str_of(text));
		if (!out[i].n || strspn(out[i].p, "*") == out[i].n || memchr(out[i].p, '@', out[i].n))
			build_error(b, phrase->at, "%s = \"%s\" %s.", key, texts[i].p,
				    strcmp(key, "role_addresses") == 0 ? "must be what stands before the @, like \"welcome\""
								       : "must be a domain like \"rival.example\", or a name of a company like \"Rival*\"");
	}
	return out;
}

static bool read_country(struct build *b, struct place at, const char *key, char out[3])
{
	if (country_code(str_of(key), out) && strcmp(key, out) == 0)
		return true;
	static const char why[] = "%s is no country: write its two letters in capitals, like DE or US.";
	if (strlen(key) != 2 || strspn(key, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 2)
		return build_error(b, at, why, key), false;
	build_judge(b, at, why, key); /* no lead has such a country, so it does nothing */
	memcpy(out, key, 3);
	return true;
}

static void read_playbook(struct build *b, const int32_t **holidays, size_t *holiday_count)
{
	const struct declared *d = &b->declared[DECLARED_PLAYBOOK];
	const struct phrase *phrase = d->count ? d->items[0].phrase : NULL;
	if (d->count > 1)
		build_error(b, d->items[1].phrase->at, "a playbook says playbook \"…\" once; the first is in %s:%d.",
			    phrase->at.file, phrase->at.line);
	if (!phrase)
		build_error(
			b, (struct place){"playbook.lua", 1},
			"the playbook says nothing of itself. Write playbook.lua: playbook \"acme\" { title = \"Acme\", "
			"time_zone = \"Europe/Berlin\", language = \"en\" }.");
	struct playbook *p = b->playbook;
	p->name = phrase ? phrase->name : "";
	p->title = default_text(phrase, "title", p->name);
	p->time_zone = default_text(phrase, "time_zone", "UTC");
	p->language = default_text(phrase, "language", "en");
	p->postal_address = default_text(phrase, "postal_address", NULL);
	if (!phrase)
		return;
	const char *outer = build_enter(b, phrase);
	if (!check_zone(b, phrase->at, p->time_zone))
		p->time_zone = "UTC";
	read_holidays(b, phrase, holidays, holiday_count);
	if (detail_text(phrase, "country"))
		read_country(b, phrase->at, detail_text(phrase, "country"), p->country);
	p->quality.competitors = read_quality(b, phrase, "competitors", &p->quality.competitor_count);
	p->quality.disposable = read_quality(b, phrase, "disposable", &p->quality.disposable_count);
	p->quality.roles = read_quality(b, phrase, "role_addresses", &p->quality.role_count);
	build_same_person(b, phrase);
	build_leave(b, outer);
}

/* ---- hours ---- */

static bool read_open(struct build *b, struct place at, const char *days, const char *from, const char *to,
		      struct calendar_hours *out)
{
	struct error error = {0};
	if (calendar_hours_parse(str_of(days), str_of(from ? from : ""), str_of(to ? to : ""), out, &error) == 0)
		return true;
	build_error(b, at, "%s", error.message);
	return false;
}

static void read_hour_countries(struct build *b, const struct phrase *phrase, struct hours *out)
{
	const struct detail *d = detail_of(phrase, "countries");
	size_t n = d ? d->table->property_count : 0;
	struct hours_country *countries = arena_array(b->arena, n + 1, sizeof *countries);
	for (size_t i = 0; i < n; i++) {
		const struct detail *entry = &d->table->properties[i];
		struct hours_country *c = &countries[out->country_count];
		c->open.holidays = out->open.holidays;
		c->open.holiday_count = out->open.holiday_count;
		if (entry->kind != DETAIL_TEXT)
			build_error(b, phrase->at, "%s = \"Mon-Fri 9:00-20:00\" is expected in countries.", entry->key);
		else if (read_country(b, phrase->at, entry->key, c->country) &&
			 read_open(b, phrase->at, entry->text.p, detail_text(phrase, "from"), detail_text(phrase, "to"),
				   &c->open))
			out->country_count++;
	}
	out->countries = countries;
}

static void read_hours(struct build *b, const struct phrase *phrase, struct hours *out, const int32_t *holidays,
		       size_t holiday_count)
{
	const char *days = detail_text(phrase, "days");
	*out = (struct hours){.name = phrase->name, .at = phrase->at, .zone = detail_text(phrase, "zone")};
	out->open.holidays = holidays;
	out->open.holiday_count = holiday_count;
	if (strcmp(phrase->name, "office") != 0)
		build_channel_kind(b, phrase->at, phrase->name, false);
	else if (!out->zone)
		out->zone = b->playbook->time_zone;
	if (!days)
		build_error(b, phrase->at, "days = is missing: days = \"Mon-Fri\".");
	check_zone(b, phrase->at, out->zone);
	if (detail_of(phrase, "holidays")) {
		out->open.holidays = NULL;
		out->open.holiday_count = 0;
		read_holidays(b, phrase, &out->open.holidays, &out->open.holiday_count);
	}
	if (days)
		read_open(b, phrase->at, days, detail_text(phrase, "from"), detail_text(phrase, "to"), &out->open);
	read_hour_countries(b, phrase, out);
}

/* ---- cap ---- */

static void check_purpose(struct build *b, struct place at, const char *purpose)
{
	static const char *const purposes[] = {"marketing", "service", "confirm"};
	for (size_t i = 0; i < 3; i++)
		if (strcmp(purpose, purposes[i]) == 0)
			return;
	build_error(b, at, "there is no purpose \"%s\".%s The purposes are marketing, service and confirm.", purpose,
		    build_near(b, purpose, purposes, 3));
}

static void read_cap(struct build *b, const struct phrase *phrase, struct cap *out)
{
	*out = (struct cap){.channel = phrase->name, .at = phrase->at};
	build_channel_kind(b, phrase->at, phrase->name, true);
	out->at_most = detail_int(b, phrase, "at_most", 1, 1000, 0);
	out->within = detail_window(b, phrase, "within");
	out->except = detail_texts(b, phrase, "except", &out->except_count);
	for (size_t i = 0; i < out->except_count; i++)
		check_purpose(b, phrase->at, out->except[i].p);
	if (!out->at_most || !out->within.count)
		build_error(b, phrase->at,
			    "a cap says how many and in what time: { at_most = 2, within = \"7 days\" }.");
}

/* ---- topics ---- */

static void read_topic(struct build *b, const struct phrase *phrase, struct topic *out)
{
	*out = (struct topic){.name = phrase->name, .label = default_text(phrase, "label", phrase->name), .at = phrase->at};
	if (b->playbook->topic_count == TOPICS_MOST + 1)
		build_error(b, phrase->at, "there are more than %d topics: nobody chooses among so many.", TOPICS_MOST);
}

/* ---- consent ---- */

static bool read_need(struct build *b, struct place at, const char *text, enum consent_need *out)
{
	static const char *const names[] = {
		[NEED_OPT_OUT] = "opt-out", [NEED_OPT_IN] = "opt-in", [NEED_DOUBLE_OPT_IN] = "double-opt-in"};
	for (int i = 0; i < 3; i++) {
		if (strcmp(text, names[i]) == 0) {
			*out = (enum consent_need)i;
			return true;
		}
	}
	build_error(b, at, "\"%s\" is no kind of consent. It is opt-out, opt-in or double-opt-in.", text);
	return false;
}

static void read_consent_countries(struct build *b, const struct phrase *phrase, struct consent_rule *out)
{
	const struct detail *d = detail_of(phrase, "countries");
	size_t n = d ? d->table->property_count : 0;
	struct consent_country *countries = arena_array(b->arena, n + 1, sizeof *countries);
	for (size_t i = 0; i < n; i++) {
		const struct detail *entry = &d->table->properties[i];
		struct consent_country *c = &countries[out->country_count];
		if (entry->kind != DETAIL_TEXT)
			build_error(b, phrase->at, "%s = \"opt-in\" is expected in countries.", entry->key);
		else if (read_country(b, phrase->at, entry->key, c->country) &&
			 read_need(b, phrase->at, entry->text.p, &c->need))
			out->country_count++;
	}
	out->countries = countries;
}

/* What is asked for beside channels: whether opens and clicks of mails are recorded, and a cookie given to browsers. */
static const char *const tracking[] = {"track_open", "track_click", "cookie"};

static void read_consent(struct build *b, const struct phrase *phrase, struct consent_rule *out)
{
	const char *standard = detail_text(phrase, "default"), *unknown = detail_text(phrase, "unknown");
	*out = (struct consent_rule){.channel = phrase->name,
				     .at = phrase->at,
				     .purpose = default_text(phrase, "purpose", "marketing")};
	build_channel_or(b, phrase->at, phrase->name, tracking, sizeof tracking / sizeof *tracking);
	check_purpose(b, phrase->at, out->purpose);
	if (!unknown)
		build_error(
			b, phrase->at,
			"consent \"%s\" does not say what holds when the country is not known. Add unknown = \"opt-in\".",
			phrase->name);
	else
		read_need(b, phrase->at, unknown, &out->unknown);
	if (!standard)
		build_error(b, phrase->at,
			    "default = is missing: default = \"opt-out\", \"opt-in\" or \"double-opt-in\".");
	else
		read_need(b, phrase->at, standard, &out->standard);
	read_consent_countries(b, phrase, out);
}

/* ---- person ---- */

static void read_person(struct build *b, const struct phrase *phrase, struct person_entry *out)
{
	struct str address;
	struct error error = {0};
	*out = (struct person_entry){.name = phrase->name,
				     .at = phrase->at,
				     .title = default_text(phrase, "name", phrase->name),
				     .email = detail_text(phrase, "email"),
				     .phone = detail_text(phrase, "phone")};
	const char *hours = detail_text(phrase, "hours");
	struct calendar_hours *open = hours ? arena_alloc(b->arena, sizeof *open) : NULL;
	if (hours && read_open(b, phrase->at, hours, NULL, NULL, open))
		out->hours = open;
	if (!out->email)
		build_error(b, phrase->at, "email = is missing: leads and alerts are sent there.");
	else if (model_email_normalise(str_of(out->email), b->arena, &address, &error) < 0)
		build_error(b, phrase->at, "%s", error.message);
	else
		out->email = address.p;
	if (strcmp(phrase->name, "owner") == 0 || strcmp(phrase->name, "nothing") == 0)
		build_error(b, phrase->at, "\"%s\" has a meaning of its own and cannot be a person.", phrase->name);
}

#define READ_ALL(b, kind, list, number, type, ...)                                                                     \
	do {                                                                                                           \
		struct type *all = arena_array((b)->arena, (b)->declared[kind].count + 1, sizeof *all);                \
		for (size_t i = 0; i < (b)->declared[kind].count; i++) {                                               \
			struct phrase *phrase = sound_item(b, kind, i);                                                \
			if (!phrase)                                                                                   \
				continue;                                                                              \
			const char *outer = build_enter(b, phrase);                                                    \
			read_##type(b, phrase, &all[(b)->playbook->number++], ##__VA_ARGS__);                         \
			build_leave(b, outer);                                                                         \
		}                                                                                                      \
		(b)->playbook->list = all;                                                                             \
	} while (0)
#define read_consent_rule read_consent
#define read_person_entry read_person

void build_site(struct build *b)
{
	const int32_t *holidays = NULL;
	size_t holiday_count = 0;
	read_playbook(b, &holidays, &holiday_count);
	READ_ALL(b, DECLARED_HOURS, hours, hours_count, hours, holidays, holiday_count);
	READ_ALL(b, DECLARED_CAP, caps, cap_count, cap);
	READ_ALL(b, DECLARED_TOPIC, topics, topic_count, topic);
	READ_ALL(b, DECLARED_CONSENT, consents, consent_count, consent_rule);
	READ_ALL(b, DECLARED_PERSON, people, people_count, person_entry);
}

/* The events of a simulation: "day 6 [14:30] asset.download [subject] [kind=case-study] [value=20] [key=value …]". Verbs, assets, forms and fields
 * are looked up as check does. */
#include "turn/simulate_read.h"

#include <stdlib.h>

enum { EVENTS_MOST = 1000 };

struct event_reading {
	struct reading *r;
	const struct verb *verb;
	struct simulate_event *out;
	json_t *data;
	struct str kind, topic, buying_stage; /* of an asset, instead of its name */
};

static int bad_event(struct reading *r, const char *text)
{
	return error_set(r->error, ERROR_INVALID, "events", "event \"%s\": write day N [HH:MM] VERB [SUBJECT] [key=value …], like \"day 6 asset.download kind=case-study\".",
			 text);
}

static struct str next_word(struct str *rest)
{
	struct str word = {"", 0};
	while (rest->p && !word.n)
		word = str_cut(rest, ' ');
	return word;
}

static bool read_time(struct str word, int *minute)
{
	struct str rest = word;
	int64_t hour, minutes;
	struct str first = str_cut(&rest, ':');
	if (!rest.p || !str_to_int(first, &hour) || !str_to_int(rest, &minutes) || hour < 0 || hour > 23 || minutes < 0 || minutes > 59)
		return false;
	*minute = (int)(hour * 60 + minutes);
	return true;
}

/* What turns tell each other, and what ends a lead, cannot be said from outside. */
static bool is_ours_alone(const struct verb *verb)
{
	static const char *const ours[] = {"touch.over", "lead.erase", "lead.merge", "lead.unmerge", "lead.merged", "lead.unmerged", "lead.create"};
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		if (strcmp(verb->name, ours[i]) == 0)
			return true;
	return false;
}

static int read_verb(struct event_reading *e, struct str word)
{
	struct names names = simulate_names(e->r);
	const struct playbook *playbook = e->r->playbook;
	for (size_t i = 0; i < playbook->verb_count; i++) {
		simulate_name(&names, playbook->verbs[i].name);
		if (str_is(word, playbook->verbs[i].name))
			e->verb = &playbook->verbs[i];
	}
	if (!e->verb)
		e->verb = verb_find(word);
	for (const struct verb *verb = model_verbs; verb->name; verb++)
		if (!is_ours_alone(verb))
			simulate_name(&names, verb->name);
	if (!e->verb || is_ours_alone(e->verb))
		return simulate_unknown(e->r, "events", e->verb ? "nobody but the server can tell" : "there is no verb", word, &names);
	e->out->event.verb = str_of(e->verb->name);
	return 0;
}

static int read_subject(struct event_reading *e, struct str subject)
{
	const struct playbook *playbook = e->r->playbook;
	struct names names = simulate_names(e->r);
	const char *of = e->verb->subject ? e->verb->subject : "";
	bool asset = strcmp(of, "asset") == 0, form = strcmp(of, "form") == 0;
	e->out->event.subject = arena_str(e->r->arena, subject);
	for (size_t i = 0; asset && i < playbook->asset_count; i++)
		simulate_name(&names, playbook->assets[i].name);
	for (size_t i = 0; form && i < playbook->form_count; i++)
		simulate_name(&names, playbook->forms[i].name);
	if (asset && !playbook_asset(playbook, subject))
		return simulate_unknown(e->r, "events", "there is no asset", subject, &names);
	if (form && playbook->form_count && !playbook_form(playbook, subject))
		return simulate_unknown(e->r, "events", "there is no form", subject, &names);
	return 0;
}

static int read_update(struct event_reading *e, struct str key, struct str value)
{
	const struct schema *schema = &e->r->playbook->schema;
	struct field_value field = {0};
	json_t *text = json_stringn(value.p, value.n), *set = json_object_get(e->data, "set");
	int result = simulate_field(e->r, schema->lead, schema->lead_count, arena_dup_n(e->r->arena, key.p, key.n), text, &field);
	json_decref(text);
	if (result < 0)
		return -1;
	if (!set)
		json_object_set_new(e->data, "set", set = json_object());
	json_object_set_new(set, schema->lead[field.slot].name, value_to_json(&field.value));
	return 0;
}

static int read_key(struct event_reading *e, struct str key, struct str value)
{
	struct str *const of_asset[] = {&e->kind, &e->topic, &e->buying_stage};
	static const char *const names[] = {"kind", "topic", "buying_stage"};
	double number;
	if (strcmp(e->verb->name, "lead.update") == 0)
		return read_update(e, key, value);
	for (size_t i = 0; i < 3 && e->verb->subject && strcmp(e->verb->subject, "asset") == 0; i++)
		if (str_is(key, names[i])) {
			*of_asset[i] = value;
			return 0;
		}
	if (str_is(key, "subject"))
		return read_subject(e, value);
	if (str_is(key, "value")) {
		e->out->event.has_value = str_to_double(value, &e->out->event.value);
		return e->out->event.has_value ? 0 : error_set(e->r->error, ERROR_INVALID, "events", "value=%.*s is no number.", STR_ARG(value));
	}
	const struct verb_data *data = playbook_verb_data(e->r->playbook, str_of(e->verb->name));
	struct names known = simulate_names(e->r);
	bool found = !data || !data->field_count;
	for (size_t i = 0; data && i < data->field_count; i++) {
		simulate_name(&known, data->fields[i]);
		found |= str_is(key, data->fields[i]);
	}
	if (!found)
		return simulate_unknown(e->r, "events", arena_printf(e->r->arena, "%s has no", e->verb->name), key, &known);
	char *name = arena_dup_n(e->r->arena, key.p, key.n);
	json_object_set_new(e->data, name, str_to_double(value, &number) ? json_real(number) : json_stringn(value.p, value.n));
	return 0;
}

/* The first asset of the library that is of this kind. */
static int find_asset(struct event_reading *e)
{
	const struct playbook *playbook = e->r->playbook;
	const struct { struct str wanted; const char *name; } asked[] = {{e->kind, "kind"}, {e->topic, "topic"}, {e->buying_stage, "buying_stage"}};
	if (e->out->event.subject.n || (!e->kind.n && !e->topic.n && !e->buying_stage.n))
		return 0;
	struct names names = simulate_names(e->r);
	for (size_t i = 0; i < playbook->asset_count; i++) {
		const struct asset *asset = &playbook->assets[i];
		const char *const has[] = {asset->kind, asset->topic, asset->buying_stage};
		bool fits = true;
		for (size_t k = 0; k < 3; k++)
			fits &= !asked[k].wanted.n || (has[k] && str_is(asked[k].wanted, has[k]));
		if (fits) {
			e->out->event.subject = str_of(asset->name);
			return 0;
		}
	}
	size_t first = e->kind.n ? 0 : e->topic.n ? 1 : 2;
	for (size_t i = 0; i < playbook->asset_count; i++) {
		const char *const has[] = {playbook->assets[i].kind, playbook->assets[i].topic, playbook->assets[i].buying_stage};
		simulate_name(&names, has[first] ? has[first] : "");
	}
	return simulate_unknown(e->r, "events", arena_printf(e->r->arena, "no asset has the %s", asked[first].name), asked[first].wanted, &names);
}

static int read_words(struct event_reading *e, struct str rest, const char *text)
{
	int64_t day;
	struct str word = next_word(&rest);
	if (!str_is(word, "day") || !str_to_int(next_word(&rest), &day) || day < 1 || day > SIMULATE_DAYS_MOST)
		return bad_event(e->r, text);
	*e->out = (struct simulate_event){.day = (int)day, .minute = -1, .event = {.subject = {"", 0}, .data = {"", 0}}};
	word = next_word(&rest);
	if (read_time(word, &e->out->minute))
		word = next_word(&rest);
	if (!word.n)
		return bad_event(e->r, text);
	if (read_verb(e, word) < 0)
		return -1;
	while ((word = next_word(&rest)).n) {
		struct str value = word, key = str_cut(&value, '=');
		if (value.p ? read_key(e, key, value) < 0 : read_subject(e, word) < 0)
			return -1;
	}
	return find_asset(e);
}

static int read_event(struct reading *r, const char *text, struct simulate_event *out)
{
	struct event_reading e = {.r = r, .out = out, .data = json_object()};
	int result = read_words(&e, str_of(text), text);
	char *data = json_object_size(e.data) ? json_dumps(e.data, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
	if (data)
		out->event.data = str_of(arena_dup(r->arena, data));
	free(data);
	json_decref(e.data);
	return result;
}

int simulate_events(struct reading *r, json_t *json)
{
	json_t *list = json_object_get(json, "events");
	size_t n = json_array_size(list);
	struct simulate_event *events = arena_array(r->arena, n + 1, sizeof *events);
	if (n > EVENTS_MOST || (list && !json_is_array(list)))
		return error_set(r->error, ERROR_INVALID, "events", "events are a list of at most %d texts.", EVENTS_MOST);
	r->out->events = events;
	for (size_t i = 0; i < n; i++) {
		const char *text = json_string_value(json_array_get(list, i));
		if (!text)
			return error_set(r->error, ERROR_INVALID, "events", "an event is a text like \"day 6 asset.download kind=case-study\".");
		if (read_event(r, text, &events[r->out->event_count++]) < 0)
			return -1;
		if (events[i].day > r->out->days + 1)
			return error_set(r->error, ERROR_INVALID, "events", "event \"%s\" is after the last day (%d). Say more days.", text, r->out->days);
	}
	return 0;
}

/* Reads what is to be simulated (simulate.h): names are looked up here, so that a word that is not there is said before anything is walked. */
#include "base/buf.h"
#include "playbook/calls.h"
#include "turn/simulate_read.h"

enum { NAMES = 4000, ENDS_MOST = 300 };

struct names simulate_names(struct reading *r)
{
	return (struct names){arena_array(r->arena, NAMES, sizeof(char *)), 0};
}

void simulate_name(struct names *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->items[i], name) == 0)
			return;
	if (name[0] && names->count < NAMES)
		names->items[names->count++] = name;
}

/* "there is no step "x". Did you mean "y"? There are: a, b." */
int simulate_unknown(struct reading *r, const char *field, const char *what, struct str name, const struct names *names)
{
	const char *near = str_nearest(name, names->items, names->count);
	struct buf text = {0};
	buf_printf(&text, "%s \"%.*s\".", what, STR_ARG(name));
	if (near)
		buf_printf(&text, " Did you mean \"%s\"?", near);
	for (size_t i = 0; i < names->count && names->count <= 20; i++)
		buf_printf(&text, "%s%s", i ? ", " : " There are: ", names->items[i]);
	if (names->count && names->count <= 20)
		buf_putc(&text, '.');
	int result = error_set(r->error, ERROR_INVALID, field, "%s", text.p);
	buf_fini(&text);
	return result;
}

/* ---- campaign ---- */

static int read_campaign(struct reading *r, json_t *json)
{
	const char *name = json_string_value(json_object_get(json, "campaign"));
	struct names names = simulate_names(r);
	if (!name)
		return error_set(r->error, ERROR_INVALID, "campaign", "which campaign? \"campaign\" is its name.");
	r->out->campaign = playbook_campaign(r->playbook, str_of(name));
	if (r->out->campaign)
		return 0;
	for (size_t i = 0; i < r->playbook->campaign_count; i++)
		simulate_name(&names, r->playbook->campaigns[i].name);
	return simulate_unknown(r, "campaign", "there is no campaign", str_of(name), &names);
}

static int read_days(struct reading *r, json_t *json)
{
	json_t *days = json_object_get(json, "days");
	json_int_t n = days ? json_integer_value(days) : SIMULATE_DAYS;
	if ((days && !json_is_integer(days)) || n < 1 || n > SIMULATE_DAYS_MOST)
		return error_set(r->error, ERROR_INVALID, "days", "days is a number from 1 to %d.", SIMULATE_DAYS_MOST);
	r->out->days = (int)n;
	return 0;
}

/* ---- an invented lead ---- */

int simulate_field(struct reading *r, const struct field *fields, size_t count, const char *name, json_t *value, struct field_value *out)
{
	struct names names = simulate_names(r);
	size_t slot = 0;
	while (slot < count && strcmp(fields[slot].name, name) != 0)
		slot++;
	out->slot = (int)slot;
	if (slot < count && value_refuse_computed(&fields[slot], r->error) < 0)
		return -1;
	if (slot < count) /* typed in a command it is text */
		return json_is_string(value) ? value_from_text(&fields[slot], str_of(json_string_value(value)), r->arena, &out->value, r->error)
					     : value_from_json(&fields[slot], value, r->arena, &out->value, r->error);
	for (size_t i = 0; i < count; i++)
		simulate_name(&names, fields[i].name);
	return simulate_unknown(r, name, "there is no field", str_of(name), &names);
}

static int read_fields(struct reading *r, json_t *object, const struct field *fields, size_t count, const struct field_value **out, size_t *n)
{
	struct field_value *values = arena_array(r->arena, json_object_size(object) + 1, sizeof *values);
	const char *name;
	json_t *value;
	*out = values;
	json_object_foreach(object, name, value) {
		if (json_is_object(value) && strcmp(name, "account") == 0)
			continue;
		if (simulate_field(r, fields, count, name, value, &values[*n]) < 0)
			return -1;
		++*n;
	}
	return 0;
}

int simulate_lead(struct reading *r, json_t *json)
{
	const struct schema *schema = &r->playbook->schema;
	json_t *fields = json_object_get(json, "fields"), *account = json_object_get(fields, "account");
	if (fields && !json_is_object(fields))
		return error_set(r->error, ERROR_INVALID, "fields", "fields are {name: value}.");
	if (read_fields(r, fields, schema->lead, schema->lead_count, &r->out->fields, &r->out->field_count) < 0)
		return -1;
	return account ? read_fields(r, account, schema->account, schema->account_count, &r->out->account_fields, &r->out->account_field_count) : 0;
}

/* ---- answers ---- */

static bool can_end(struct reading *r, const struct step *step, struct str answer, struct names *names)
{
	const char *ends[ENDS_MOST];
	bool found = false;
	size_t n = playbook_ends(r->playbook, step, ends, ENDS_MOST);
	for (size_t i = 0; i < n; i++) {
		simulate_name(names, ends[i]);
		found |= str_is(answer, ends[i]);
	}
	return found;
}

static int unknown_step(struct reading *r, const char *name)
{
	struct names names = simulate_names(r);
	for (size_t i = 0; i < r->out->campaign->step_count; i++)
		simulate_name(&names, r->out->campaign->steps[i].name);
	return simulate_unknown(r, "answers", arena_printf(r->arena, "campaign \"%s\" has no step", r->out->campaign->name), str_of(name), &names);
}

/* The ways of its split, if it has one: true when this is one of them. */
static bool is_way(const struct step *step, struct str answer, struct names *names)
{
	bool found = false;
	for (size_t i = 0; i < step->action_count; i++) {
		if (!step->actions[i].way)
			continue;
		simulate_name(names, step->actions[i].way);
		found |= str_is(answer, step->actions[i].way);
	}
	return found;
}

static int read_answer(struct reading *r, const struct step *step, json_t *value)
{
	struct names names = simulate_names(r);
	const char *text = json_string_value(value);
	if (!text)
		return error_set(r->error, ERROR_INVALID, "answers", "step \"%s\": an answer is a word, or a list of words.", step->name);
	bool way = is_way(step, str_of(text), &names), splits = names.count > 0;
	if (!way && !splits && !playbook_contact(step))
		return error_set(r->error, ERROR_INVALID, "answers", "step \"%s\" makes no contact that could end in one way or another.", step->name);
	if (way)
		r->out->ways[r->out->way_count++] = (struct split_asked){r->out->campaign->name, str_of(step->name), str_of(text)};
	else if (playbook_contact(step) && can_end(r, step, str_of(text), &names))
		r->out->answers[r->out->answer_count++] = (struct trial_answer){.step = str_of(step->name), .answer = str_of(text)};
	else
		return simulate_unknown(r, "answers", arena_printf(r->arena, !splits ? "the contact of step \"%s\" cannot end with" : playbook_contact(step) ? "the split of step \"%s\" has no way, and its contact no end," :
								   "the split of step \"%s\" has no way", step->name), str_of(text), &names);
	return 0;
}

static size_t answers_in(json_t *object)
{
	const char *name;
	json_t *value;
	size_t n = 0;
	json_object_foreach(object, name, value)
		n += json_is_array(value) ? json_array_size(value) : 1;
	return n;
}

static int read_answers(struct reading *r, json_t *json)
{
	json_t *object = json_object_get(json, "answers"), *value;
	const char *name;
	if (object && !json_is_object(object))
		return error_set(r->error, ERROR_INVALID, "answers", "answers are {step: answer}.");
	r->out->answers = arena_array(r->arena, answers_in(object) + 1, sizeof *r->out->answers);
	r->out->ways = arena_array(r->arena, answers_in(object) + 1, sizeof *r->out->ways);
	json_object_foreach(object, name, value) {
		const struct step *step = campaign_step(r->out->campaign, str_of(name));
		if (!step)
			return unknown_step(r, name);
		if (!json_is_array(value) && read_answer(r, step, value) < 0)
			return -1;
		for (size_t i = 0; i < json_array_size(value); i++)
			if (read_answer(r, step, json_array_get(value, i)) < 0)
				return -1;
	}
	return 0;
}

int turn_simulate_read(struct playbook *playbook, json_t *json, struct arena *arena, struct simulate_ask *out, struct error *error)
{
	struct reading r = {playbook, arena, out, error};
	*out = (struct simulate_ask){.days = SIMULATE_DAYS};
	if (read_campaign(&r, json) < 0 || read_days(&r, json) < 0 || simulate_lead(&r, json) < 0 || read_answers(&r, json) < 0)
		return -1;
	return simulate_events(&r, json);
}

/* What a step does: one reader for each word that acts. Every name is looked up here, so that a step that was built can
 * be done. Messages 17, 18, 22. */
#include "playbook/build_steps.h"
#include "playbook/calls.h"
#include "playbook/sales.h"

/* ---- contacts ---- */

/* Message 22, as a note: the walk goes on without the contact. */
static void note_missing_channel(struct build *b, struct place at, const char *kind)
{
	static const struct {
		const char *kind, *things, *name, *plugin;
	} channels[] = {{"email", "e-mail", "email", "email"},
			{"call", "calls", "calls", "telemarketing"},
			{"letter", "letters", "letters", "directmail"}};
	if (!b->site || playbook_channel_of(b->playbook, str_of(kind)))
		return;
	for (size_t i = 0; i < 3; i++)
		if (strcmp(kind, channels[i].kind) == 0)
			build_note(
				b, at,
				"no channel for %s is configured (nurture.conf: channel \"%s\" { plugin = \"%s\" }), and this step needs it. "
				"Until it is, the step is recorded as \"held: no channel\" and leads go on.",
				channels[i].things, channels[i].name, channels[i].plugin);
}

static bool is_one_of(const char *text, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(text, names[i]) == 0)
			return true;
	return false;
}

/* offer = "next", start = "asset": that it can run out is said by the step's otherwise (message 42, build_steps.c). */
static void read_offer(struct build *b, const struct phrase *phrase, struct action *out)
{
	const char *offer = detail_text(phrase, "offer"), *start = detail_text(phrase, "start");
	if (offer && strcmp(offer, "next") != 0)
		build_error(b, phrase->at, "offer = \"%s\": it is \"next\", the next asset of the link map. One that is always the same stands in the template.", offer);
	if (offer && !start)
		build_error(b, phrase->at, "start = is missing: the asset that the link map begins with. offer = \"next\", start = \"security-guide\".");
	if (start && !offer)
		build_error(b, phrase->at, "start = belongs to offer = \"next\".");
	int asset = start ? build_need(b, phrase->at, DECLARED_ASSET, start) : -1;
	if (asset >= 0 && b->playbook->asset_count == b->declared[DECLARED_ASSET].count)
		out->offer = &b->playbook->assets[asset];
}

static const struct call_script *script_named(struct build *b, const struct phrase *phrase)
{
	int script = build_need(b, phrase->at, DECLARED_SCRIPT, phrase->name);
	return script >= 0 ? &b->playbook->scripts[script] : NULL;
}

/* The day on which a letter is dropped: a weekday in full, or a date, in our own zone. */
static void read_drop(struct build *b, const struct phrase *phrase, struct action *out)
{
	static const char *const days[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
	struct error error = {0};
	out->drop = detail_text(phrase, "drop");
	out->drop_weekday = -1;
	for (int i = 0; out->drop && i < 7; i++)
		if (strcmp(out->drop, days[i]) == 0)
			out->drop_weekday = i;
	if (!out->drop || out->drop_weekday >= 0)
		return;
	bool date = strchr(out->drop, '-') != NULL && !strchr(out->drop, ':');
	if (!date)
		build_error(b, phrase->at, "drop = \"%s\" is no day.%s Write a weekday, like \"Thursday\", or a date, like \"2027-03-18\".", out->drop,
			    build_near(b, out->drop, days, 7));
	else if (calendar_parse_written(str_of(out->drop), b->playbook->time_zone ? b->playbook->time_zone : "UTC", &out->drop_at, &error) < 0)
		build_error(b, phrase->at, "%s", error.message);
}

static bool read_contact(struct build *b, const struct phrase *phrase, struct action *out)
{
	static const char *const purposes[] = {"marketing", "service", "confirm"};
	static const char *const priorities[] = {"high", "normal", "low"};
	const char *hours = detail_text(phrase, "hours"), *purpose = detail_text(phrase, "purpose");
	out->kind = ACTION_CONTACT;
	out->channel_kind = phrase->word->name;
	out->purpose = purpose ? purpose : "marketing";
	out->any_hours = hours != NULL;
	out->within = detail_length(phrase, "within");
	out->priority = detail_text(phrase, "priority");
	if (hours && strcmp(hours, "any") != 0)
		build_error(b, phrase->at,
			    "hours = can only be \"any\": the open hours of a channel are said by hours \"%s\" { … }.",
			    phrase->word->name);
	if (!is_one_of(out->purpose, purposes, 3))
		build_error(b, phrase->at,
			    "there is no purpose \"%s\".%s The purposes are marketing, service and confirm.",
			    out->purpose, build_near(b, out->purpose, purposes, 3));
	if (out->priority && !is_one_of(out->priority, priorities, 3))
		build_error(b, phrase->at, "priority = \"%s\": it is \"high\", \"normal\" or \"low\".", out->priority);
	out->skill = detail_text(phrase, "skill");
	out->once_per = detail_text(phrase, "once_per");
	if (out->once_per && strcmp(out->once_per, "household") != 0)
		build_error(b, phrase->at, "once_per = \"%s\": of a letter it is \"household\".", out->once_per);
	read_drop(b, phrase, out);
	read_offer(b, phrase, out);
	if (strcmp(phrase->word->name, "call") == 0)
		out->script = script_named(b, phrase);
	else
		build_need_template(b, phrase->at, phrase->word->name, phrase->name);
	out->name = phrase->name;
	build_check_offer(b, phrase->at, out);
	note_missing_channel(b, phrase->at, phrase->word->name);
	return true;
}

/* ---- sales and ourselves ---- */

static bool read_handoff(struct build *b, const struct phrase *phrase, struct action *out)
{
	struct recipient_of to;
	out->kind = ACTION_HANDOFF;
	out->within = detail_length(phrase, "within");
	int route = build_find(b, DECLARED_ROUTE, phrase->name);
	if (route >= 0) {
		out->route = &b->playbook->routes[route];
		return true;
	}
	if (playbook_recipient(b->playbook, str_of(phrase->name)).kind == TO_NOBODY && b->declared[DECLARED_ROUTE].count)
		return build_need(b, phrase->at, DECLARED_ROUTE, phrase->name) >= 0;
	return build_recipient(b, phrase->at, phrase->name, &to);
}

static bool read_alert(struct build *b, const struct phrase *phrase, struct action *out)
{
	struct recipient_of to;
	out->kind = ACTION_ALERT;
	out->to = detail_text(phrase, "to");
	if (!out->to)
		build_error(b, phrase->at, "to = is missing: alert \"%s\" { to = \"owner\" }, or the name of a person.",
			    phrase->name);
	else
		(void)build_recipient(b, phrase->at, out->to, &to);
	build_need_template(b, phrase->at, "email", phrase->name);
	note_missing_channel(b, phrase->at, "email");
	return true;
}

/* ---- the lead's own row ---- */

static bool read_set(struct build *b, const struct phrase *phrase, struct action *out)
{
	out->kind = ACTION_SET;
	out->sets = build_field_values(b, phrase, false, &out->set_count);
	if (!phrase->details.property_count)
		build_error(b, phrase->at, "set takes field = value: set { competitor = true }.");
	for (size_t i = 0; i < out->set_count; i++)
		if (out->sets[i].slot == LEAD_EMAIL || out->sets[i].slot == LEAD_EXTERNAL_ID)
			build_error(b, phrase->at, "%s says who a lead is. A campaign cannot change it.",
				    b->playbook->schema.lead[out->sets[i].slot].name);
	return true;
}

static bool read_stage(struct build *b, const struct phrase *phrase, struct action *out)
{
	out->kind = ACTION_STAGE;
	if (!phrase->name) {
		build_error(b, phrase->at,
			    "stage { … } is a question and stands where something is done. Write when = stage { … }.");
		return false;
	}
	return build_stage(b, phrase->at, phrase->name, &out->stage);
}

static bool read_suppress(struct build *b, const struct phrase *phrase, struct action *out)
{
	out->kind = ACTION_SUPPRESS;
	out->reason = detail_text(phrase, "reason");
	out->ends = build_condition_property(b, phrase, "ends");
	if (!out->reason)
		out->reason = "suppressed by the playbook";
	return build_channel_kind(b, phrase->at, phrase->name, true);
}

/* ---- where next ---- */

static bool read_enroll(struct build *b, const struct phrase *phrase, struct action *out)
{
	out->kind = ACTION_ENROLL;
	out->target = build_need(b, phrase->at, DECLARED_CAMPAIGN, phrase->name);
	return out->target >= 0;
}

static bool read_go(struct build *b, const struct phrase *phrase, struct action *out)
{
	out->kind = ACTION_GO;
	out->target = build_step_index(b, phrase->at, b->campaign, phrase->name);
	return out->target >= 0;
}

static bool read_leave(struct build *b, const struct phrase *phrase, struct action *out)
{
	(void)b;
	(void)phrase;
	out->kind = ACTION_LEAVE;
	return true;
}

static bool read_choose(struct build *b, const struct phrase *phrase, struct action *out)
{
	out->kind = ACTION_CHOOSE;
	out->ways = build_ways(b, phrase);
	return out->ways->slot >= 0;
}

static const struct reader {
	const char *word;
	bool (*read)(struct build *b, const struct phrase *phrase, struct action *out);
} readers[] = {
	{"email", read_contact}, {"call", read_contact}, {"letter", read_contact}, {"handoff", read_handoff},
	{"alert", read_alert},   {"set", read_set},      {"stage", read_stage},    {"suppress", read_suppress},
	{"enroll", read_enroll}, {"go", read_go},        {"leave", read_leave},
	{"choose", read_choose},
};

static bool read_function(struct build *b, const struct detail *part, struct action *out)
{
	struct script_function *function = scripts_function(b->scripts, part->function);
	size_t at = 0;
	function->owner = b->context;
	*out = (struct action){.kind = ACTION_FUNCTION, .at = function->at, .function = part->function, .name = ""};
	for (const struct use *use; (use = scripts_next_use(b->scripts, part->function, &at));)
		if (use->kind == USE_GO)
			(void)build_step_index(b, use->at, b->campaign,
					       arena_dup_n(b->arena, use->name.p, use->name.n));
	return true;
}

bool build_act(struct build *b, const struct detail *part, struct action *out)
{
	if (part->kind == DETAIL_FUNCTION)
		return read_function(b, part, out);
	const struct phrase *phrase = part->phrase;
	*out = (struct action){.at = phrase->at, .name = phrase->name ? phrase->name : "", .target = -1};
	for (size_t i = 0; i < sizeof readers / sizeof *readers; i++)
		if (strcmp(phrase->word->name, readers[i].word) == 0)
			return readers[i].read(b, phrase, out);
	return false;
}

/* Checking what an event and a lead say before anything is stored: wrong types, unknown fields and verbs, moments that
 * cannot be. Nothing is guessed and nothing ignored: what is not understood is refused by name. */
#include "web/event_parse.h"

#include "web/visitor.h"

enum { SUBJECT_MAX = 500, KEY_MAX = 200, DATA_MAX = 64 * 1024, DATA_MOSTLY = 512, VERB_MAX = 60 };
static const double VALUE_MAX = 1e15;                                /* counted to one without loss, and sums stay numbers */
static const moment_t EARLIEST = INT64_C(631152000) * MOMENT_SECOND; /* 1990-01-01 */
static const moment_t AHEAD = MOMENT_HOUR;                           /* clocks of others may run fast */

static int take_text(json_t *json, const char *field, size_t max, struct arena *arena, struct str *out, struct error *error)
{
	if (!json_is_string(json))
		return error_set(error, ERROR_INVALID, field, "%s must be text.", field);
	struct str text = {json_string_value(json), json_string_length(json)};
	if (text.n > max)
		return error_set(error, ERROR_INVALID, field, "%s is longer than %zu bytes.", field, max);
	if (!str_is_text(text))
		return error_set(error, ERROR_INVALID, field, "%s holds control characters.", field);
	*out = arena_str(arena, text);
	return 0;
}

int web_id_parse(json_t *json, const char *field, int64_t *out, struct error *error)
{
	if (!json_is_integer(json) || json_integer_value(json) <= 0)
		return error_set(error, ERROR_INVALID, field, "%s must be the number of one of our leads.", field);
	*out = json_integer_value(json);
	return 0;
}

/* What sales say of a lead that was handed to them: a walk may wait for it. */
static bool is_of_sales(struct str verb)
{
	return str_is(verb, "handoff.accept") || str_is(verb, "handoff.return");
}

static int check_verb(const struct web *web, struct str verb, struct error *error)
{
	const char *names[256];
	size_t count = 0;
	const struct playbook *playbook = web_playbook(web);
	for (const struct verb *v = model_verbs; v->name; v++) {
		if (str_is(verb, v->name) && (v->by_lead || is_of_sales(verb)))
			return 0;
		if (str_is(verb, v->name))
			return error_set(error, ERROR_INVALID, "verb",
					 "\"%s\" is recorded by Nurture itself and cannot be posted%s.", v->name,
					 strncmp(v->name, "opportunity.", 12) == 0 ? "; use POST /v1/opportunities" : "");
		if (v->by_lead && count < 256)
			names[count++] = v->name;
	}
	for (size_t i = 0; playbook && i < playbook->verb_count; i++) {
		if (str_is(verb, playbook->verbs[i].name))
			return 0;
		if (count < 256)
			names[count++] = playbook->verbs[i].name;
	}
	const char *near = str_nearest(verb, names, count);
	return error_set(error, ERROR_INVALID, "verb", "there is no verb \"%.*s\".%s%s%s An event of your own needs verb \"%.*s\" { … } in the playbook first.",
			 STR_ARG(verb), near ? " Did you mean \"" : "", near ? near : "", near ? "\"?" : "", STR_ARG(verb));
}

static int take_when(json_t *json, moment_t now, moment_t *out, struct error *error)
{
	*out = now;
	if (!json || json_is_null(json))
		return 0;
	if (!json_is_string(json))
		return error_set(error, ERROR_INVALID, "at", "at must be text by RFC 3339, like \"2027-03-18T15:00:00Z\".");
	if (moment_parse((struct str){json_string_value(json), json_string_length(json)}, out, error) < 0) {
		strcpy(error->where, "at");
		return -1;
	}
	if (*out > now + AHEAD)
		return error_set(error, ERROR_INVALID, "at", "%s lies in the future: an event is something that happened.",
				 json_string_value(json));
	if (*out < EARLIEST)
		return error_set(error, ERROR_INVALID, "at", "%s is before 1990: is the year right?", json_string_value(json));
	return 0;
}

static int take_value(json_t *json, struct intake_event *out, struct error *error)
{
	if (!json || json_is_null(json))
		return 0;
	if (!json_is_number(json))
		return error_set(error, ERROR_INVALID, "value", "value must be a number.");
	out->value = json_number_value(json);
	if (!(out->value >= -VALUE_MAX && out->value <= VALUE_MAX))
		return error_set(error, ERROR_INVALID, "value", "value is beyond 10^15 either way: is its unit right?");
	out->has_value = true;
	return 0;
}

static int take_data(json_t *json, struct arena *arena, struct str *out, struct error *error)
{
	if (!json || json_is_null(json))
		return 0;
	if (!json_is_object(json))
		return error_set(error, ERROR_INVALID, "data", "data must be an object.");
	char mostly[DATA_MOSTLY];
	size_t n = json_dumpb(json, mostly, sizeof mostly, JSON_COMPACT);
	if (n > DATA_MAX)
		return error_set(error, ERROR_INVALID, "data", "data is larger than %d bytes.", DATA_MAX);
	char *text = n > sizeof mostly ? arena_alloc(arena, n + 1) : arena_dup_n(arena, mostly, n);
	if (n > sizeof mostly)
		json_dumpb(json, text, n, JSON_COMPACT);
	*out = (struct str){text, n};
	return 0;
}

/* The value of somebody's cookie nv, as it came. */
static int take_visitor(const struct web *web, json_t *json, struct arena *arena, struct intake_event *out, struct error *error)
{
	struct token_keys keys = {web->keys, web->key_count};
	struct visitor visitor;
	struct str text = {json_string_value(json), json_string_length(json)};
	if (!json_is_string(json) || !web_visitor_token(&keys, text, &visitor))
		return error_set(error, ERROR_INVALID, "visitor", "visitor is the value of a cookie nv that this installation made.");
	out->visitor = arena_str(arena, visitor_str(&visitor));
	return 0;
}

/* A telephone number that names a lead: without its country code it is of `country`, else of the playbook's. */
static int take_phone(const struct web *web, struct str text, struct str country, struct arena *arena, struct str *out, struct error *error)
{
	const struct playbook *playbook = web_playbook(web);
	struct str where = country.n || !playbook ? country : str_of(playbook->country);
	char number[PHONE_MAX];
	if (phone_named(text, where, number)) {
		*out = str_of(arena_dup(arena, number));
		return 0;
	}
	return error_set(error, ERROR_INVALID, "phone", "\"%.*s\" names nobody: write the number with its country code, like \"+49 30 123456\"%s.", STR_ARG(text),
			 where.n ? "" : ", or say in the playbook of which country numbers are: country = \"DE\"");
}

/* One of the ways to say whose event it is; beside a name a visitor is told who it is. */
static int take_who(const struct web *web, json_t *json, struct arena *arena, struct intake_event *out, struct error *error)
{
	json_t *email = json_object_get(json, "email"), *lead = json_object_get(json, "lead"),
	       *external = json_object_get(json, "external_id"), *phone = json_object_get(json, "phone"), *visitor = json_object_get(json, "visitor");
	int names = !!email + !!lead + !!external + !!phone;
	if (names != 1 && (!visitor || names))
		return error_set(error, ERROR_INVALID, "email", "name the lead by exactly one of email, lead, external_id or phone, or by visitor.");
	if (visitor && take_visitor(web, visitor, arena, out, error) < 0)
		return -1;
	out->create = !lead;
	if (lead)
		return web_id_parse(lead, "lead", &out->lead_id, error);
	struct str text = {0};
	if (external)
		return take_text(external, "external_id", 200, arena, &out->external_id, error) < 0 ? -1
		       : out->external_id.n ? 0
					    : error_set(error, ERROR_INVALID, "external_id", "external_id is empty.");
	if (phone)
		return take_text(phone, "phone", 60, arena, &text, error) < 0 ? -1 : take_phone(web, text, (struct str){"", 0}, arena, &out->phone, error);
	if (!email)
		return 0;
	if (take_text(email, "email", 320, arena, &text, error) < 0)
		return -1;
	if (model_email_normalise(text, arena, &out->email, error) < 0) {
		strcpy(error->where, "email");
		return -1;
	}
	return 0;
}

static int check_shape(json_t *json, const char *const *keys, struct error *error)
{
	if (!json_is_object(json))
		return error_set(error, ERROR_INVALID, "body", "an event is a JSON object.");
	const char *foreign = web_json_foreign(json, keys);
	if (foreign)
		return error_set(error, ERROR_INVALID, foreign, "an event has no \"%s\". What is not one of its own words goes into data.", foreign);
	if (!json_object_get(json, "verb"))
		return error_set(error, ERROR_INVALID, "verb", "verb is missing: what did the lead do? Like \"asset.download\".");
	return 0;
}

/* What was done, and to what. */
static int take_act(const struct web *web, json_t *json, struct arena *arena, struct intake_event *out, struct error *error)
{
	json_t *subject = json_object_get(json, "subject");
	if (take_text(json_object_get(json, "verb"), "verb", VERB_MAX, arena, &out->verb, error) < 0 || check_verb(web, out->verb, error) < 0 ||
	    (subject && !json_is_null(subject) && take_text(subject, "subject", SUBJECT_MAX, arena, &out->subject, error) < 0) ||
	    take_value(json_object_get(json, "value"), out, error) < 0)
		return -1;
	return take_data(json_object_get(json, "data"), arena, &out->data, error);
}

int web_event_parse(const struct web *web, enum web_scope scope, json_t *json, moment_t now, struct arena *arena, struct intake_event *out,
		    struct error *error)
{
	static const char *const keys[] = {"email", "lead",  "external_id", "visitor", "verb", "subject",
					   "value", "at",    "key",         "data",    "phone", NULL};
	*out = (struct intake_event){.source = STR("event")};
	if (check_shape(json, keys, error) < 0)
		return -1;
	json_t *key = json_object_get(json, "key");
	if (take_who(web, json, arena, out, error) < 0 || take_act(web, json, arena, out, error) < 0 ||
	    (key && !json_is_null(key) && take_text(key, "key", KEY_MAX, arena, &out->key, error) < 0))
		return -1;
	if (json_is_string(key) && !out->key.n)
		return error_set(error, ERROR_INVALID, "key", "key is empty. Leave it away, or give each event one of its own.");
	if (is_of_sales(out->verb) && scope < SCOPE_WRITE)
		return error_set(error, ERROR_DENIED, "verb", "\"%.*s\" is what sales say: post it with a token of scope write.", STR_ARG(out->verb));
	return take_when(json_object_get(json, "at"), now, &out->at, error);
}

/* What a page may say without a token: that its reader looked at it, and the playbook's own verbs. */
static bool is_for_pages(struct str verb)
{
	const struct verb *known = verb_find(verb);
	return !known || (known->subject && strcmp(known->subject, "page") == 0);
}

int web_act_parse(const struct web *web, json_t *json, moment_t now, struct arena *arena, struct intake_event *out, struct error *error)
{
	static const char *const keys[] = {"verb", "subject", "value", "data", NULL};
	*out = (struct intake_event){.source = STR("page"), .at = now};
	if (check_shape(json, keys, error) < 0 || take_act(web, json, arena, out, error) < 0)
		return -1;
	if (!is_for_pages(out->verb))
		return error_set(error, ERROR_INVALID, "verb", "\"%.*s\" is not for pages to say: post it to /v1/events.", STR_ARG(out->verb));
	return 0;
}

/* One field: checked by the schema, and put into `set` in its normal form. */
static int take_field(const struct schema *schema, const char *name, json_t *json, struct arena *arena, json_t *set,
		      struct str *email, struct str *external_id, struct error *error)
{
	struct value value;
	int slot = schema_lead_slot(schema, str_of(name));
	if (slot < 0) {
		const char *names[512];
		size_t count = 0;
		for (; count < schema->lead_count && count < 512; count++)
			names[count] = schema->lead[count].name;
		const char *near = str_nearest(str_of(name), names, count);
		return error_set(error, ERROR_INVALID, name, "there is no field \"%s\".%s%s%s Lead fields are declared in fields.lua.",
				 name, near ? " Did you mean \"" : "", near ? near : "", near ? "\"?" : "");
	}
	if (value_refuse_computed(&schema->lead[slot], error) < 0 || value_from_json(&schema->lead[slot], json, arena, &value, error) < 0)
		return -1;
	if (slot == LEAD_EMAIL && value.type == VALUE_TEXT)
		*email = value.text;
	if (slot == LEAD_EXTERNAL_ID && value.type == VALUE_TEXT)
		*external_id = value.text;
	json_object_set_new(set, name, value_to_json(&value));
	return 0;
}

static struct str text_in(json_t *set, const char *name)
{
	json_t *value = json_object_get(set, name);
	return json_is_string(value) ? (struct str){json_string_value(value), json_string_length(value)} : (struct str){"", 0};
}

/* Who has no other name is named by the number, if there is one. */
static int take_phone_name(const struct web *web, json_t *set, struct arena *arena, struct intake_event *out, struct error *error)
{
	struct str phone = text_in(set, "phone");
	return phone.n ? take_phone(web, phone, text_in(set, "country"), arena, &out->phone, error) : 0;
}

int web_lead_parse(const struct web *web, json_t *json, bool is_known, struct arena *arena, struct intake_event *out, struct error *error)
{
	const char *name;
	json_t *value, *set = json_object();
	struct str email = {0}, external_id = {0};
	int status = 0;
	json_object_foreach (json, name, value) {
		status = take_field(web_schema(web), name, value, arena, set, &email, &external_id, error);
		if (status < 0)
			goto out;
	}
	json_t *data = json_pack("{s:O}", "set", set);
	status = take_data(data, arena, &out->data, error);
	json_decref(data);
	out->verb = STR("lead.update");
	out->email = email;
	out->external_id = external_id;
	if (status == 0 && !is_known && !email.n && !external_id.n)
		status = take_phone_name(web, set, arena, out, error);
out:
	json_decref(set);
	return status;
}

/* Topics and frequency on /u/{token}: what marketing mail the lead wants, and how often. Each choice is a line of the ledger of consents (model/preference.h)
 * with what was shown beside it, so it is merged, exported and erased as they are; the gate honours it before every mail. Showing changes nothing;
 * a post writes only what is different from what stands, so twice is as once. It can bring back a topic, never marketing itself: of who has left it, nothing is
 * offered. A topic that was not on the page that was sent (`shown`) stays as it was, whatever the playbook has got since. */
#include "web/preferences.h"

#include "model/preference.h"
#include "web/page.h"

struct preferring {
	struct web_request *req;
	int64_t lead_id, touch_id;
	web_preferences_fn *show;         /* or NULL: the choice is taken */
	void (*take)(struct preferring *p, json_t *rows);
	json_t *body, *set;               /* by the API: {"topics": {name: wanted}, "frequency": choice}, part of body; NULL by the page */
	const char *source, *wording;     /* the latter of the API */
	struct http_params params;
	struct intake intake;
	struct intake_consent consents[TOPICS_MOST + PREFERENCE_FREQUENCIES];
	struct intake_event event;
};

static const enum web_word frequency_words[PREFERENCE_FREQUENCIES] = {WORD_ONE_A_WEEK, WORD_ONE_A_MONTH};

static const char *word(const struct preferring *p, enum web_word which)
{
	return web_word(web_language(p->req->web), which);
}

static bool is_withdrawn(json_t *rows, struct str purpose)
{
	json_t *row;
	size_t i;
	json_array_foreach (rows, i, row) {
		const char *name = json_string_value(json_object_get(row, "purpose")), *state = json_string_value(json_object_get(row, "state"));
		if (name && state && str_is(purpose, name))
			return strcmp(state, "withdrawn") == 0;
	}
	return false;
}

/* ---- showing ---- */

static void put_box(struct buf *page, const char *type, const char *name, const char *value, const char *label, bool checked)
{
	buf_printf(page, "<div><input type=\"%s\" id=\"p-%s-%s\" name=\"%s\" value=\"%s\"%s> <label for=\"p-%s-%s\">", type, name, value, name, value,
		   checked ? " checked" : "", name, value);
	web_put_text(page, label);
	buf_puts(page, "</label></div>");
}

static void put_topics(struct preferring *p, struct buf *page, const struct playbook *playbook, json_t *rows)
{
	char purpose[PREFERENCE_PURPOSE];
	buf_printf(page, "<fieldset><legend>%s</legend>", word(p, WORD_TOPICS));
	for (size_t i = 0; i < playbook->topic_count; i++) {
		const struct topic *topic = &playbook->topics[i];
		buf_printf(page, "<input type=\"hidden\" name=\"shown\" value=\"%s\">", topic->name);
		put_box(page, "checkbox", "topic", topic->name, topic->label, !is_withdrawn(rows, preference_of_topic(topic->name, purpose)));
	}
	buf_puts(page, "</fieldset>");
}

/* The strictest that stands; -1 = every mail. */
static int frequency_of(json_t *rows)
{
	int found = -1;
	for (int i = 0; i < PREFERENCE_FREQUENCIES; i++)
		if (is_withdrawn(rows, str_of(preference_frequencies[i].purpose)))
			found = i;
	return found;
}

static void put_frequencies(struct preferring *p, struct buf *page, json_t *rows)
{
	int stands = frequency_of(rows);
	buf_printf(page, "<fieldset><legend>%s</legend>", word(p, WORD_HOW_OFTEN));
	put_box(page, "radio", "often", "all", word(p, WORD_EVERY_MAIL), stands < 0);
	for (int i = 0; i < PREFERENCE_FREQUENCIES; i++)
		put_box(page, "radio", "often", preference_frequencies[i].choice, word(p, frequency_words[i]), stands == i);
	put_box(page, "radio", "often", "none", word(p, WORD_NO_MAIL), false);
	buf_puts(page, "</fieldset>");
}

static void show(struct preferring *p, json_t *rows)
{
	const struct playbook *playbook = web_playbook(p->req->web);
	struct buf form = {0};
	if (playbook && playbook->topic_count && rows && !is_withdrawn(rows, STR("marketing"))) {
		buf_printf(&form, "<h2>%s</h2><form method=\"post\"><input type=\"hidden\" name=\"prefer\" value=\"1\">", word(p, WORD_WHAT_TO_GET));
		put_topics(p, &form, playbook, rows);
		put_frequencies(p, &form, rows);
		buf_printf(&form, "<button>%s</button></form>", word(p, WORD_KEEP_CHOICE));
	}
	p->show(p->req, buf_str(&form));
	buf_fini(&form);
}

/* ---- taking ---- */

static void choose(struct preferring *p, struct str purpose, bool wanted, json_t *rows, const char *wording)
{
	struct arena *arena = http_arena(p->req->http);
	if (is_withdrawn(rows, purpose) != wanted)
		return;
	p->consents[p->intake.consent_count++] = (struct intake_consent){
		.lead_id = p->lead_id, .channel = STR("email"), .purpose = arena_str(arena, purpose), .source = str_of(p->source),
		.wording = str_of(arena_dup(arena, wording)), .ip = str_of(http_client_text(p->req->http)),
		/* `form`: nobody has shown more than that they have a link, so it is no permission that lifts anything else (store/permit.sql) */
		.evidence = str_of(p->set ? "{\"form\":\"api\"}" : arena_printf(arena, "{\"form\":\"preferences\",\"touch\":%lld}", (long long)p->touch_id)),
		.state = wanted ? CONSENT_GRANTED : CONSENT_WITHDRAWN};
}

static bool names(const struct http_params *params, const char *field, const char *value)
{
	for (size_t i = 0; i < params->count; i++)
		if (str_is(params->items[i].name, field) && str_is(params->items[i].value, value))
			return true;
	return false;
}

static void choose_topics(struct preferring *p, const struct playbook *playbook, json_t *rows)
{
	char purpose[PREFERENCE_PURPOSE];
	for (size_t i = 0; i < playbook->topic_count && i < TOPICS_MOST; i++) {
		const struct topic *topic = &playbook->topics[i];
		if (names(&p->params, "shown", topic->name))
			choose(p, preference_of_topic(topic->name, purpose), names(&p->params, "topic", topic->name), rows, topic->label);
	}
}

/* "One a month at most" takes back "more often than monthly"; each other frequency is allowed again. What is none of ours changes nothing. */
static void choose_frequency(struct preferring *p, json_t *rows)
{
	struct str often = http_param(&p->params, "often");
	enum web_word chosen = WORD_EVERY_MAIL;
	bool known = str_is(often, "all");
	for (int i = 0; i < PREFERENCE_FREQUENCIES; i++)
		if (str_is(often, preference_frequencies[i].choice)) {
			known = true;
			chosen = frequency_words[i];
		}
	for (int i = 0; known && i < PREFERENCE_FREQUENCIES; i++)
		choose(p, str_of(preference_frequencies[i].purpose), !str_is(often, preference_frequencies[i].choice), rows, word(p, chosen));
}

static void answer_api(struct preferring *p, const struct error *error)
{
	if (error)
		web_fail(p->req, error);
	else
		http_reply_json(p->req->http, 200, NULL, json_pack("{s:I, s:i}", "lead", (json_int_t)p->lead_id, "changed", (int)p->intake.consent_count));
	json_decref(p->body);
}

static void on_recorded(void *arg, const struct error *error)
{
	struct preferring *p = arg;
	if (p->set)
		answer_api(p, error);
	else if (error && error->code != ERROR_NOT_FOUND) /* who was erased gets nothing more, and is not told more */
		web_page_fail(p->req, error);
	else
		web_page_say(p->req, 200, word(p, WORD_CHOSEN), word(p, WORD_STOPPED_TEXT));
}

static void on_time(void *arg, moment_t now, const struct error *error)
{
	struct preferring *p = arg;
	if (error) {
		on_recorded(p, error);
		return;
	}
	p->event = (struct intake_event){.lead_id = p->lead_id, .verb = STR("preference.change"), .subject = STR("email"), .at = now};
	p->intake.events = &p->event;
	p->intake.event_count = 1;
	p->intake.now = now;
	store_intake(p->req->web->store, &p->intake);
}

static void write_down(struct preferring *p)
{
	if (p->intake.consent_count)
		web_now(p->req->web, on_time, p);
	else
		on_recorded(p, NULL);
}

static void take_page(struct preferring *p, json_t *rows)
{
	const struct playbook *playbook = web_playbook(p->req->web);
	if (playbook && playbook->topic_count && !is_withdrawn(rows, STR("marketing"))) {
		choose_topics(p, playbook, rows);
		choose_frequency(p, rows);
	}
	write_down(p);
}

static void on_standing(void *arg, json_t *rows, const struct error *error)
{
	struct preferring *p = arg;
	if (p->show)
		show(p, error ? NULL : rows); /* the way out is shown in any case */
	else if (error)
		on_recorded(p, error);
	else
		p->take(p, rows);
}

static void ask(struct preferring *p)
{
	const char *params[] = {arena_printf(http_arena(p->req->http), "%lld", (long long)p->lead_id)};
	store_query(p->req->web->store, "preferences_standing", params, 1, on_standing, p);
}

static struct preferring *preferring_new(struct web_request *req, int64_t lead_id)
{
	struct preferring *p = arena_alloc(http_arena(req->http), sizeof *p);
	p->req = req;
	p->lead_id = lead_id;
	p->take = take_page;
	p->source = "preferences";
	p->intake = (struct intake){.consents = p->consents, .fn = on_recorded, .arg = p};
	return p;
}

void web_preferences_form(struct web_request *req, int64_t lead_id, web_preferences_fn *fn)
{
	const struct playbook *playbook = web_playbook(req->web);
	struct preferring *p = preferring_new(req, lead_id);
	p->show = fn;
	if (playbook && playbook->topic_count)
		ask(p);
	else
		show(p, NULL);
}

void web_preferences_take(struct web_request *req, const struct token *token, const struct http_params *params)
{
	struct preferring *p = preferring_new(req, token->lead_id);
	p->touch_id = token->touch_id;
	p->params = *params;
	ask(p);
}

/* ---- by the API ---- */

/* Also of who has left marketing altogether: it allows nothing. */
static void take_set(struct preferring *p, json_t *rows)
{
	char purpose[PREFERENCE_PURPOSE];
	const char *name, *often = json_string_value(json_object_get(p->set, "frequency"));
	json_t *wanted;
	json_object_foreach (json_object_get(p->set, "topics"), name, wanted)
		choose(p, preference_of_topic(name, purpose), json_is_true(wanted), rows, p->wording);
	for (int i = 0; often && i < PREFERENCE_FREQUENCIES; i++)
		choose(p, str_of(preference_frequencies[i].purpose), strcmp(often, preference_frequencies[i].choice) != 0, rows, p->wording);
	write_down(p);
}

static int check_frequency(json_t *often, struct error *error)
{
	const char *text = json_string_value(often);
	bool known = !often || (text && strcmp(text, "all") == 0);
	for (int i = 0; text && i < PREFERENCE_FREQUENCIES; i++)
		known = known || strcmp(text, preference_frequencies[i].choice) == 0;
	return known ? 0 : error_set(error, ERROR_INVALID, "frequency", "frequency is \"all\", \"week\" (one a week at most) or \"month\".");
}

static int check_topics(const struct playbook *playbook, json_t *topics, struct error *error)
{
	const char *name;
	json_t *wanted;
	if (topics && !json_is_object(topics))
		return error_set(error, ERROR_INVALID, "topics", "topics are {\"NAME\": true (wanted) or false}.");
	json_object_foreach (topics, name, wanted) {
		size_t i = 0, count = playbook ? playbook->topic_count : 0;
		while (i < count && strcmp(playbook->topics[i].name, name) != 0)
			i++;
		if (i == count)
			return error_set(error, ERROR_INVALID, "topics", "the playbook has no topic \"%s\".", name);
		if (!json_is_boolean(wanted))
			return error_set(error, ERROR_INVALID, "topics", "topics: \"%s\" is true (wanted) or false.", name);
	}
	return 0;
}

static int take_text(json_t *body, const char *name, const char *standard, const char **out, struct error *error)
{
	json_t *json = json_object_get(body, name);
	struct str text = {json_string_value(json), json_string_length(json)};
	*out = json ? text.p : standard;
	if (json && (!text.p || text.n > 2000 || !str_is_text(text)))
		return error_set(error, ERROR_INVALID, name, "%s must be text of at most 2000 bytes.", name);
	return 0;
}

static int check_set(struct preferring *p, json_t *body, struct error *error)
{
	static const char *const outer[] = {"preferences", "source", "wording", NULL}, *const inner[] = {"topics", "frequency", NULL};
	json_t *set = json_object_get(body, "preferences");
	const char *foreign = web_json_foreign(body, outer);
	if (foreign)
		return error_set(error, ERROR_INVALID, foreign, "beside preferences stand source and wording, not \"%s\".", foreign);
	if (!json_is_object(set) || !json_object_size(set) || web_json_foreign(set, inner))
		return error_set(error, ERROR_INVALID, "preferences", "preferences have topics ({\"NAME\": true or false}) and frequency.");
	return take_text(body, "source", "api", &p->source, error) < 0 || take_text(body, "wording", "", &p->wording, error) < 0 ||
			       check_frequency(json_object_get(set, "frequency"), error) < 0
		       ? -1
		       : check_topics(web_playbook(p->req->web), json_object_get(set, "topics"), error);
}

void web_preferences_set(struct web_request *req, int64_t lead_id, json_t *body)
{
	struct preferring *p = preferring_new(req, lead_id);
	struct error error;
	if (check_set(p, body, &error) < 0) {
		web_fail(req, &error);
		json_decref(body);
		return;
	}
	p->take = take_set;
	p->body = body;
	p->set = json_object_get(body, "preferences");
	ask(p);
}

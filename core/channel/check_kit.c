/* The host's other side, as the checks need it: permissions are answered, or kept waiting; what is lent is taken away. */
#include "channel/check_kit.h"

#include "base/mem.h"
#include "channel/plugin.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { FIELD_MAX = 40 };
static const int64_t second_look = 100000;

enum verdict check_fail(struct kit *kit, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	vsnprintf(kit->page->text, sizeof kit->page->text, fmt, args);
	va_end(args);
	return CHECK_FAILED;
}

enum verdict check_skip(struct kit *kit, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	vsnprintf(kit->page->text, sizeof kit->page->text, fmt, args);
	va_end(args);
	return CHECK_SKIPPED;
}

void check_note(struct kit *kit, const char *text)
{
	snprintf(kit->page->text, sizeof kit->page->text, "%s", text);
}

void check_doing(struct kit *kit, const char *what)
{
	snprintf(kit->page->doing, sizeof kit->page->doing, "%s", what);
	kit->page->beat = mono_now();
}

void check_turn(struct kit *kit, int64_t us)
{
	loop_once(kit->loop, us);
	kit->page->beat = mono_now();
}

/* ---- what the channel calls ---- */

static moment_t kit_now(void *arg)
{
	(void)arg;
	return real_now();
}

void check_answer(struct kit *kit, bool allowed)
{
	int count = kit->ask_count;
	kit->ask_count = 0;
	check_doing(kit, "the answer to permit");
	for (int i = 0; i < count; i++)
		channel_permitted(kit->channel, kit->asked[i], allowed);
}

static void kit_answer(void *arg)
{
	struct kit *kit = arg;
	if (kit->answer && kit->channel)
		check_answer(kit, kit->permit);
}

static void kit_permit(void *arg, void *cookie, struct nurture_handle handle)
{
	struct kit *kit = arg;
	(void)cookie;
	kit->asks_ever++;
	if (kit->ask_count < (int)(sizeof kit->asked / sizeof *kit->asked))
		kit->asked[kit->ask_count++] = handle;
	if (kit->answer)
		loop_later(kit->loop, kit_answer, kit);
}

static void kit_over(void *arg, void *cookie, const struct channel_result *result)
{
	struct kit *kit = arg;
	bool went = result->outcome == NURTURE_SENT || result->outcome == NURTURE_UNKNOWN;
	(void)cookie;
	kit->over++;
	kit->outcome = result->outcome;
	kit->unpermitted |= result->unpermitted;
	kit->mute |= result->mute;
	kit->went_unasked |= went && !result->mute && !kit->permit;
	snprintf(kit->said, sizeof kit->said, "%s%s%.*s", channel_outcome_name(result->outcome), result->reason.n ? ": " : "", STR_ARG(result->reason));
}

static void kit_news(void *arg, int64_t touch_id, const struct channel_result *result, nurture_news_fn *fn, void *fn_arg)
{
	(void)arg, (void)touch_id, (void)result, (void)fn, (void)fn_arg;
}

/* What is told is taken, later. */
struct kit_word {
	nurture_told_fn *told;
	nurture_offer_fn *offered;
	void *arg;
	int64_t touch_id;
};

static void kit_say(void *arg)
{
	struct kit_word word = *(struct kit_word *)arg;
	free(arg);
	if (word.told)
		word.told(word.arg, true);
	else
		word.offered(word.arg, word.touch_id, NURTURE_OFFERED);
}

static void kit_wait(struct kit *kit, struct kit_word word)
{
	struct kit_word *waiting = mem_alloc(sizeof *waiting);
	*waiting = word;
	loop_later(kit->loop, kit_say, waiting);
}

static void kit_event(void *arg, const struct channel_event *event, nurture_told_fn *fn, void *fn_arg)
{
	(void)event;
	if (fn)
		kit_wait(arg, (struct kit_word){.told = fn, .arg = fn_arg});
}

static void kit_colleague(void *arg, int64_t lead_id, struct str fields, struct str key, nurture_told_fn *fn, void *fn_arg)
{
	(void)lead_id, (void)fields, (void)key;
	if (fn)
		kit_wait(arg, (struct kit_word){.told = fn, .arg = fn_arg});
}

static void kit_offer(void *arg, int64_t touch_id, int64_t lease, nurture_offer_fn *fn, void *fn_arg)
{
	(void)lease;
	if (fn)
		kit_wait(arg, (struct kit_word){.offered = fn, .arg = fn_arg, .touch_id = touch_id});
}

static void kit_forgotten(void *arg, int64_t id, bool done, struct str reason)
{
	struct kit *kit = arg;
	kit->forgot_odd += id != kit->forget_id;
	kit->forget_id = id == kit->forget_id ? 0 : kit->forget_id;
	kit->forgot += done;
	kit->forget_failed |= !done;
	if (!done)
		snprintf(kit->said, sizeof kit->said, "%.*s", STR_ARG(reason));
}

static void kit_capacity(void *arg, uint32_t touches)
{
	((struct kit *)arg)->capacity = touches;
}

static void kit_replied(void *arg, void *cookie, const struct nurture_reply *reply)
{
	struct kit *kit = arg;
	(void)cookie;
	kit->replies += reply != NULL;
	kit->odd_reply |= reply && reply->status == 500 && !reply->content_type && !reply->body; /* what the channel says instead */
}

/* There is no database: each query is answered, later, by an error that may pass. */
struct kit_query {
	nurture_query_fn *fn;
	void *arg;
};

static void kit_answer_query(void *arg)
{
	struct kit_query query = *(struct kit_query *)arg;
	const struct nurture_answer answer = {.size = sizeof answer, .error = "the database is away", .sqlstate = "", .again = true};
	free(arg);
	query.fn(query.arg, &answer);
}

static void kit_query(void *arg, const struct nurture_query *query, nurture_query_fn *fn, void *fn_arg)
{
	struct kit *kit = arg;
	struct kit_query *waiting = mem_alloc(sizeof *waiting);
	(void)query;
	kit->queries++;
	*waiting = (struct kit_query){fn, fn_arg};
	loop_later(kit->loop, kit_answer_query, waiting);
}

/* Notes are kept by nobody, and said to be. */
static void kit_kept(void *arg)
{
	struct kit *kit = arg;
	while (kit->kept_count && kit->channel) {
		int last = --kit->kept_count;
		kit->kept[last].fn(kit->kept[last].arg, true);
	}
}

static void kit_keep_then(void *arg, struct str notes, nurture_kept_fn *fn, void *fn_arg)
{
	struct kit *kit = arg;
	(void)notes;
	if (kit->kept_count == (int)(sizeof kit->kept / sizeof *kit->kept))
		return;
	kit->kept[kit->kept_count].fn = fn;
	kit->kept[kit->kept_count++].arg = fn_arg;
	loop_later(kit->loop, kit_kept, kit);
}

static const struct channel_calls kit_calls = {
	.replied = kit_replied, .query = kit_query, .keep_then = kit_keep_then,
	.now = kit_now, .permit = kit_permit, .over = kit_over, .news = kit_news, .event = kit_event, .capacity = kit_capacity, .forgotten = kit_forgotten,
	.colleague = kit_colleague, .offer = kit_offer};

/* ---- its life ---- */

bool check_load_plugin(struct kit *kit)
{
	struct error error = {0};
	check_doing(kit, "loading");
	kit->plugin = channel_plugin_load(kit->path, &error);
	if (!kit->plugin)
		check_fail(kit, "%s", error.message);
	return kit->plugin != NULL;
}

enum verdict check_open_again(struct kit *kit)
{
	struct error error = {0};
	struct lent *lent = lent_new("its settings", "open had returned");
	struct channel_options options = {
		.name = "check", .settings = lent_json(lent, kit->settings), .data_dir = lent_dup(lent, kit->dir),
		.deadline_us = kit->deadline_us ? kit->deadline_us : TOUCH_SECONDS * MOMENT_SECOND, .grace_us = MOMENT_SECOND};
	kit->capacity = 1;
	check_doing(kit, "open");
	kit->channel = channel_open(kit->loop, kit->plugin, &options, &kit_calls, kit, &error);
	lent_away(lent);
	check_doing(kit, "a callback of its own");
	return kit->channel ? CHECK_OK : check_fail(kit, "it took the settings and then did not open: %s", error.message);
}

enum verdict check_open(struct kit *kit)
{
	struct nurture_problem problem = {.size = sizeof problem};
	if (!check_load_plugin(kit))
		return CHECK_FAILED;
	check_doing(kit, "open, for the settings only");
	if (kit->plugin->channel->open(NULL, kit->settings, kit->dir, NULL, &problem))
		return check_skip(kit, "it does not take these settings (%.200s): give some that it takes", problem.message);
	kit->loop = loop_new();
	return check_open_again(kit);
}

static const char *plain_address(const struct kit *kit)
{
	return strcmp(kit->plugin->channel->kind, "email") == 0    ? "conformance@example.com"
	       : strcmp(kit->plugin->channel->kind, "letter") == 0 ? "Conformance\n1 Road\n12345 Town"
								   : "+12025550101";
}

static size_t lend_fields(const struct kit *kit, struct lent *lent, const char *value, struct nurture_field *fields)
{
	size_t count = 0, length = strlen(value);
	for (const char *const *f = kit->plugin->channel->template_fields; *f && count + 2 < FIELD_MAX; f++)
		if (**f == '!') /* the others may have a form of their own, as an address */
			fields[count++] = (struct nurture_field){lent_dup(lent, *f + 1), lent_dup(lent, value), length};
	fields[count++] = (struct nurture_field){lent_dup(lent, "text"), lent_dup(lent, value), length};
	if (strcmp(kit->plugin->channel->body, "markdown") == 0)
		fields[count++] = (struct nurture_field){lent_dup(lent, "html"), lent_dup(lent, value), length};
	return count;
}

void check_deliver(struct kit *kit, int64_t touch_id, const char *address, const char *value)
{
	struct lent *lent = lent_new("a touch", "deliver had returned");
	struct nurture_touch *touch = lent_take(lent, sizeof *touch);
	struct nurture_field *fields = lent_take(lent, FIELD_MAX * sizeof *fields);
	*touch = (struct nurture_touch){
		.touch_id = touch_id, .lead_id = 64, .kind = lent_dup(lent, kit->plugin->channel->kind), .template_name = lent_dup(lent, "conformance"),
		.campaign = lent_dup(lent, "conformance"), .step = lent_dup(lent, "only"), .name = lent_dup(lent, "Conformance"),
		.address = lent_dup(lent, address ? address : plain_address(kit)), .purpose = lent_dup(lent, "marketing"), .attempt = 1,
		.now = real_now(), .fields = fields, .field_count = lend_fields(kit, lent, value, fields),
		.unsubscribe_url = lent_dup(lent, "https://example.com/u/x"), .postal_address = lent_dup(lent, "1 Road, Town")};
	check_doing(kit, "deliver");
	channel_deliver(kit->channel, touch, kit);
	lent_away(lent);
	check_doing(kit, "a callback of its own");
}

void check_cancel_all(struct kit *kit)
{
	check_doing(kit, "cancel");
	channel_cancel_all(kit->channel);
	check_doing(kit, "a callback of its own");
}

void check_drain(struct kit *kit)
{
	check_doing(kit, "drain");
	channel_drain(kit->channel);
	check_doing(kit, "a callback of its own");
}

size_t check_close(struct kit *kit)
{
	struct channel *channel = kit->channel;
	check_doing(kit, "close");
	kit->channel = NULL;
	kit->ask_count = kit->kept_count = 0;
	size_t left = channel_close(channel);
	check_doing(kit, "a callback of its own, after close");
	return left;
}

/* ---- waiting ---- */

void check_run(struct kit *kit, int64_t us)
{
	for (mono_t end = mono_now() + us, now; (now = mono_now()) < end;)
		check_turn(kit, end - now < 20000 ? end - now : 20000);
}

enum verdict check_wait_over(struct kit *kit, int touches)
{
	mono_t end = mono_now() + (TOUCH_SECONDS + 2) * MOMENT_SECOND;
	while (kit->over < touches && mono_now() < end)
		check_turn(kit, 20000);
	kit->page->stalled = kit->mute || kit->over < touches;
	if (kit->page->stalled)
		return check_fail(kit, "%d of %d touches were not completed within %d seconds", touches - kit->over + kit->mute, touches, TOUCH_SECONDS);
	check_run(kit, second_look);
	if (channel_late(kit->channel))
		return check_fail(kit, "it completed a touch twice, or one that it never had (%d times too many)", (int)channel_late(kit->channel));
	if (kit->unpermitted)
		return check_fail(kit, "it sent or queued a touch without asking for permission");
	if (kit->went_unasked)
		return check_fail(kit, "it says %s, and had no permission", kit->said);
	return CHECK_OK;
}

enum verdict check_wait_asked(struct kit *kit)
{
	mono_t end = mono_now() + TOUCH_SECONDS * MOMENT_SECOND;
	while (!kit->ask_count && !kit->over && mono_now() < end)
		check_turn(kit, 20000);
	if (kit->unpermitted)
		return check_fail(kit, "it sent or queued a touch without asking for permission");
	if (kit->over && !kit->mute)
		return check_skip(kit, "it ended without asking for permission (%.200s): give settings with which it can send", kit->said);
	return kit->ask_count && !kit->over ? CHECK_OK : check_fail(kit, "it neither asked for permission nor completed the touch within %d seconds", TOUCH_SECONDS);
}

/* What the plugin tells of leads and of its queue: events, colleagues, and which touches somebody has in hand. Checked and passed upwards; who wants to hear that it is
 * written is told later, once, and never when the channel closes. */
#include "base/log.h"
#include "base/mem.h"
#include "channel/parts.h"

#include <math.h>
#include <stdlib.h>

enum { VERB_MOST = 100, SUBJECT_MOST = 500, KEY_MOST = 200 };

/* A word that the plugin waits for. */
struct asked_word {
	LIST_ENTRY(asked_word) entry;
	struct channel *channel; /* NULL: it has closed, and nobody is told */
	nurture_told_fn *told;   /* one of the two */
	nurture_offer_fn *offered;
	void *arg;
};

static struct asked_word *word_new(struct channel *channel, nurture_told_fn *told, nurture_offer_fn *offered, void *arg)
{
	struct asked_word *word = mem_alloc(sizeof *word);
	*word = (struct asked_word){.channel = channel, .told = told, .offered = offered, .arg = arg};
	LIST_INSERT_HEAD(&channel->words, word, entry);
	return word;
}

static void on_told(void *arg, bool taken)
{
	struct asked_word *word = arg;
	if (word->channel) {
		LIST_REMOVE(word, entry);
		word->told(word->arg, taken);
	}
	free(word);
}

static void on_offered(void *arg, int64_t touch_id, enum nurture_offered offered)
{
	struct asked_word *word = arg;
	if (word->channel) {
		LIST_REMOVE(word, entry);
		word->offered(word->arg, touch_id, offered);
	}
	free(word);
}

static void on_refused(void *arg)
{
	on_told(arg, false);
}

void channel_words_end(struct channel *channel)
{
	for (struct asked_word *word; (word = LIST_FIRST(&channel->words));) {
		LIST_REMOVE(word, entry);
		word->channel = NULL;
	}
}

/* ---- events ---- */

static bool fit_text(const char *text, size_t most)
{
	return !text || (strlen(text) <= most && str_is_text(str_of(text)));
}

static void refuse(struct channel *channel, const char *event, int64_t lead_id, const char *message, nurture_told_fn *fn, void *arg)
{
	log_error(event, log_str("channel", channel->name), log_int("lead", lead_id), log_str("message", message));
	if (fn)
		loop_later(channel->loop, on_refused, word_new(channel, fn, NULL, arg));
}

void channel_event_then(struct nurture_host_data *data, int64_t lead_id, const char *verb, const char *subject, double value, const json_t *json, const char *key,
			nurture_told_fn *fn, void *arg)
{
	struct channel *channel = (struct channel *)data;
	channel_must_be_on_loop(channel, "event");
	if (channel->closing)
		return;
	if (!verb || !*verb || !fit_text(verb, VERB_MOST) || !fit_text(subject, SUBJECT_MOST) || !fit_text(key, KEY_MOST) || !isfinite(value) || (json && !json_is_object(json))) {
		refuse(channel, "channel.event.refused", lead_id, "the plugin's event is not one: verb, subject and key are texts, data is an object", fn, arg);
		return;
	}
	if (fn && (!key || !*key)) {
		refuse(channel, "channel.event.refused", lead_id, "an event that is told until it is taken needs a key", fn, arg);
		return;
	}
	char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	const struct channel_event event = {.lead_id = lead_id, .verb = str_of(verb), .subject = str_of(subject ? subject : ""), .value = value,
					    .data = str_of(text ? text : ""), .key = str_of(key ? key : "")};
	channel->calls->event(channel->arg, &event, fn ? on_told : NULL, fn ? word_new(channel, fn, NULL, arg) : NULL);
	free(text);
}

void channel_event(struct nurture_host_data *data, int64_t lead_id, const char *verb, const char *subject, double value, const json_t *json, const char *key)
{
	channel_event_then(data, lead_id, verb, subject, value, json, key, NULL, NULL);
}

/* ---- colleagues ---- */

void channel_colleague_then(struct nurture_host_data *data, int64_t lead_id, const json_t *fields, const char *key, nurture_told_fn *fn, void *arg)
{
	struct channel *channel = (struct channel *)data;
	channel_must_be_on_loop(channel, "colleague");
	if (channel->closing)
		return;
	char *text = json_is_object(fields) ? json_dumps(fields, JSON_COMPACT) : NULL;
	if (!text || strlen(text) > CHANNEL_SAID_MAX || !key || !*key || strlen(key) > KEY_MOST || !str_is_text(str_of(key)))
		refuse(channel, "channel.colleague.refused", lead_id, "the plugin's colleague is none: fields are an object of at most 16 KB, key a text", fn, arg);
	else if (channel->calls->colleague)
		channel->calls->colleague(channel->arg, lead_id, str_of(text), str_of(key), fn ? on_told : NULL, fn ? word_new(channel, fn, NULL, arg) : NULL);
	else if (fn)
		loop_later(channel->loop, on_refused, word_new(channel, fn, NULL, arg));
	free(text);
}

void channel_colleague(struct nurture_host_data *data, int64_t lead_id, const json_t *fields, const char *key)
{
	channel_colleague_then(data, lead_id, fields, key, NULL, NULL);
}

/* ---- what somebody has in hand ---- */

struct nobody {
	struct asked_word *word;
	int64_t touch_id;
};

static void on_nobody(void *arg)
{
	struct nobody nobody = *(struct nobody *)arg;
	free(arg);
	on_offered(nobody.word, nobody.touch_id, NURTURE_OFFERED_OVER);
}

void channel_offer(struct nurture_host_data *data, int64_t touch_id, int64_t lease, nurture_offer_fn *fn, void *arg)
{
	struct channel *channel = (struct channel *)data;
	channel_must_be_on_loop(channel, "offer");
	if (channel->closing)
		return;
	struct asked_word *word = fn ? word_new(channel, NULL, fn, arg) : NULL;
	if (channel->calls->offer) {
		channel->calls->offer(channel->arg, touch_id, lease < 0 ? 0 : lease, fn ? on_offered : NULL, word);
	} else if (fn) {
		struct nobody *nobody = mem_alloc(sizeof *nobody);
		*nobody = (struct nobody){word, touch_id};
		loop_later(channel->loop, on_nobody, nobody);
	}
}

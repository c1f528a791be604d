/* What a plugin tells of what came back: checked, and passed up. It was written by anybody: nothing of it is believed here. */
#include "base/log.h"
#include "channel/parts.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* JSON text writes a NUL as \u0000, with an even number of backslashes before it; after an odd number the words "\u0000" stand in a text. */
static bool holds_nul(const char *json)
{
	for (const char *p = json; (p = strstr(p, "\\u0000")); p++) {
		size_t before = 0;
		while (p - before > json && p[-(ptrdiff_t)before - 1] == '\\')
			before++;
		if (before % 2 == 0)
			return true;
	}
	return false;
}

static struct str text_of(const json_t *data, char **made)
{
	*made = json_is_object(data) && json_object_size(data) ? json_dumps(data, JSON_COMPACT) : NULL;
	if (!*made)
		return (struct str){"", 0};
	if (strlen(*made) <= CHANNEL_RETURN_MAX && !holds_nul(*made))
		return str_of(*made);
	log_error("channel.return.data", log_str("message", "a plugin told more than 60 KB of what came back, or a NUL: its data is left out"));
	return (struct str){"", 0};
}

static bool is_return(const struct nurture_return *given)
{
	return given && NURTURE_HAS(given, soft_days) && given->kind >= NURTURE_RETURN_HARD && given->kind <= NURTURE_RETURN_UNSUBSCRIBE && given->key &&
	       strlen(given->key) <= CHANNEL_REASON_MAX;
}

void channel_returned(struct nurture_host_data *data, const struct nurture_return *given, nurture_returned_fn *fn, void *arg)
{
	struct channel *channel = (struct channel *)data;
	char texts[5][CHANNEL_REASON_MAX + 1], *made;
	channel_must_be_on_loop(channel, "returned");
	if (channel->closing || !fn)
		return;
	if (!is_return(given))
		log_error("channel.return.refused", log_str("channel", channel->name), log_str("message", "the plugin's return is none: kind and key must be said"));
	if (!is_return(given) || !channel->calls->returned || channel->draining) {
		fn(arg, NURTURE_RETURN_LATER, NULL);
		return;
	}
	struct channel_return out = {
		.kind = given->kind, .token = channel_clean(given->token, texts[0]), .address = channel_clean(given->address, texts[1]),
		.code = channel_clean(given->code, texts[2]), .reason = channel_clean(given->reason, texts[3]), .key = channel_clean(given->key, texts[4]),
		.data = text_of(given->data, &made), .soft_most = given->soft_most, .soft_days = given->soft_days};
	channel->calls->returned(channel->arg, &out, fn, arg);
	free(made);
}

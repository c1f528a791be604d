/* What a plugin says of itself: that the channel must be held, how it stands, what it wants to know again. The host's functions hold, tell, keep, keep_then, kept;
 * and those that go with them, held and turns_anew;
 * each object is checked and made text here, so that what goes into the database, the log and /metrics has a known form and size. */
#include "base/log.h"
#include "channel/parts.h"

#include <math.h>
#include <stdlib.h>

enum { STANDING_MAX = 65536, WORD_MAX = 60 };

static struct channel *of(struct nurture_host_data *data, const char *function)
{
	channel_must_be_on_loop((struct channel *)data, function);
	return (struct channel *)data;
}

void channel_hold(struct nurture_host_data *data, const char *reason)
{
	struct channel *channel = of(data, "hold");
	char text[CHANNEL_REASON_MAX + 1];
	if (!channel->closing && channel->calls->hold)
		channel->calls->hold(channel->arg, channel_clean(reason, text));
}

static bool is_word(const char *text)
{
	size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_");
	return n && n <= WORD_MAX && !text[n] && text[0] > '9';
}

static bool is_line(const json_t *value)
{
	const char *text = json_string_value(value);
	return text && json_string_length(value) == strlen(text) && strlen(text) <= CHANNEL_REASON_MAX && str_is_text(str_of(text));
}

static bool are_lines(const json_t *list)
{
	size_t i;
	json_t *line;
	if (list && !json_is_array(list))
		return false;
	json_array_foreach ((json_t *)list, i, line)
		if (!is_line(line))
			return false;
	return true;
}

static bool is_figure(const json_t *figure)
{
	const char *name = json_string_value(json_object_get(figure, "name")), *label;
	json_t *labels = json_object_get(figure, "labels"), *value = json_object_get(figure, "value"), *each;
	if (!name || !is_word(name) || !json_is_number(value) || !isfinite(json_number_value(value)) || (labels && !json_is_object(labels)))
		return false;
	json_object_foreach (labels, label, each)
		if (!is_word(label) || !is_line(each))
			return false;
	return true;
}

static bool are_figures(const json_t *list)
{
	size_t i;
	json_t *figure;
	if (list && !json_is_array(list))
		return false;
	json_array_foreach ((json_t *)list, i, figure)
		if (!is_figure(figure))
			return false;
	return true;
}

/* The object as text, to be freed; NULL: it is none, or too large. */
static char *written(struct channel *channel, const char *what, const json_t *object, bool good)
{
	char *text = good && json_is_object(object) ? json_dumps(object, JSON_COMPACT) : NULL;
	if (text && strlen(text) <= STANDING_MAX)
		return text;
	free(text);
	log_error("channel.standing.refused", log_str("channel", channel->name), log_str("what", what),
		  log_str("message", "what the plugin told of itself is not as plugin.h says, or more than 64 KB: it is left out"));
	return NULL;
}

void channel_tell(struct nurture_host_data *data, const json_t *standing)
{
	struct channel *channel = of(data, "tell");
	if (channel->closing || !channel->calls->tell)
		return;
	bool good = are_lines(json_object_get(standing, "lines")) && are_lines(json_object_get(standing, "troubles")) &&
		    are_figures(json_object_get(standing, "figures"));
	char *text = written(channel, "tell", standing, good);
	if (text)
		channel->calls->tell(channel->arg, str_of(text));
	free(text);
}

void channel_keep(struct nurture_host_data *data, const json_t *notes)
{
	struct channel *channel = of(data, "keep");
	char *text = channel->closing || !channel->calls->keep ? NULL : written(channel, "keep", notes, true);
	if (text)
		channel->calls->keep(channel->arg, str_of(text));
	free(text);
}

const json_t *channel_kept(struct nurture_host_data *data)
{
	return of(data, "kept")->kept;
}

/* ---- notes that something waits for; who has the channel ---- */

/* What is no object, or too large, is refused as "" by whoever writes. */
void channel_keep_then(struct nurture_host_data *data, const json_t *notes, nurture_kept_fn *fn, void *arg)
{
	struct channel *channel = of(data, "keep_then");
	char *text = channel->closing || !channel->calls->keep_then ? NULL : written(channel, "keep_then", notes, true);
	if (!channel->closing && channel->calls->keep_then)
		channel->calls->keep_then(channel->arg, str_of(text ? text : ""), fn, arg);
	free(text);
}

bool channel_held(struct nurture_host_data *data)
{
	struct channel *channel = of(data, "held");
	return !channel->closing && (!channel->calls->held || channel->calls->held(channel->arg));
}

void channel_turns_anew(struct nurture_host_data *data)
{
	struct channel *channel = of(data, "turns_anew");
	if (!channel->closing && channel->calls->turns_anew)
		channel->calls->turns_anew(channel->arg);
}

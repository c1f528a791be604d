/* The message of a touch, as it would go to the relay: see show.h. Called by plugin.c and by the host. */
#include "show.h"

#include <stdio.h>

struct composer *show_composer(const struct settings *s)
{
	struct composer_settings composing = {
		.from = &s->from,
		.reply_to = s->reply_to.name ? &s->reply_to : NULL,
		.return_path = s->return_path.text[0] ? &s->return_path : NULL,
		.unsubscribe_to = s->bounces.text[0] && s->returns.box_count ? &s->bounces : NULL,
		.dkim = s->dkim.count ? &s->dkim : NULL,
		.newline = s->scheme == RELAY_MAILDIR ? "\n" : "\r\n",
	};
	return composer_new(&composing);
}

int email_show(const json_t *object, const char *data_dir, const struct nurture_touch *touch, nurture_write_fn *write, void *arg,
	       struct nurture_problem *problem)
{
	struct settings settings;
	struct envelope envelope;
	char why[512];
	int result = settings_read(&settings, object, data_dir, problem) || settings_can_sign(&settings, problem) ? -1 : 0;
	if (!result) {
		struct composer *composer = show_composer(&settings);
		if (composer_compose(composer, touch, touch->now, &envelope, why) == COMPOSED) {
			write(arg, envelope.message->str, envelope.message->len);
			g_string_free(envelope.message, TRUE);
		} else {
			snprintf(problem->message, sizeof problem->message, "%s", why);
			result = -1;
		}
		composer_free(composer);
	}
	settings_fini(&settings);
	return result;
}

/* Campaigns that are paused, told to the plugin that wants to hear of them: once when it is open, and whenever they are others. What it has in its queue of them would be
 * refused one by one, as often as it looks; so it can put them aside together, and bring them back together. */
#include "base/mem.h"
#include "delivery/parts.h"

#include <stdlib.h>
#include <string.h>

static void tell(struct delivery *d, const char *joined)
{
	char *names = mem_dup(joined), *rest = names;
	const char **list = mem_array(strlen(joined) + 2, sizeof *list);
	size_t count = 0;
	while (rest && *rest)
		list[count++] = strsep(&rest, "\x1f");
	list[count] = NULL;
	worker_note(d->worker, "plugin %s hears of paused campaigns", d->plugin->name);
	channel_pauses(d->channel, list);
	worker_note(d->worker, "%s", "");
	free(list);
	free(names);
}

void pauses_polled(struct delivery *d, const struct poll *poll)
{
	if (d->state != DELIVERY_RUNS || !d->held || !d->channel || (d->paused && strcmp(d->paused, poll->paused) == 0))
		return;
	free(d->paused);
	d->paused = mem_dup(poll->paused);
	tell(d, d->paused);
}

void pauses_fini(struct delivery *d)
{
	free(d->paused);
	d->paused = NULL;
}

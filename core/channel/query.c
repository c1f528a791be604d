/* Queries of the plugin, on their way: the answer comes later, and never once the channel closes. Knows nothing of the database: who has one is in
 * channel_calls.query. */
#include "base/mem.h"
#include "channel/parts.h"

#include <stdlib.h>

struct asked_query {
	LIST_ENTRY(asked_query) entry;
	struct channel *channel; /* NULL: it has closed, and nobody is told */
	nurture_query_fn *fn;
	void *arg;
};

static void on_answer(void *arg, const struct nurture_answer *answer)
{
	struct asked_query *asked = arg;
	if (asked->channel)
		LIST_REMOVE(asked, entry);
	if (asked->channel && asked->fn)
		asked->fn(asked->arg, answer);
	free(asked);
}

/* There is no schema to ask, or no database. */
static void on_nothing(void *arg)
{
	on_answer(arg, &(struct nurture_answer){.size = sizeof(struct nurture_answer), .error = "this plugin has no migrations, so there is nothing to ask", .sqlstate = ""});
}

void channel_query(struct nurture_host_data *data, const struct nurture_query *query, nurture_query_fn *fn, void *arg)
{
	struct channel *channel = (struct channel *)data;
	channel_must_be_on_loop(channel, "query");
	if (channel->closing)
		return;
	struct asked_query *asked = mem_alloc(sizeof *asked);
	*asked = (struct asked_query){.channel = channel, .fn = fn, .arg = arg};
	LIST_INSERT_HEAD(&channel->queries, asked, entry);
	if (channel->calls->query && channel->plugin->migrations)
		channel->calls->query(channel->arg, query, on_answer, asked);
	else
		loop_later(channel->loop, on_nothing, asked);
}

void channel_queries_end(struct channel *channel)
{
	for (struct asked_query *asked; (asked = LIST_FIRST(&channel->queries));) {
		LIST_REMOVE(asked, entry);
		asked->channel = NULL;
	}
}

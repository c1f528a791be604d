/* What a template of the channel says to somebody who does not exist: for the decoys that a plugin puts among its letters. As a message is shown before it is sent (turn/show.h): an
 * invented lead, links and codes of nobody's. Nothing is read from the database and nothing is written. */
#include "base/mem.h"
#include "channel/touch.h"
#include "delivery/parts.h"
#include "turn/show.h"

#include <stdlib.h>

struct composing {
	struct delivery *delivery;
	char *template_name, *fields;
	nurture_look_fn *fn;
	void *arg;
};

static void say(const struct composing *c, enum nurture_standing standing, const char *reason)
{
	c->fn(c->arg, &(struct nurture_look){.size = sizeof(struct nurture_look), .standing = standing, .reason = reason, .address = "", .name = ""});
}

static void show(const struct composing *c, const struct shown *shown, struct arena *arena)
{
	struct channel_touch filled;
	const struct message *message = &shown->message;
	struct touch_content content = {.address = message->address, .name = message->name, .unsubscribe_url = message->unsubscribe_url, .postal_address = message->postal_address,
					.fields = &message->fields, .attempt = 1, .now = delivery_now(c->delivery)};
	channel_touch_fill(&filled, &shown->touch, &content, arena);
	size_t count = filled.touch.field_count;
	const struct nurture_field replies[] = {{"reply.code", message->reply_code, 0}, {"reply.url", message->reply_url, 0}};
	for (size_t i = 0; i < 2 && count < TOUCH_FIELDS_MAX; i++)
		if (replies[i].value)
			filled.fields[count++] = (struct nurture_field){replies[i].name, replies[i].value, strlen(replies[i].value)};
	c->fn(c->arg, &(struct nurture_look){.size = sizeof(struct nurture_look), .standing = NURTURE_LOOK_GO, .reason = "", .address = filled.touch.address, .name = filled.touch.name,
					     .fields = filled.fields, .field_count = count, .files = filled.touch.files, .file_count = filled.touch.file_count});
}

static void compose(const struct composing *c, struct edition *edition, struct arena *arena)
{
	struct delivery *d = c->delivery;
	struct show_ask ask;
	struct shown shown;
	struct error error = {0};
	json_t *json = json_pack("{s:s, s:s, s:o?}", "kind", d->plugin->channel->kind, "template", c->template_name, "fields", json_loads(c->fields, 0, NULL));
	if (turn_show_read(edition->playbook, json, arena, &ask, &error)) {
		say(c, NURTURE_LOOK_HOLD, error.message);
	} else {
		ask.lead.now = delivery_now(d);
		ask.public_url = d->worker->config->public_url;
		ask.postal_address = d->worker->config->postal_address;
		if (turn_show(edition->playbook, &ask, arena, &shown, &error))
			say(c, NURTURE_LOOK_HOLD, error.message);
		else
			show(c, &shown, arena);
	}
	json_decref(json);
}

static void on_later(void *arg)
{
	struct composing *c = arg;
	struct arena *arena = arena_new();
	struct edition *edition = playbook_current_edition(c->delivery->current);
	if (edition && !c->delivery->stopping)
		compose(c, edition, arena);
	else
		say(c, NURTURE_LOOK_LATER, "no playbook is published");
	arena_free(arena);
	free(c->template_name);
	free(c->fields);
	free(c);
}

void composed_take(void *arg, struct str template_name, struct str fields, nurture_look_fn *fn, void *fn_arg)
{
	struct delivery *d = arg;
	struct composing *c = mem_alloc(sizeof *c);
	*c = (struct composing){.delivery = d, .template_name = mem_dup_n(template_name.p, template_name.n), .fields = mem_dup_n(fields.p, fields.n), .fn = fn, .arg = fn_arg};
	loop_later(d->worker->loop, on_later, c);
}

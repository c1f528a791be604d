/* The plugin "email": its descriptor, and the way of a touch through it:
 *
 *   touch ──► composer (message.c) ──► letter on the desk ──► relay (maildir.c | fleet.c) ──► outcome to the host
 *
 * All runs on the loop thread of the delivery process. A touch that can be no message ends at once: a bad recipient's
 * address is rejected; a bad rendering is held until the next publish, as it says nothing of the recipient and a person must mend the template. */
#include "command.h"
#include "maildir.h"
#include "message.h"
#include "relay.h"
#include "returns_hook.h"
#include "returns_boxes.h"
#include "returns_verp.h"
#include "show.h"

#include <stdio.h>
#include <string.h>

/* How many touches are in hand at once. Much more than the connections, so that the host can claim in large groups; letters
 * ask for permission only when their turn on the wire has come. */
enum { MAILDIR_CAPACITY = 256, LETTERS_A_CONNECTION = 24 };
/* And how many bytes of messages: with large attachments fewer letters are in hand, and the host claims fewer. */
enum { IN_HAND = 64 * 1024 * 1024, FEWEST = 4, LARGE_FOR_S = 5 };

struct email {
	struct settings settings;
	const struct nurture_host *host;
	struct desk desk;
	struct composer *composer;
	struct relay *relay;
	struct returns_boxes *boxes;
	struct returns_hook *hook;
	uint32_t capacity, told; /* at most; what the host was told last */
	bool draining;
};

static const char *const template_fields[] = {"!subject", "from", "reply_to", "preheader", NULL};

static void email_free(struct email *email)
{
	composer_free(email->composer);
	desk_fini(&email->desk);
	settings_fini(&email->settings);
	g_free(email);
}

static uint32_t connections(const struct settings *s)
{
	uint32_t all = 0;
	for (size_t i = 0; i < s->server_count; i++)
		all += s->servers[i].connections;
	return all;
}

static void begin(struct email *email)
{
	const struct settings *s = &email->settings;
	email->composer = show_composer(s);
	desk_init(&email->desk, email->host);
	bool folder = s->scheme == RELAY_MAILDIR;
	email->hook = returns_hook_new(email->host, &s->returns, &email->desk);
	email->boxes = returns_boxes_new(email->host, &s->returns, &email->desk);
	email->relay = folder ? maildir_new(&email->desk, s) : fleet_new(&email->desk, s);
	email->capacity = email->told = folder ? MAILDIR_CAPACITY : LETTERS_A_CONNECTION * connections(s);
	email->host->capacity(email->host->data, email->capacity);
}

/* A server may come back by itself; a folder that cannot be written is for a person, and is told before the first mail. */
static bool can_begin(const struct settings *s, struct nurture_problem *problem)
{
	char why[MAILDIR_WHY];
	if (s->scheme != RELAY_MAILDIR || maildir_look(s->path, why))
		return true;
	snprintf(problem->where, sizeof problem->where, "relay");
	snprintf(problem->message, sizeof problem->message, "%s. Mails are written there as soon as the server may.", why);
	return false;
}

static int email_open(const struct nurture_host *host, const json_t *settings, const char *data_dir, void **self,
		      struct nurture_problem *problem)
{
	struct email *email = g_new0(struct email, 1);
	email->host = host;
	if (settings_read(&email->settings, settings, data_dir, problem)) {
		email_free(email);
		return -1;
	}
	if (!host) {
		email_free(email);
		return 0;
	}
	if (!can_begin(&email->settings, problem) || settings_can_sign(&email->settings, problem)) {
		email_free(email);
		return -1;
	}
	begin(email);
	*self = email;
	return 0;
}

static void refuse(struct email *email, const struct nurture_touch *touch, enum nurture_outcome outcome, const char *why)
{
	struct nurture_result result = {.size = sizeof result, .outcome = outcome, .reason = why,
					.kind = outcome == NURTURE_REJECTED ? "hard" : NULL,
					.broken = outcome == NURTURE_DEFERRED ? composer_broken(email->composer) : NULL};
	email->host->complete(email->host->data, touch->handle, &result);
}

/* As many as the bytes have room for, as the last message was; it comes back by halves, as sizes may change from one to the next. */
static void tell_capacity(struct email *email, size_t size)
{
	uint32_t fits = size < IN_HAND / FEWEST ? IN_HAND / (uint32_t)(size + 1) : FEWEST;
	fits = fits < email->capacity ? fits : email->capacity;
	if (fits > email->told)
		fits = email->told + (fits - email->told + 1) / 2;
	if (fits == email->told)
		return;
	email->told = fits;
	email->host->capacity(email->host->data, fits);
}

static bool is_loaded(struct email *email, int64_t *until, char why[RELAY_WHY])
{
	if (email->desk.bytes < IN_HAND)
		return false;
	*until = email->host->now(email->host->data) + LARGE_FOR_S * INT64_C(1000000);
	snprintf(why, RELAY_WHY, "large messages are in hand: %zu MB", email->desk.bytes / (1024 * 1024));
	return true;
}

/* Whether its turn has not come: then no message is made of it. */
static bool is_too_early(struct email *email, const struct nurture_touch *touch, bool urgent)
{
	char why[RELAY_WHY];
	struct nurture_result result = {.size = sizeof result, .outcome = NURTURE_DEFERRED, .reason = why, .untried = true};
	bool full = email->relay->kind->full && email->relay->kind->full(email->relay, touch->address, urgent, &result.until, why);
	if (!full && !is_loaded(email, &result.until, why))
		return false;
	email->host->complete(email->host->data, touch->handle, &result);
	return true;
}

static bool email_turns(void *self, struct nurture_turn *turns, size_t count)
{
	struct email *email = self;
	return email->relay->kind->turns && email->relay->kind->turns(email->relay, turns, count);
}

static void email_deliver(void *self, const struct nurture_touch *touch)
{
	struct email *email = self;
	struct envelope envelope;
	char why[512];
	if (email->draining) {
		refuse(email, touch, NURTURE_CANCELLED, "the channel is closing");
		return;
	}
	bool urgent = strcmp(touch->purpose, "marketing") != 0;
	if (is_too_early(email, touch, urgent))
		return;
	switch (composer_compose(email->composer, touch, email->host->now(email->host->data), &envelope, why)) {
	case COMPOSE_BAD_ADDRESS: refuse(email, touch, NURTURE_REJECTED, why); return;
	case COMPOSE_BAD_TEMPLATE: refuse(email, touch, NURTURE_DEFERRED, why); return;
	case COMPOSED: break;
	}
	if (email->settings.bounces.text[0] && NURTURE_HAS(touch, return_token) && touch->return_token)
		(void)verp_write(&email->settings.bounces, touch->return_token, &envelope.sender); /* there is room: settings.c looked */
	struct letter *letter = letter_new(&email->desk, touch, envelope.message);
	memcpy(letter->sender, envelope.sender.text, sizeof envelope.sender.text);
	memcpy(letter->recipient, envelope.recipient.text, sizeof envelope.recipient.text);
	tell_capacity(email, letter->bytes);
	letter->urgent = urgent;
	letter->utf8 = envelope.utf8;
	email->relay->kind->send(email->relay, letter);
}

static void email_cancel(void *self, struct nurture_handle handle)
{
	struct email *email = self;
	struct letter *letter = desk_find(&email->desk, handle);
	if (!letter || letter->cancelled)
		return;
	letter->cancelled = true;
	email->desk.cancel(email->desk.relay, letter);
}

static void email_drain(void *self)
{
	struct email *email = self;
	email->draining = true;
	returns_boxes_drain(email->boxes);
	email->relay->kind->drain(email->relay);
}

static void email_close(void *self)
{
	struct email *email = self;
	returns_boxes_free(email->boxes);
	returns_hook_free(email->hook);
	email->relay->kind->close(email->relay);
	email_free(email);
}

static void email_ses(void *self, const struct nurture_request *request)
{
	returns_hook_take(((struct email *)self)->hook, &provider_ses, request);
}

/* A provider's web hook proves itself: returns_provider.h. */
static const struct nurture_route route_table[] = {
	{.method = "POST", .path = "/ses", .scope = "public", .fn = email_ses, .body = 300 * 1024},
};
static const struct nurture_routes routes = {
	.size = sizeof routes, .route_size = sizeof *route_table, .count = sizeof route_table / sizeof *route_table, .routes = route_table};

static const struct nurture_channel channel = {
	.size = sizeof(struct nurture_channel),
	.kind = "email",
	.template_fields = template_fields,
	.body = "markdown",
	.open = email_open,
	.deliver = email_deliver,
	.cancel = email_cancel,
	.drain = email_drain,
	.close = email_close,
	.turns = email_turns,
	.show = email_show,
	.command = email_command,
};

NURTURE_EXPORT const struct nurture_plugin nurture_plugin = {
	.size = sizeof(struct nurture_plugin),
	.abi = NURTURE_PLUGIN_ABI,
	.name = "email",
	.version = "0.1.0",
	.licence = "LicenseRef-Nurture",
	.host_needs = sizeof(struct nurture_host),
	.channel = &channel,
	.routes = &routes,
};

/* Requests of a plugin's routes, on their way through it: handed over, answered once, or given up by who asked.
 *
 *   channel_request ──► in hand ──reply──► answered (calls.replied, once)
 *                          ├──channel_request_gone──► over: a late reply is a counted no-op
 *                          └──channel_close──► calls.replied with NULL
 *
 * What the plugin replies is looked at before anybody else sees it: a status, header names, header values without controls. */
#include "base/log.h"
#include "channel/parts.h"

#include <stdlib.h>
#include <strings.h>

enum { HEADERS_MOST = 20, HEADER_MOST = 8000 };
static const char token[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
static const char *const ours[] = {"connection", "content-length", "content-type", "date", "keep-alive", "server", "set-cookie", "te", "trailer",
				   "transfer-encoding", "upgrade", "x-content-type-options", NULL};

static const char *wrong_header(const struct nurture_pair *header)
{
	const char *name = header->name, *value = header->value;
	if (!name || !value || !*name || strspn(name, token) != strlen(name) || strlen(name) > 100)
		return "a header has no name, or one that is none";
	for (const char *const *taken = ours; *taken; taken++)
		if (strcasecmp(*taken, name) == 0)
			return "a header is one that the server sets";
	if (strlen(value) > HEADER_MOST)
		return "a header is longer than 8,000 bytes";
	for (const char *p = value; *p; p++)
		if ((unsigned char)*p < ' ' || (unsigned char)*p >= 127)
			return "a header's value has bytes that may not stand there";
	return NULL;
}

static const char *wrong_type(const char *type)
{
	return type ? wrong_header(&(struct nurture_pair){"X", type}) : NULL;
}

static const char *wrong_reply(const struct nurture_reply *reply)
{
	if (!reply || !NURTURE_HAS(reply, header_count))
		return "it is none, or its size is not set";
	if (reply->status < 200 || reply->status > 599)
		return "its status is not between 200 and 599";
	if (reply->body_length > NURTURE_REPLY_MOST || (reply->body_length && !reply->body))
		return "its body is too long, or is not there";
	if (reply->header_count > HEADERS_MOST || (reply->header_count && !reply->headers))
		return "it has too many headers, or they are not there";
	for (size_t i = 0; i < reply->header_count; i++) {
		const char *why = wrong_header(&reply->headers[i]);
		if (why)
			return why;
	}
	return wrong_type(reply->content_type) ? "its content type is none" : NULL;
}

struct nurture_handle channel_request(struct channel *channel, struct nurture_request *request, void *cookie)
{
	struct nurture_handle handle = tickets_take(&channel->requests, cookie);
	request->size = sizeof *request;
	request->handle = handle;
	request->route->fn(channel->self, request);
	return handle;
}

void channel_request_gone(struct channel *channel, struct nurture_handle handle)
{
	tickets_give_back(&channel->requests, handle);
}

void channel_requests_end(struct channel *channel)
{
	struct nurture_handle handle;
	for (uint32_t at = 0; tickets_next(&channel->requests, &at, &handle);) {
		void *cookie = tickets_get(&channel->requests, handle)->cookie;
		tickets_give_back(&channel->requests, handle);
		channel->calls->replied(channel->arg, cookie, NULL);
	}
}

void channel_reply(struct nurture_host_data *data, struct nurture_handle handle, const struct nurture_reply *reply)
{
	struct channel *channel = (struct channel *)data;
	channel_must_be_on_loop(channel, "reply");
	struct ticket *ticket = tickets_get(&channel->requests, handle);
	if (!ticket) {
		channel_count_late(channel, "reply");
		return;
	}
	void *cookie = ticket->cookie;
	const char *why = wrong_reply(reply);
	const struct nurture_reply instead = {.size = sizeof instead, .status = 500};
	tickets_give_back(&channel->requests, handle);
	if (why)
		log_error("channel.reply.refused", log_str("channel", channel->name), log_str("message", why));
	channel->calls->replied(channel->arg, cookie, why ? &instead : reply);
}

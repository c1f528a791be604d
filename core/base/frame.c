/* Frames: written whole, read when the last byte is there. */
#include "base/frame.h"

#include "base/mem.h"

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <stdlib.h>

static const char magic[4] = {'n', 'u', 'F', '1'};
enum { PREFIX = 12 };

int frame_put(struct evbuffer *out, json_t *head, struct str body)
{
	char *text = head ? json_dumps(head, JSON_COMPACT) : NULL;
	size_t n = text ? strlen(text) : 0;
	json_decref(head);
	if (!text || n > FRAME_HEAD_MOST || body.n > FRAME_BODY_MOST) {
		free(text);
		return -1;
	}
	const uint32_t lengths[2] = {htonl((uint32_t)n), htonl((uint32_t)body.n)};
	if (evbuffer_add(out, magic, sizeof magic) || evbuffer_add(out, lengths, sizeof lengths) || evbuffer_add(out, text, n) ||
	    (body.n && evbuffer_add(out, body.p, body.n)))
		abort(); /* out of memory */
	free(text);
	return 0;
}

int frame_take(struct evbuffer *in, struct frame *frame)
{
	char prefix[PREFIX];
	uint32_t lengths[2];
	if (evbuffer_copyout(in, prefix, PREFIX) < PREFIX)
		return 0;
	memcpy(lengths, prefix + sizeof magic, sizeof lengths);
	size_t head = ntohl(lengths[0]), body = ntohl(lengths[1]);
	if (memcmp(prefix, magic, sizeof magic) != 0 || head > FRAME_HEAD_MOST || body > FRAME_BODY_MOST)
		return -1;
	if (evbuffer_get_length(in) < PREFIX + head + body)
		return 0;
	char *text = mem_alloc(head + 1);
	*frame = (struct frame){.body = mem_alloc(body + 1), .length = body};
	evbuffer_drain(in, PREFIX);
	evbuffer_remove(in, text, head);
	evbuffer_remove(in, frame->body, body);
	frame->head = json_loadb(text, head, 0, NULL);
	free(text);
	if (json_is_object(frame->head))
		return 1;
	frame_fini(frame);
	return -1;
}

void frame_fini(struct frame *frame)
{
	json_decref(frame->head);
	free(frame->body);
	*frame = (struct frame){0};
}

/* What comes over the socket between web and a plugin's process: in pieces as at once, and what is taken is what was put. */
#include "base/frame.h"

#include <event2/buffer.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

enum { MOST = 64 };

struct taken {
	struct frame frames[MOST];
	size_t count;
	bool broken;
};

static void take_all(struct evbuffer *in, struct taken *t)
{
	int result = 1;
	while (!t->broken && t->count < MOST && (result = frame_take(in, &t->frames[t->count])) > 0)
		t->count++;
	t->broken |= result < 0;
}

static void in_pieces(const uint8_t *bytes, size_t n, size_t piece, struct taken *t)
{
	struct evbuffer *in = evbuffer_new();
	for (size_t at = 0; at < n && !t->broken; at += piece) {
		evbuffer_add(in, bytes + at, n - at < piece ? n - at : piece);
		take_all(in, t);
	}
	evbuffer_free(in);
}

/* Put again, it is taken as it was. */
static void back_and_forth(const struct frame *frame)
{
	struct evbuffer *wire = evbuffer_new();
	struct frame again;
	if (frame_put(wire, json_incref(frame->head), (struct str){frame->body, frame->length}) != 0 || frame_take(wire, &again) != 1)
		abort();
	if (!json_equal(frame->head, again.head) || frame->length != again.length || memcmp(frame->body, again.body, frame->length) != 0)
		abort();
	frame_fini(&again);
	evbuffer_free(wire);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static struct taken whole, pieces;
	whole.count = pieces.count = 0;
	whole.broken = pieces.broken = false;
	in_pieces(bytes, n, n ? n : 1, &whole);
	in_pieces(bytes, n, n ? 1 + bytes[0] % 13u : 1, &pieces);
	if (whole.count != pieces.count || whole.broken != pieces.broken)
		abort();
	for (size_t i = 0; i < whole.count; i++) {
		if (!json_is_object(whole.frames[i].head) || !json_equal(whole.frames[i].head, pieces.frames[i].head))
			abort();
		back_and_forth(&whole.frames[i]);
		frame_fini(&whole.frames[i]);
		frame_fini(&pieces.frames[i]);
	}
	return 0;
}

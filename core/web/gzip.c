/* Unpacking what was posted with Content-Encoding: gzip, by zlib. Called by handlers whose bodies are long, with a token; and, of 32 KB at most, for pages (beacon.c).
 * Several members behind each other are one body (RFC 1952, section 2.2). Memory is bounded by what the caller takes, time by it too. */
#include "web/gzip.h"

#include <zlib.h>

enum { PIECE = 64 * 1024, GZIP_WINDOW = 15 + 16 /* zlib.h: gzip alone, largest window */ };

static int fail(enum error_code code, const char *message, struct error *error)
{
	return error_set(error, code, "body", "%s", message);
}

/* One piece more; Z_OK, Z_STREAM_END of a member, or what is wrong. */
static int step(z_stream *stream, size_t most, struct buf *out)
{
	size_t room = most + 1 - out->n < PIECE ? most + 1 - out->n : PIECE;
	buf_reserve(out, room);
	stream->next_out = (unsigned char *)out->p + out->n;
	stream->avail_out = (unsigned)room;
	int result = inflate(stream, Z_NO_FLUSH);
	out->n += room - stream->avail_out;
	return result;
}

static int unpack(z_stream *stream, size_t most, struct buf *out, struct error *error)
{
	for (;;) {
		int result = step(stream, most, out);
		if (out->n > most)
			return error_set(error, ERROR_LIMIT, "body", "the body is more than %zu bytes when it is unpacked.", most);
		if (result == Z_STREAM_END && !stream->avail_in)
			return 0;
		if (result == Z_STREAM_END)
			result = inflateReset(stream);
		else if (result == Z_BUF_ERROR || (result == Z_OK && !stream->avail_in && stream->avail_out))
			return fail(ERROR_INVALID, "the body is cut: its gzip has no end.", error);
		if (result != Z_OK)
			return fail(ERROR_INVALID, "the body is not gzip, or is damaged.", error);
	}
}

int web_gunzip(struct str packed, size_t most, struct buf *out, struct error *error)
{
	z_stream stream = {.next_in = (unsigned char *)packed.p, .avail_in = (unsigned)packed.n};
	if (packed.n > UINT32_MAX || inflateInit2(&stream, GZIP_WINDOW) != Z_OK)
		return fail(ERROR_LIMIT, "the body cannot be unpacked.", error);
	int result = unpack(&stream, most, out, error);
	inflateEnd(&stream);
	return result;
}

int web_body(struct web_request *req, size_t most, struct buf *room, struct str *body, struct error *error)
{
	struct str encoding = http_header(req->http, "Content-Encoding");
	*body = http_body(req->http);
	if (!str_same_nocase(encoding, STR("gzip"))) /* http has refused all others but identity */
		return 0;
	if (web_gunzip(*body, most, room, error) < 0)
		return -1;
	*body = buf_str(room);
	return 0;
}

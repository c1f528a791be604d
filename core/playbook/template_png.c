/* Whether a PNG can be printed: its chunks are whole and in order, their sums are right, and what is packed in it can be unpacked (ISO/IEC 15948). Nothing is kept of its dots. Called by
 * template_files.c for the pictures of letters, so that a broken file is found when the playbook is published and not when ten thousand letters wait for it. */
#include "playbook/template_parts.h"

#include <string.h>
#include <zlib.h>

enum { SIDE_MOST = 10000, CHUNK_HEAD = 8, CHUNK_SUM = 4, BUFFER = 1 << 16 };

struct chunk {
	const unsigned char *data;
	size_t length;
	char kind[5];
};

static size_t number(const unsigned char *p)
{
	return (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
}

/* The chunk that begins at *at, which is moved behind it. false: it is cut off, or its sum is wrong. */
static bool take(struct str bytes, size_t *at, struct chunk *out)
{
	const unsigned char *p = (const unsigned char *)bytes.p + *at;
	if (bytes.n - *at < CHUNK_HEAD + CHUNK_SUM)
		return false;
	out->length = number(p);
	if (out->length > bytes.n - *at - CHUNK_HEAD - CHUNK_SUM)
		return false;
	memcpy(out->kind, p + 4, 4);
	out->kind[4] = '\0';
	out->data = p + CHUNK_HEAD;
	*at += CHUNK_HEAD + out->length + CHUNK_SUM;
	return crc32(crc32(0, NULL, 0), p + 4, (uInt)(out->length + 4)) == number(out->data + out->length);
}

/* The dots of one chunk. false: they cannot be unpacked, or are more than the picture can have: a small file may hold very much. */
static bool unpack(z_stream *stream, const struct chunk *chunk, size_t most, bool *ended)
{
	unsigned char buffer[BUFFER];
	stream->next_in = (Bytef *)(uintptr_t)chunk->data;
	stream->avail_in = (uInt)chunk->length;
	while (stream->avail_in && !*ended) {
		stream->next_out = buffer;
		stream->avail_out = sizeof buffer;
		int result = inflate(stream, Z_NO_FLUSH);
		*ended = result == Z_STREAM_END;
		if ((result != Z_OK && result != Z_STREAM_END) || stream->total_out > most)
			return false;
	}
	return true;
}

/* Bytes of the dots, with one more a row, where it is not interlaced: then there are some more rows. */
static size_t dot_bytes(const unsigned char *head)
{
	static const unsigned parts[7] = {1, 0, 3, 1, 2, 0, 4};
	size_t bits = number(head) * head[8] * parts[head[9]];
	return ((bits + 7) / 8 + 1) * number(head + 4);
}

/* Which depths a colour type has (11.2.1); packing, filters and interlacing are of one kind or two. What no reader knows would be printed as nothing. */
static bool kind_exists(const unsigned char *head)
{
	static const char *const depths[7] = {"\1\2\4\10\20", "", "\10\20", "\1\2\4\10", "\10\20", "", "\10\20"};
	unsigned char depth = head[8], colour = head[9];
	return depth && colour < 7 && strchr(depths[colour], depth) && !head[10] && !head[11] && head[12] < 2;
}

static const char *read_dots(struct str bytes, size_t at, const unsigned char *head)
{
	z_stream stream = {0};
	struct chunk chunk;
	bool whole = false, ended = false, good = inflateInit(&stream) == Z_OK, interlaced = head[12];
	size_t wanted = dot_bytes(head), most = 2 * wanted + 1024;
	while (good && !whole && at < bytes.n) {
		good = take(bytes, &at, &chunk);
		whole = good && strcmp(chunk.kind, "IEND") == 0;
		if (good && strcmp(chunk.kind, "IDAT") == 0)
			good = unpack(&stream, &chunk, most, &ended);
	}
	bool all = ended && (interlaced || stream.total_out >= wanted);
	inflateEnd(&stream);
	return good && whole && all ? NULL : "is a PNG that is broken or cut off";
}

const char *template_png_trouble(struct str bytes)
{
	struct chunk head;
	size_t at = 8;
	if (bytes.n < 8 || memcmp(bytes.p, "\x89PNG\r\n\x1a\n", 8) != 0)
		return "is no PNG";
	if (!take(bytes, &at, &head) || strcmp(head.kind, "IHDR") != 0 || head.length != 13)
		return "is a PNG that is broken or cut off";
	size_t width = number(head.data), height = number(head.data + 4);
	if (!width || !height || width > SIDE_MOST || height > SIDE_MOST || width * height > 40000000)
		return "has more than 10,000 dots on a side, or more than 40 million";
	if (!kind_exists(head.data))
		return "is a PNG of a kind that there is not (colour type, bits a dot, packing or interlacing): save it again as PNG";
	return read_dots(bytes, at, head.data);
}

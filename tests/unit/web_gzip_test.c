/* Packed bodies: what was meant comes out, and of a bomb no more than may. */
#include "unit/check_main.h"
#include "web/gzip.h"

#include <stdlib.h>
#include <zlib.h>

static struct str pack(struct str text)
{
	static unsigned char packed[1 << 20];
	z_stream stream = {.next_in = (unsigned char *)text.p, .avail_in = (unsigned)text.n, .next_out = packed, .avail_out = sizeof packed};
	ck_assert_int_eq(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	ck_assert_int_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
	deflateEnd(&stream);
	return (struct str){(const char *)packed, stream.total_out};
}

static int unpack(struct str packed, size_t most, struct buf *out, struct error *error)
{
	buf_clear(out);
	return web_gunzip(packed, most, out, error);
}

START_TEST(what_was_packed_comes_out_also_in_several_members)
{
	static char two[400000], text[300000];
	struct buf out = {0};
	struct error error = {0};
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (char)('a' + i * 7919 % 26);
	struct str whole = {text, sizeof text}, packed = pack(whole);
	ck_assert_msg(unpack(packed, sizeof text, &out, &error) == 0, "%s", error.message);
	ck_assert(str_same(buf_str(&out), whole));
	memcpy(two, packed.p, packed.n);
	memcpy(two + packed.n, packed.p, packed.n);
	ck_assert_int_eq(unpack((struct str){two, packed.n * 2}, 2 * sizeof text, &out, &error), 0);
	ck_assert_uint_eq(out.n, 2 * sizeof text);
	ck_assert_int_eq(unpack(pack(STR("")), 10, &out, &error), 0);
	ck_assert_uint_eq(out.n, 0);
	buf_fini(&out);
}
END_TEST

START_TEST(a_bomb_is_not_unpacked_beyond_what_is_taken)
{
	enum { BOMB = 200 << 20, MOST = 1 << 20 };
	struct buf out = {0};
	struct error error = {0};
	char *zeros = calloc(1, BOMB);
	struct str packed = pack((struct str){zeros, BOMB});
	free(zeros);
	ck_assert_uint_lt(packed.n, 300000);
	ck_assert_int_lt(unpack(packed, MOST, &out, &error), 0);
	ck_assert_int_eq(error.code, ERROR_LIMIT);
	ck_assert_uint_le(out.room, MOST * 4);
	buf_fini(&out);
}
END_TEST

START_TEST(what_is_cut_damaged_or_followed_by_something_is_refused)
{
	static char bent[1000];
	struct buf out = {0};
	struct error error = {0};
	struct str packed = pack(STR("{\"verb\":\"page.view\",\"email\":\"ann@example.com\"}"));
	for (size_t i = 0; i < packed.n; i++)
		ck_assert_msg(unpack((struct str){packed.p, i}, 1000, &out, &error) < 0, "cut at %zu", i);
	memcpy(bent, packed.p, packed.n);
	ck_assert_int_lt(unpack((struct str){bent, packed.n + 5}, 1000, &out, &error), 0);
	bent[packed.n - 6] ^= 1; /* its checksum */
	ck_assert_int_lt(unpack((struct str){bent, packed.n}, 1000, &out, &error), 0);
	ck_assert_int_lt(unpack(STR("{\"verb\":1}"), 1000, &out, &error), 0);
	buf_fini(&out);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(what_was_packed_comes_out_also_in_several_members),
	UNIT(a_bomb_is_not_unpacked_beyond_what_is_taken),
	UNIT(what_is_cut_damaged_or_followed_by_something_is_refused),
};
UNIT_MAIN("web/gzip", cases)

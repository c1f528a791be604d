/* The conversion is iconv's; telling one encoding from another is counting. */
#include "jobs/encoding.h"

#include "base/mem.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <unistd.h>

enum { LOOKED_AT = 64 * 1024 };

static const char *const names[] = {[ENCODING_UTF8] = "utf-8", [ENCODING_UTF16LE] = "utf-16le", [ENCODING_UTF16BE] = "utf-16be",
				    [ENCODING_WINDOWS_1252] = "windows-1252", [ENCODING_WINDOWS_1250] = "windows-1250", [ENCODING_WINDOWS_1251] = "windows-1251"};

const char *encoding_name(enum encoding encoding)
{
	return names[encoding];
}

bool encoding_from(struct str name, enum encoding *out)
{
	for (int i = 0; i < ENCODING_COUNT; i++) {
		if (!str_same_nocase(name, str_of(names[i])))
			continue;
		*out = (enum encoding)i;
		return true;
	}
	return false;
}

/* ---- telling ---- */

static void count_zeros(struct encoding_look *look, const char *p, size_t n)
{
	for (size_t i = 0; i < n && look->bytes + i < LOOKED_AT; i++) {
		if (look->bytes + i < sizeof look->head)
			look->head[look->bytes + i] = (unsigned char)p[i];
		look->zeros[(look->bytes + i) % 2] += p[i] == '\0';
	}
}

static void end_word(struct encoding_look *look)
{
	look->words += look->word_high > 0;
	look->foreign += look->word_high > look->word_low && look->word_high + look->word_low >= 3;
	look->word_high = look->word_low = 0;
}

static void count_words(struct encoding_look *look, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];
		if (c >= 0x80)
			look->word_high++;
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'z')
			look->word_low++;
		else if (look->word_high || look->word_low)
			end_word(look);
	}
}

bool encoding_in_doubt(const struct encoding_look *look)
{
	struct encoding_look all = *look;
	end_word(&all);
	return encoding_tell(&all) == ENCODING_WINDOWS_1252 && all.foreign * 2 > all.words;
}

/* Length that a sequence with this first byte has (RFC 3629); 0 = none begins so. */
static size_t sequence(unsigned char first)
{
	return first < 0x80 ? 1 : first >= 0xC2 && first <= 0xDF ? 2 : (first & 0xF0) == 0xE0 ? 3 : first >= 0xF0 && first <= 0xF4 ? 4 : 0;
}

/* One sequence that is whole, or its first byte is wrong. Returns how many bytes that were. */
static size_t count_one(struct encoding_look *look, const char *p, size_t n)
{
	size_t step = str_utf8_step(p, n);
	look->letters += step > 1;
	look->wrong += step == 0;
	return step ? step : 1;
}

/* What waited from the piece before, with as many bytes of this one as it needs; behind a wrong byte the others are looked at for themselves. Returns
 * how many bytes of this piece that were. */
static size_t finish_rest(struct encoding_look *look, const char *p, size_t n)
{
	size_t used = 0;
	while (look->rest_count) {
		size_t wanted = sequence(look->rest[0]);
		while (look->rest_count < wanted && used < n)
			look->rest[look->rest_count++] = (unsigned char)p[used++];
		if (look->rest_count < wanted)
			break;
		size_t taken = count_one(look, (const char *)look->rest, look->rest_count);
		look->rest_count -= taken;
		memmove(look->rest, look->rest + taken, look->rest_count);
	}
	return used;
}

void encoding_look(struct encoding_look *look, const char *p, size_t n)
{
	size_t at = 0;
	count_zeros(look, p, n);
	count_words(look, p, n);
	if (look->rest_count)
		at = finish_rest(look, p, n);
	while (at < n) {
		if ((unsigned char)p[at] < 0x80) {
			at++;
		} else if (sequence((unsigned char)p[at]) > n - at) {
			look->rest_count = n - at;
			memcpy(look->rest, p + at, n - at);
			at = n;
		} else {
			at += count_one(look, p + at, n - at);
		}
	}
	look->bytes += n;
}

bool encoding_marked(const struct encoding_look *look)
{
	return look->bytes >= 3 && memcmp(look->head, "\xEF\xBB\xBF", 3) == 0;
}

enum encoding encoding_tell(const struct encoding_look *look)
{
	uint64_t half = (look->bytes < LOOKED_AT ? look->bytes : LOOKED_AT) / 2;
	if (look->bytes >= 2 && look->head[0] == 0xFF && look->head[1] == 0xFE)
		return ENCODING_UTF16LE;
	if (look->bytes >= 2 && look->head[0] == 0xFE && look->head[1] == 0xFF)
		return ENCODING_UTF16BE;
	if (encoding_marked(look))
		return ENCODING_UTF8;
	if (look->zeros[1] > half / 2 && look->zeros[0] <= half / 10)
		return ENCODING_UTF16LE;
	if (look->zeros[0] > half / 2 && look->zeros[1] <= half / 10)
		return ENCODING_UTF16BE;
	return look->wrong + look->rest_count > look->letters ? ENCODING_WINDOWS_1252 : ENCODING_UTF8;
}

/* ---- turning ---- */

struct encoder {
	enum encoding from;
	iconv_t iconv;
	struct buf rest; /* of a letter that is not whole */
};

struct encoder *encoder_new(enum encoding from)
{
	static const char *const codes[] = {[ENCODING_UTF8] = "UTF-8", [ENCODING_UTF16LE] = "UTF-16LE", [ENCODING_UTF16BE] = "UTF-16BE", [ENCODING_WINDOWS_1252] = "CP1252",
					    [ENCODING_WINDOWS_1250] = "CP1250", [ENCODING_WINDOWS_1251] = "CP1251"};
	struct encoder *encoder = mem_alloc(sizeof *encoder);
	*encoder = (struct encoder){.from = from, .iconv = iconv_open("UTF-8", codes[from])};
	if (encoder->iconv == (iconv_t)-1)
		abort(); /* the C library's own */
	return encoder;
}

void encoder_free(struct encoder *encoder)
{
	if (!encoder)
		return;
	iconv_close(encoder->iconv);
	buf_fini(&encoder->rest);
	free(encoder);
}

static void put_all(struct encoder *encoder, char *in, size_t n, bool last, struct buf *out)
{
	size_t unit = encoder->from == ENCODING_UTF16LE || encoder->from == ENCODING_UTF16BE ? 2 : 1;
	while (n) {
		buf_reserve(out, n * 3 + 4);
		char *to = out->p + out->n;
		size_t room = out->room - out->n - 1, before = room;
		size_t result = iconv(encoder->iconv, &in, &n, &to, &room);
		out->n += before - room;
		if (result != (size_t)-1 || errno == E2BIG)
			continue;
		if (errno == EINVAL && !last)
			break; /* cut */
		buf_putc(out, '\xFF');
		size_t wrong = n < unit ? n : unit;
		in += wrong;
		n -= wrong;
	}
	struct buf rest = {0};
	buf_put(&rest, in, n);
	buf_fini(&encoder->rest);
	encoder->rest = rest;
}

void encoder_put(struct encoder *encoder, const char *p, size_t n, bool last, struct buf *out)
{
	if (encoder->from == ENCODING_UTF8) {
		buf_put(out, p, n);
		return;
	}
	struct buf in = encoder->rest;
	encoder->rest = (struct buf){0};
	buf_put(&in, p, n);
	if (in.n)
		put_all(encoder, in.p, in.n, last, out);
	buf_fini(&in);
}

const char *encoding_no_text(const struct encoding_look *look)
{
	static const struct {
		const char *head;
		size_t n;
		const char *told;
	} known[] = {
		{"PK\3\4", 4, "this is a workbook (.xlsx, .ods) or a ZIP file. Save it as CSV there (\"CSV UTF-8\"), and import that."},
		{"\xD0\xCF\x11\xE0", 4, "this is an old workbook (.xls). Save it as CSV there, and import that."},
		{"\x1F\x8B", 2, "this is packed (gzip). Unpack it, and import what comes out."},
		{"%PDF", 4, "this is a PDF, not CSV."},
	};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (look->bytes >= known[i].n && memcmp(look->head, known[i].head, known[i].n) == 0)
			return known[i].told;
	return NULL;
}

enum encoding encoding_of_file(int fd, const char **no_text)
{
	struct encoding_look look = {0};
	char piece[1 << 16];
	ssize_t n;
	while ((n = read(fd, piece, sizeof piece)) > 0)
		encoding_look(&look, piece, (size_t)n);
	*no_text = lseek(fd, 0, SEEK_SET) ? "this is a pipe: it must be a file, as it is read twice." : encoding_no_text(&look);
	return encoding_tell(&look);
}

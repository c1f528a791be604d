/* The packed form of a history, one bytea of lead_history. The store keeps the bytes, only this file knows them.
 *
 *   version (1) · seen_at · seen_by · number of texts, texts (length, bytes) · number of folds, folds · number of events, events · number held, held (numbers of texts)
 *   fold   verb, subject (numbers of texts) · count · sum · first · last - first
 *   event  flags · id (difference to the one before) · at (difference, never negative) · verb · subject? · value? · data (length, bytes)?
 *
 * Numbers are varints of 7 bits, low first (signed ones zigzag); a value that is a whole number is a varint too, else the 8
 * bytes of a double. A text that occurs twice is kept once. Bytes from outside are never trusted: every length is checked,
 * what does not fit is an error, and what was read holds what history.c promises. */
#include "model/history.h"

#include <math.h>

enum { VERSION = 1, TEXTS_MAX = 2 * (HISTORY_FOLDS_MOST + HISTORY_EXACT) + HISTORY_HELD, SLOTS = 1024 };
static const int64_t COUNT_MOST = 1000000000000000;
enum { HAS_SUBJECT = 1, HAS_VALUE = 2, WHOLE_VALUE = 4, MACHINE = 8, HAS_DATA = 16, KNOWN_FLAGS = 31 };

/* ---- reading ---- */

struct reader {
	const unsigned char *p, *end;
	bool bad;
};

static uint64_t get_number(struct reader *r)
{
	uint64_t v = 0;
	for (unsigned shift = 0; r->p < r->end && shift < 64; shift += 7) {
		unsigned char byte = *r->p++;
		if (shift == 63 && byte > 1)
			break;
		v |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return v;
	}
	r->bad = true;
	return 0;
}

static int64_t get_signed(struct reader *r)
{
	uint64_t v = get_number(r);
	return (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
}

/* A number that may be at most `most`; 0 and bad otherwise. */
static size_t get_count(struct reader *r, size_t most)
{
	uint64_t v = get_number(r);
	if (v > most)
		r->bad = true;
	return r->bad ? 0 : (size_t)v;
}

static struct str get_bytes(struct reader *r, size_t most)
{
	size_t n = get_count(r, most);
	if (n > (size_t)(r->end - r->p)) {
		r->bad = true;
		return (struct str){"", 0};
	}
	struct str s = {(const char *)r->p, n};
	r->p += n;
	return s;
}

static double get_double(struct reader *r)
{
	double v = 0;
	if (r->end - r->p < (ptrdiff_t)sizeof v) {
		r->bad = true;
		return 0;
	}
	memcpy(&v, r->p, sizeof v);
	r->p += sizeof v;
	if (!isfinite(v))
		r->bad = true;
	return v;
}

static struct str get_text(struct reader *r, const struct str *texts, size_t count)
{
	uint64_t i = get_number(r);
	if (i >= count) {
		r->bad = true;
		return (struct str){"", 0};
	}
	return texts[i];
}

static moment_t later(struct reader *r, moment_t from)
{
	moment_t to = 0;
	uint64_t more = get_number(r);
	if (more > INT64_MAX || __builtin_add_overflow(from, (int64_t)more, &to))
		r->bad = true;
	return to;
}

static void read_fold(struct reader *r, const struct str *texts, size_t count, struct history_fold *fold)
{
	fold->verb = get_text(r, texts, count);
	fold->subject = get_text(r, texts, count);
	fold->count = (int64_t)get_count(r, COUNT_MOST);
	fold->sum = get_double(r);
	fold->first = get_signed(r);
	fold->last = later(r, fold->first);
}

static void read_event(struct reader *r, const struct str *texts, size_t count, const struct history_event *before,
		       struct history_event *event)
{
	size_t flags = get_count(r, KNOWN_FLAGS);
	if (__builtin_add_overflow(before ? before->id : 0, get_signed(r), &event->id))
		r->bad = true;
	event->at = before ? later(r, before->at) : get_signed(r);
	event->verb = get_text(r, texts, count);
	event->subject = flags & HAS_SUBJECT ? get_text(r, texts, count) : (struct str){"", 0};
	event->has_value = flags & HAS_VALUE;
	if (event->has_value)
		event->value = flags & WHOLE_VALUE ? (double)get_signed(r) : get_double(r);
	event->machine = flags & MACHINE;
	event->data = flags & HAS_DATA ? get_bytes(r, HISTORY_DATA) : (struct str){"", 0};
}

static void read_held(struct reader *r, const struct str *texts, size_t count, struct history *history, struct arena *arena)
{
	size_t n = get_count(r, HISTORY_HELD);
	struct str *held = arena_array(arena, n, sizeof *held);
	for (size_t i = 0; !r->bad && i < n; i++, history->held_count++)
		held[i] = get_text(r, texts, count);
	history->held = held;
}

static void read_all(struct reader *r, struct history *history, struct arena *arena)
{
	history->seen_at = get_signed(r);
	history->seen_by = get_number(r);
	size_t count = get_count(r, TEXTS_MAX);
	if (count > (size_t)(r->end - r->p)) /* each takes a byte at least */
		r->bad = true;
	struct str *texts = arena_array(arena, r->bad ? 0 : count, sizeof *texts);
	for (size_t i = 0; !r->bad && i < count; i++)
		texts[i] = get_bytes(r, HISTORY_TEXT);
	size_t folds = get_count(r, HISTORY_FOLDS_MOST);
	history->fold_room = folds;
	history->folds = folds ? arena_array(arena, folds, sizeof *history->folds) : NULL;
	for (size_t i = 0; !r->bad && i < folds; i++, history->fold_count++)
		read_fold(r, texts, count, &history->folds[i]);
	size_t events = get_count(r, HISTORY_EXACT);
	history->room = events + 8;
	history->events = arena_array(arena, history->room, sizeof *history->events);
	for (size_t i = 0; !r->bad && i < events; i++, history->count++)
		read_event(r, texts, count, i ? &history->events[i - 1] : NULL, &history->events[i]);
	read_held(r, texts, count, history, arena);
	if (r->p != r->end)
		r->bad = true;
}

int history_read(struct history *history, struct str packed, struct arena *arena, struct error *error)
{
	*history = (struct history){0};
	if (packed.n == 0)
		return 0;
	struct reader r = {(const unsigned char *)packed.p, (const unsigned char *)packed.p + packed.n, false};
	int version = *r.p++;
	if (version != VERSION)
		return error_set(error, ERROR_INVALID, "lead_history", "a packed history of version %d cannot be read by this version of nurture", version);
	read_all(&r, history, arena);
	if (r.bad) {
		*history = (struct history){0};
		return error_set(error, ERROR_INVALID, "lead_history", "a packed history of %zu bytes is damaged. Run: nurture db rebuild-history", packed.n);
	}
	return 0;
}

/* ---- writing ---- */

/* The texts met so far, each once. Up to SLOTS / 2 are found again by hash; beyond that a text may stand there twice. */
struct texts {
	struct str *items;
	size_t count;
	uint16_t slots[SLOTS]; /* index + 1 */
};

static size_t slot_of(struct str s)
{
	uint64_t head = 0, tail = 0;
	memcpy(&head, s.p, s.n < 8 ? s.n : 8);
	if (s.n > 8)
		memcpy(&tail, s.p + s.n - 8, 8);
	uint64_t h = (head ^ (tail * 0x9e3779b97f4a7c15u) ^ s.n) * 0xbf58476d1ce4e5b9u;
	return (size_t)(h >> 54) % SLOTS;
}

static size_t text_number(struct texts *texts, struct str s)
{
	if (s.n == 0)
		s.p = "";
	size_t slot = slot_of(s);
	for (size_t tries = 0; tries < 32; tries++, slot = (slot + 1) % SLOTS) {
		size_t i = texts->slots[slot];
		if (i == 0) {
			texts->slots[slot] = (uint16_t)(texts->count + 1);
			break;
		}
		struct str old = texts->items[i - 1];
		if (old.n == s.n && (old.p == s.p || memcmp(old.p, s.p, s.n) == 0))
			return i - 1;
	}
	texts->items[texts->count] = s;
	return texts->count++;
}

static unsigned char *put_number(unsigned char *p, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		*p++ = (unsigned char)(v | 0x80);
	*p++ = (unsigned char)v;
	return p;
}

static unsigned char *put_signed(unsigned char *p, int64_t v)
{
	return put_number(p, (uint64_t)v << 1 ^ (v < 0 ? UINT64_MAX : 0));
}

static unsigned char *put_bytes(unsigned char *p, struct str s)
{
	p = put_number(p, s.n);
	if (s.n)
		memcpy(p, s.p, s.n);
	return p + s.n;
}

static bool is_whole(double v)
{
	return v >= -1e15 && v <= 1e15 && v == (double)(int64_t)v && !(v == 0 && signbit(v));
}

static unsigned char *put_event(unsigned char *p, const struct history_event *event, const struct history_event *before, size_t verb, size_t subject)
{
	bool whole = event->has_value && is_whole(event->value);
	unsigned flags = (event->subject.n ? HAS_SUBJECT : 0) | (event->has_value ? HAS_VALUE : 0) | (whole ? WHOLE_VALUE : 0) |
			 (event->machine ? MACHINE : 0) | (event->data.n ? HAS_DATA : 0);
	*p++ = (unsigned char)flags;
	p = put_signed(p, (int64_t)((uint64_t)event->id - (before ? (uint64_t)before->id : 0)));
	p = before ? put_number(p, (uint64_t)event->at - (uint64_t)before->at) : put_signed(p, event->at);
	p = put_number(p, verb);
	if (event->subject.n)
		p = put_number(p, subject);
	if (whole) {
		p = put_signed(p, (int64_t)event->value);
	} else if (event->has_value) {
		memcpy(p, &event->value, sizeof event->value);
		p += sizeof event->value;
	}
	return event->data.n ? put_bytes(p, event->data) : p;
}

static unsigned char *put_fold(unsigned char *p, const struct history_fold *fold, size_t verb, size_t subject)
{
	p = put_number(p, verb);
	p = put_number(p, subject);
	p = put_number(p, (uint64_t)fold->count);
	memcpy(p, &fold->sum, sizeof fold->sum);
	p = put_signed(p + sizeof fold->sum, fold->first);
	return put_number(p, (uint64_t)fold->last - (uint64_t)fold->first);
}

/* Numbers of the verb and subject of every fold and event, then of what is held, in that order. */
static uint16_t *number_texts(const struct history *history, struct texts *texts, struct arena *arena)
{
	size_t most = 2 * (history->fold_count + history->count) + history->held_count + 1;
	uint16_t *numbers = arena_array(arena, most, sizeof *numbers);
	texts->items = arena_array(arena, most, sizeof *texts->items);
	for (size_t i = 0; i < history->fold_count; i++) {
		numbers[2 * i] = (uint16_t)text_number(texts, history->folds[i].verb);
		numbers[2 * i + 1] = (uint16_t)text_number(texts, history->folds[i].subject);
	}
	uint16_t *rest = numbers + 2 * history->fold_count;
	for (size_t i = 0; i < history->count; i++) {
		rest[2 * i] = (uint16_t)text_number(texts, history->events[i].verb);
		rest[2 * i + 1] = history->events[i].subject.n ? (uint16_t)text_number(texts, history->events[i].subject) : 0;
	}
	rest += 2 * history->count;
	for (size_t i = 0; i < history->held_count; i++)
		rest[i] = (uint16_t)text_number(texts, history->held[i]);
	return numbers;
}

/* No less than it will take: varints are 10 bytes at most. */
static size_t space(const struct history *history, const struct texts *texts)
{
	size_t n = 96 + history->fold_count * 60 + history->count * 64 + history->held_count * 10;
	for (size_t i = 0; i < texts->count; i++)
		n += texts->items[i].n + 10;
	for (size_t i = 0; i < history->count; i++)
		n += history->events[i].data.n;
	return n;
}

struct str history_write(const struct history *history, struct arena *arena)
{
	struct texts texts = {0};
	const uint16_t *numbers = number_texts(history, &texts, arena);
	unsigned char *start = arena_alloc(arena, space(history, &texts)), *p = start;
	*p++ = VERSION;
	p = put_signed(p, history->seen_at);
	p = put_number(p, history->seen_by);
	p = put_number(p, texts.count);
	for (size_t i = 0; i < texts.count; i++)
		p = put_bytes(p, texts.items[i]);
	p = put_number(p, history->fold_count);
	for (size_t i = 0; i < history->fold_count; i++, numbers += 2)
		p = put_fold(p, &history->folds[i], numbers[0], numbers[1]);
	p = put_number(p, history->count);
	for (size_t i = 0; i < history->count; i++, numbers += 2)
		p = put_event(p, &history->events[i], i ? &history->events[i - 1] : NULL, numbers[0], numbers[1]);
	p = put_number(p, history->held_count);
	for (size_t i = 0; i < history->held_count; i++)
		p = put_number(p, numbers[i]);
	return (struct str){(const char *)start, (size_t)(p - start)};
}

/* Limits in time: see quota.h. Called by the fleet (so many a minute, a day) and by the judge of answers (again when). */
#include "quota.h"

static const int64_t day = 86400 * INT64_C(1000000);

void bucket_init(struct bucket *b, uint32_t per_minute)
{
	*b = (struct bucket){.per_minute = per_minute, .ready = 1};
}

static double rate(const struct bucket *b) /* a microsecond */
{
	return b->per_minute / (60.0 * 1e6);
}

static void fill(struct bucket *b, int64_t now)
{
	double most = b->per_minute / 60.0;
	if (most < 1)
		most = 1;
	if (b->at && now > b->at)
		b->ready += (double)(now - b->at) * rate(b);
	if (b->ready > most)
		b->ready = most;
	b->at = now;
}

bool bucket_has(struct bucket *b, int64_t now)
{
	if (!b->per_minute)
		return true;
	fill(b, now);
	return b->ready >= 1 - 1e-9;
}

void bucket_take(struct bucket *b, int64_t now)
{
	if (!b->per_minute)
		return;
	fill(b, now);
	b->ready -= 1;
}

void bucket_refund(struct bucket *b)
{
	b->ready += b->per_minute ? 1 : 0;
}

int64_t bucket_when(struct bucket *b, int64_t now)
{
	if (bucket_has(b, now))
		return now;
	return now + (int64_t)((1 - b->ready) / rate(b)) + 1;
}

/* ---- a new sender's days ---- */

int64_t quota_day(int64_t now)
{
	return now >= 0 ? now / day : -((-now + day - 1) / day);
}

int64_t warm_up_day(const struct warm_up *w, int64_t now)
{
	return quota_day(now) - quota_day(w->from);
}

uint32_t warm_up_limit(const struct warm_up *w, int64_t now)
{
	int64_t days = w->from ? warm_up_day(w, now) : 0;
	double limit = w->first_day;
	if (!w->from)
		return UINT32_MAX;
	if (days < 0)
		return 0;
	for (int64_t i = 0; i < days && limit < w->most; i++)
		limit *= w->grows;
	return limit >= w->most ? UINT32_MAX : (uint32_t)limit;
}

/* ---- again ---- */

const struct retry retry_standard = {
	.waits = {300, 900, 1800, 3600, 7200, 14400}, .count = 6, .in_all = 3 * 86400,
};

static uint32_t wait_at(const struct retry *r, uint32_t attempt, uint32_t least)
{
	size_t i = attempt < 1 ? 0 : attempt - 1;
	uint32_t wait = r->waits[i < r->count ? i : r->count - 1];
	return wait > least ? wait : least;
}

uint32_t retry_wait(const struct retry *r, uint32_t attempt, uint32_t least)
{
	uint64_t before = 0;
	for (uint32_t i = 1; i < attempt && before <= r->in_all; i++)
		before += wait_at(r, i, least);
	uint32_t wait = wait_at(r, attempt, least);
	return before + wait > r->in_all ? 0 : wait;
}

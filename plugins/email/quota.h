/* Limits in time, pure: so many a minute, so many a day while a sender is new, how long until the next attempt. Moments are given, so tests have a clock of
 * their own. */
#ifndef NURTURE_EMAIL_QUOTA_H
#define NURTURE_EMAIL_QUOTA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* So many a minute, evenly: what was not used is kept for a second at most, so there is no burst behind a pause. */
struct bucket {
	uint32_t per_minute; /* 0 = no limit */
	double ready;        /* how many may go at `at` */
	int64_t at;          /* machine time, µs */
};
void bucket_init(struct bucket *bucket, uint32_t per_minute);
bool bucket_has(struct bucket *bucket, int64_t now);
void bucket_take(struct bucket *bucket, int64_t now); /* also where there is none: the next waits longer */
void bucket_refund(struct bucket *bucket);            /* what was taken did not go */
int64_t bucket_when(struct bucket *bucket, int64_t now); /* when bucket_has; `now` if it does */

/* A new sender's days: first_day on the first, each day `grows` times as many, rounded down; from `most` on there is no limit. Days are UTC's. */
struct warm_up {
	int64_t from;      /* domain time of the first day's begin, µs; 0 = none */
	uint32_t first_day;
	double grows;
	uint32_t most;
};
int64_t warm_up_day(const struct warm_up *, int64_t now);   /* 0 = the first; < 0 = it has not begun */
/* How many may go on the day of `now`; UINT32_MAX = no limit (any more). Before the first day: none. */
uint32_t warm_up_limit(const struct warm_up *, int64_t now);
int64_t quota_day(int64_t now); /* days since 1970, UTC */

/* When a letter that was put off is tried again: waits that grow, the last one repeated, until `in_all` is over. */
enum { RETRY_WAITS = 24 };
struct retry {
	uint32_t waits[RETRY_WAITS]; /* seconds */
	size_t count;
	uint32_t in_all;             /* seconds */
};
extern const struct retry retry_standard; /* 5, 15, 30 minutes, 1, 2, 4 hours …, 3 days */
/* Seconds from the attempt-th attempt (1 …) to the next, at least `least`; 0 = it was the last. */
uint32_t retry_wait(const struct retry *, uint32_t attempt, uint32_t least);

#endif

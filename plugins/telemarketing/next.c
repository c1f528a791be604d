/* POST /calls/next: exactly one call that nobody else has, leased, with everything on one screen. Who has one already gets the same again. Here are those who ask, from their request
 * to its answer; the stages between are drawn in next.h.
 *
 * One agent is in the stages once: who asks twice in a moment gets the second answer after the first. Nobody is sent away with an error because many calls may not be made just
 * now: after so many were looked at the answer is null, with the reason of the last. */
#include "next.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TRIES_MOST = 20, BATCH_MOST = 50, LEASE_MINUTES_MOST = 7 * 24 * 60 };

/* ---- who is where ---- */

static bool is_busy(const struct desk *desk, const char *agent)
{
	const struct wish *wish;
	LIST_FOREACH(wish, &desk->all_wishes, link)
		if (wish->busy && strcmp(wish->asking->agent, agent) == 0)
			return true;
	return false;
}

bool wish_is_taken(const struct desk *desk, int64_t touch_id, int64_t lead_id)
{
	const struct wish *wish;
	LIST_FOREACH(wish, &desk->all_wishes, link)
		for (size_t i = 0; i < wish->seat_count; i++)
			if (wish->seats[i].touch_id == touch_id || wish->seats[i].lead_id == lead_id)
				return true;
	return false;
}

void wish_leave(struct wish *wish)
{
	for (size_t i = 0; i < wish->seat_count; i++) {
		json_decref(wish->seats[i].call);
		json_decref(wish->seats[i].given);
		free(wish->seats[i].form);
	}
	free(wish->seats);
	wish->seats = NULL;
	wish->seat_count = wish->looked = 0;
}

static void wish_free(struct wish *wish)
{
	wish_leave(wish);
	LIST_REMOVE(wish, link);
	free(wish);
}

/* ---- ends ---- */

static void wish_end(struct wish *wish)
{
	struct desk *desk = wish->desk;
	wish_free(wish);
	wishes_pump(desk); /* the same agent may have asked twice */
}

void wish_answer(struct wish *wish, struct seat *seat)
{
	struct asking *asking = wish->asking;
	json_t *answer = seat ? json_pack("{s:O}", "call", seat->call) : json_pack("{s:n}", "call");
	if (seat)
		json_object_set_new(seat->call, "attempt_id", json_integer(seat->attempt_id));
	else if (*wish->why)
		json_object_set_new(answer, "reason", json_string(wish->why));
	asking_reply(asking, 200, answer);
	wish_end(wish);
}

void wish_fail(struct wish *wish, int status, const char *message)
{
	asking_fail(wish->asking, status, "%s", message);
	wish_end(wish);
}

void wish_db(struct wish *wish, const struct nurture_answer *answer)
{
	asking_db(wish->asking, answer);
	wish_end(wish);
}

void wish_again(struct wish *wish)
{
	struct desk *desk = wish->desk;
	if (wish->looked)
		wish->wave = wish->wave * 2 > WAVE_MOST ? WAVE_MOST : wish->wave * 2;
	wish_leave(wish);
	if (wish->tries >= TRIES_MOST) {
		wish_answer(wish, NULL);
		return;
	}
	wish->busy = false;
	TAILQ_INSERT_TAIL(&desk->wishes, wish, entry);
	wishes_pump(desk);
}

/* ---- they go ---- */

void wishes_pump(struct desk *desk)
{
	struct wishes some = TAILQ_HEAD_INITIALIZER(some);
	struct wish *wish, *next;
	int count = 0;
	if (desk->picking)
		return;
	for (wish = TAILQ_FIRST(&desk->wishes); wish && count < BATCH_MOST; wish = next) {
		next = TAILQ_NEXT(wish, entry);
		if (is_busy(desk, wish->asking->agent))
			continue;
		TAILQ_REMOVE(&desk->wishes, wish, entry);
		TAILQ_INSERT_TAIL(&some, wish, entry);
		wish->busy = true;
		wish->tries++;
		count++;
	}
	if (count)
		pick_for(desk, &some);
}

/* Who takes calls along, to a call centre, says for how long. */
static void want(struct asking *asking, int lease_seconds)
{
	struct desk *desk = asking->desk;
	struct wish *wish = calloc(1, sizeof *wish);
	if (!wish)
		abort();
	*wish = (struct wish){.desk = desk, .asking = asking, .wave = 1, .lease_seconds = lease_seconds};
	LIST_INSERT_HEAD(&desk->all_wishes, wish, link);
	TAILQ_INSERT_TAIL(&desk->wishes, wish, entry);
	wishes_pump(desk);
}

void route_next(void *self, const struct nurture_request *request)
{
	static const char *const known[] = {"agent", "lease_minutes", NULL};
	struct asking *asking = asking_new(self, request);
	if (!asking || asking_refuses(asking, known))
		return;
	const json_t *minutes = json_object_get(asking->body, "lease_minutes");
	if (minutes && (!json_is_integer(minutes) || json_integer_value(minutes) < 1 || json_integer_value(minutes) > LEASE_MINUTES_MOST || strcmp(request->asker, "token") != 0))
		asking_fail(asking, 422, "lease_minutes is for tokens of call centres: a whole number of minutes, at most %d.", LEASE_MINUTES_MOST);
	else
		want(asking, minutes ? (int)json_integer_value(minutes) * 60 : asking->desk->settings.lease_seconds);
}

void wishes_end(struct desk *desk)
{
	while (!LIST_EMPTY(&desk->all_wishes))
		wish_free(LIST_FIRST(&desk->all_wishes));
}

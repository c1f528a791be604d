/* Complaints by provider: see brake.h. Called by the fleet. */
#include "brake.h"

#include <string.h>

enum { SLOWED = 10 };

void brake_init(struct brake *brake, const struct brake_settings *settings)
{
	*brake = (struct brake){.settings = settings};
}

static unsigned place(struct brake_provider *p, int64_t now)
{
	int64_t day = quota_day(now);
	unsigned i = (unsigned)(((day % BRAKE_DAYS) + BRAKE_DAYS) % BRAKE_DAYS);
	if (p->day[i] != day) {
		p->day[i] = day;
		p->sent[i] = p->complaints[i] = 0;
	}
	return i;
}

void brake_sent(struct brake *brake, unsigned provider, int64_t now)
{
	struct brake_provider *p = &brake->providers[provider];
	p->sent[place(p, now)]++;
}

bool brake_complained(struct brake *brake, unsigned provider, uint64_t person, int64_t now)
{
	struct brake_provider *p = &brake->providers[provider];
	int64_t today = quota_day(now);
	for (int i = 0; i < BRAKE_PEOPLE; i++)
		if (brake->people[i].person == person && brake->people[i].day > today - BRAKE_DAYS)
			return false;
	brake->people[brake->next_person++ % BRAKE_PEOPLE] = (struct brake_person){person, today};
	p->complaints[place(p, now)]++;
	return true;
}

void brake_sums(const struct brake *brake, unsigned provider, int64_t now, uint32_t *sent, uint32_t *complaints)
{
	const struct brake_provider *p = &brake->providers[provider];
	int64_t today = quota_day(now);
	*sent = *complaints = 0;
	for (int i = 0; i < BRAKE_DAYS; i++)
		if (p->day[i] > today - BRAKE_DAYS && p->day[i] <= today) {
			*sent += p->sent[i];
			*complaints += p->complaints[i];
		}
}

enum brake_state brake_state(const struct brake *brake, unsigned provider, int64_t now)
{
	uint32_t sent, complaints;
	brake_sums(brake, provider, now, &sent, &complaints);
	double share = sent > complaints ? (double)complaints / sent : complaints ? 1 : 0;
	if (complaints < BRAKE_LEAST || share < brake->settings->warn)
		return BRAKE_FREE;
	return share < brake->settings->slow ? BRAKE_WARN : share < brake->settings->stop ? BRAKE_SLOW : BRAKE_STOP;
}

const char *brake_word(enum brake_state state)
{
	static const char *const words[] = {[BRAKE_FREE] = "", [BRAKE_WARN] = "near the limit", [BRAKE_SLOW] = "slowed", [BRAKE_STOP] = "stopped"};
	return words[state];
}

bool brake_lets(struct brake *brake, unsigned provider, int64_t now)
{
	enum brake_state state = brake_state(brake, provider, now);
	return state < BRAKE_SLOW || (state == BRAKE_SLOW && ++brake->providers[provider].turn % SLOWED == 0);
}

/* {"google": [[day, sent, complaints], …]} */
json_t *brake_notes(const struct brake *brake)
{
	json_t *notes = json_object();
	for (unsigned i = 0; i < provider_count(); i++) {
		const struct brake_provider *p = &brake->providers[i];
		json_t *days = json_array();
		for (int d = 0; d < BRAKE_DAYS; d++)
			if (p->sent[d] || p->complaints[d])
				json_array_append_new(days, json_pack("[I, I, I]", (json_int_t)p->day[d], (json_int_t)p->sent[d], (json_int_t)p->complaints[d]));
		if (json_array_size(days))
			json_object_set(notes, provider_name(i), days);
		json_decref(days);
	}
	return notes;
}

void brake_recall(struct brake *brake, const json_t *notes)
{
	for (unsigned i = 0; i < provider_count(); i++) {
		size_t d;
		json_t *day;
		json_array_foreach(json_object_get(notes, provider_name(i)), d, day) {
			json_int_t at = 0, sent = 0, complaints = 0;
			if (json_unpack(day, "[I, I, I]", &at, &sent, &complaints) || at < 0 || sent < 0 || complaints < 0)
				continue;
			unsigned p = (unsigned)(at % BRAKE_DAYS);
			if (brake->providers[i].day[p] > at)
				continue;
			brake->providers[i].day[p] = at;
			brake->providers[i].sent[p] = (uint32_t)sent;
			brake->providers[i].complaints[p] = (uint32_t)complaints;
		}
	}
}

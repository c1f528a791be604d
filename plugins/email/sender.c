/* Is it us: see sender.h. Called by smtp_judged.c. */
#include "sender.h"

#include "address.h"

#include <stdio.h>
#include <string.h>

static const int64_t believed_for = 86400 * INT64_C(1000000), together = 3600 * INT64_C(1000000);

bool sender_is_broken(struct sender *sender, bool large, const char *domain, int64_t now)
{
	bool second = sender->blamed_by[0] && strcmp(sender->blamed_by, domain) != 0 && now - sender->blamed_at < believed_for;
	if (large || second) {
		sender->blamed_by[0] = 0;
		return true;
	}
	snprintf(sender->blamed_by, sizeof sender->blamed_by, "%s", domain);
	sender->blamed_at = now;
	return false;
}

static bool are_believed(const struct sender *sender, int64_t now)
{
	bool large = false, two = false;
	for (int i = 0; i < SENDER_BACK_LEAST; i++) {
		const struct sender_back *b = &sender->back[i];
		if (!b->person || now - b->at > together)
			return false;
		large = large || b->large;
		two = two || b->domain != sender->back[0].domain;
	}
	return large || two;
}

bool sender_came_back(struct sender *sender, bool large, const char *address, int64_t now)
{
	const char *at = strrchr(address, '@');
	struct sender_back back = {.person = address_person(address), .domain = g_str_hash(at ? at : ""), .large = large, .at = now};
	for (int i = 0; i < SENDER_BACK_LEAST; i++)
		if (sender->back[i].person == back.person) {
			sender->back[i].at = now;
			return are_believed(sender, now);
		}
	sender->back[sender->next_back++ % SENDER_BACK_LEAST] = back;
	if (!are_believed(sender, now))
		return false;
	memset(sender->back, 0, sizeof sender->back);
	return true;
}

bool sender_is_refused(struct sender *sender)
{
	if (++sender->in_a_row < SENDER_POLICY_MOST)
		return false;
	sender->in_a_row = 0;
	return true;
}

void sender_is_taken(struct sender *sender)
{
	sender->in_a_row = 0;
}

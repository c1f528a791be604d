/* Is it us: see sender.h. Called by smtp_judged.c. */
#include "sender.h"

#include <stdio.h>
#include <string.h>

static const int64_t believed_for = 86400 * INT64_C(1000000);

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

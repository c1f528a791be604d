/* Is it us? What providers say against the sender, told from what one odd domain says: pure, moments are domain time.
 *
 * A large provider that names SPF, DKIM or DMARC is believed at once; of others two different domains must say so within a day. And when message after message
 * is refused as spam or by policy, with none taken in between, going on only makes it worse. What comes back later is written by whoever has the mail, so
 * nobody is believed alone there: three people's within an hour, at a large provider or at two domains. */
#ifndef NURTURE_EMAIL_SENDER_H
#define NURTURE_EMAIL_SENDER_H

#include <stdbool.h>
#include <stdint.h>

enum { SENDER_POLICY_MOST = 10, SENDER_BACK_LEAST = 3 };

struct sender {
	char blamed_by[256];  /* the last domain that was not believed alone; "" = none */
	int64_t blamed_at;
	struct sender_back {
		uint64_t person;
		unsigned domain;  /* a hash */
		bool large;
		int64_t at;
	} back[SENDER_BACK_LEAST]; /* whose mail came back for the sender's sake last: a ring */
	unsigned next_back;
	unsigned in_a_row;    /* messages refused by policy since the last that was taken */
};

bool sender_is_broken(struct sender *sender, bool large, const char *domain, int64_t now); /* true: hold the channel */
/* The same came back from address (whom it was sent to, proven); true: hold the channel. */
bool sender_came_back(struct sender *sender, bool large, const char *address, int64_t now);
bool sender_is_refused(struct sender *sender);  /* one more by policy; true: hold the channel */
void sender_is_taken(struct sender *sender);    /* a message went */

#endif

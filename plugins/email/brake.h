/* What mailbox providers' people complain of, and the brake: sent mail and complaints of the last seven days by provider. Pure; moments are domain time.
 *
 * Google and Yahoo ask for less than 0.1 % of complaints and never 0.3 % ("Email sender guidelines"; "Sender best practices"): from `warn` on it is said, from
 * `slow` on one message in ten goes to that provider, from `stop` on none, until the share has fallen: as days pass, complaints grow old. Service mail and
 * mail that asks for a confirmation goes on. A share of few means nothing: two complaints never brake,
 * and one person counts once in these days, however many messages are complained of: nobody alone stops a provider. */
#ifndef NURTURE_EMAIL_BRAKE_H
#define NURTURE_EMAIL_BRAKE_H

#include "providers.h"
#include "settings.h"

enum { BRAKE_DAYS = 7, BRAKE_LEAST = 3, BRAKE_PEOPLE = 512 };

enum brake_state { BRAKE_FREE, BRAKE_WARN, BRAKE_SLOW, BRAKE_STOP };

struct brake {
	const struct brake_settings *settings;
	struct brake_provider {
		int64_t day[BRAKE_DAYS]; /* quota_day; which day a place is about */
		uint32_t sent[BRAKE_DAYS], complaints[BRAKE_DAYS];
		unsigned turn;           /* of SLOW: every tenth goes */
	} providers[PROVIDERS_MAX];
	struct brake_person {
		uint64_t person;
		int64_t day;
	} people[BRAKE_PEOPLE];          /* who complained last: a ring, of this process */
	unsigned next_person;
};

void brake_init(struct brake *brake, const struct brake_settings *settings);
void brake_sent(struct brake *brake, unsigned provider, int64_t now);
/* person: address_person. false: the same was counted within the seven days. */
bool brake_complained(struct brake *brake, unsigned provider, uint64_t person, int64_t now);
void brake_sums(const struct brake *brake, unsigned provider, int64_t now, uint32_t *sent, uint32_t *complaints);
enum brake_state brake_state(const struct brake *brake, unsigned provider, int64_t now);
const char *brake_word(enum brake_state state); /* "", "near the limit", "slowed", "stopped" */
/* Whether the next message to the provider may go. */
bool brake_lets(struct brake *brake, unsigned provider, int64_t now);
json_t *brake_notes(const struct brake *brake);           /* what survives a restart */
void brake_recall(struct brake *brake, const json_t *notes); /* NULL, or what is no such thing: nothing */

#endif

/* May this call be made now, and what is shown with it: after the server was asked, the law's table and the lists. Called by next.c for an agent and by sweep.c for calls
 * that stand in the queue. */
#ifndef TELEMARKETING_OFFER_H
#define TELEMARKETING_OFFER_H

#include "desk.h"

enum offer_verdict {
	OFFER_GO,
	OFFER_WAIT,   /* until `until` */
	OFFER_BACK,   /* give it back to the server, which says why */
	OFFER_GONE,   /* the server has taken it back: the row goes */
	OFFER_LATER,  /* nobody can say just now */
};
struct offer {
	enum offer_verdict verdict;
	int64_t until;
	char reason[300];
	bool whole;   /* LATER: so it is of every call of the channel */
};
/* NULL, or why no call goes to this number: a plus and digits, and as many as its country has. One that is written otherwise would not be found on a do-not-call list. */
const char *offer_refuses(const struct desk *desk, const char *number);
/* until: what a supervisor gave it beyond its deadline, 0 = nothing. */
void offer_judge(struct desk *desk, const struct nurture_look *look, int64_t until, struct offer *out);
/* The first moment from `at` on at which it may ring by law where the lead is (a sheet's `place`): 8:00 to 21:00 and the table of the setting `hours`; 0: none within two weeks. What the
 * playbook's own hours take from that is the server's to say, when the call is due. */
int64_t offer_lawful_at(const struct desk *desk, const json_t *place, int64_t at);
/* Names of the lists that a number must be scrubbed against, of its own country and of the lead's: ["us-dnc"]. New reference. */
json_t *offer_lists(const struct desk *desk, const struct nurture_look *look);
const char *offer_country(const struct nurture_look *look); /* "" = not known */

#endif

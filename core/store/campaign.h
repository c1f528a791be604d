/* What people ask of campaigns by hand: its end (nobody enters any more; revision and counts are kept); a pause of all of one, or of one lead in it; to let a lead in or take it out. A whole campaign's pause is a row that
 * every turn and the gate look at; what is asked of one lead is an event for its turn, which `again`, `leave` and the holdout answer as ever. */
#ifndef NURTURE_STORE_CAMPAIGN_H
#define NURTURE_STORE_CAMPAIGN_H

#include "store/admin.h"

enum campaign_act { CAMPAIGN_PAUSE, CAMPAIGN_RESUME, CAMPAIGN_ENROLL, CAMPAIGN_LEAVE, CAMPAIGN_FINISH, CAMPAIGN_ACTS };
extern const char *const store_campaign_acts[]; /* "pause", "resume", "enroll", "leave", "finish"; NULL ends */

struct store_campaign {
	enum campaign_act act;
	struct str campaign;   /* that there is one of this name is the caller's business */
	int64_t lead;          /* 0 = the whole campaign: of pause, resume and finish only */
	bool let_out;          /* finish: who is inside leaves now, else walks to its end */
	moment_t now;
	const char *actor;     /* for the audit; NULL = the name of the connection */
};
/* answer: borrowed; {"campaign", "act", "lead"?, "changed": true | false (it was so already), "waiting": enrollments with something that fell due, 100,000 at
 * most, "paused" (of a resume): those that stay paused by themselves,
 * "finished_at" (of all but a pause): text, or null while it is not finished; then nobody is let in}. Of one lead
 * "changed" says whether it is in the campaign (enroll: whether it is not): its turn does it. ERROR_NOT_FOUND: no such lead. */
typedef void store_campaign_fn(void *arg, json_t *answer, const struct error *error);
void store_campaign(struct store *store, const struct store_campaign *ask, store_campaign_fn *fn, void *arg);
/* A page of those whom a resume of more than five thousand has still to wake: how many that were; -1 = nobody is left. For the jobs worker, again and again. */
void store_campaign_wake(struct store *store, store_id_fn *fn, void *arg);

#endif

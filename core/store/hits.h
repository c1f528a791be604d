/* What readers of mails do: opens and clicks, written in groups, and clicks settled when it is quiet for ten seconds. */
#ifndef NURTURE_STORE_HITS_H
#define NURTURE_STORE_HITS_H

#include "store/store.h"

/* One request for the picture or a link of a mail. */
struct hit {
	int64_t touch_id, lead_id;
	moment_t at;        /* domain time */
	int link, links;    /* number of the link from 0, how many the mail has; of the picture links is 0 */
	const char *why;    /* no person did it, and this says so ("user agent", "network" …): static; NULL = it looks like a person */
	struct str url;     /* of a link */
	struct str visitor; /* 32 hex digits of the cookie, or "" */
};
/* Keeps them; nothing of a lead that took its consent to it back (channels track_open, track_click), or that is not there any more. Opens are
 * events at once, one for each touch and reason of a group, without a turn: they neither score nor trigger. Clicks are rows of `click` until they are
 * settled. hits live until fn. */
void store_hits(struct store *store, const struct hit *hits, size_t count, moment_t now, store_done_fn *fn, void *arg);

/* Clicks of mails of which nothing more was followed for ten seconds (a minute at most is waited) become events email.click (subject: the template; data: touch, url,
 * campaign, step), one for each link that was followed. What no person did is flagged (event.machine) and says why (data: why): the hit's own reason; "too soon" = before
 * the mail was delivered or within two seconds of it, opens as well; "all links at once" = all of a mail's links, two at least, within ten seconds; "many links at once" =
 * five of them in that time, or what goes on within ten seconds of such a run. What was followed in the mail in the minute before such a run was no person's
 * either: where it was settled as one's, an event email.click_withdrawn (data: event, why, and what the click said) takes it back. What was followed of a letter, by its
 * code, becomes letter.response instead; "too soon" is then all before it was sent. One worker at a time does it, of all
 * nodes. Tells how many events it made, and whether there may be more. */
typedef void store_settled_fn(void *arg, size_t made, bool more, const struct error *error);
void store_clicks_settle(struct store *store, moment_t now, store_settled_fn *fn, void *arg);

#endif

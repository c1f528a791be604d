/* What the log-in and the page for one's own password share: is it the password, and a new session. */
#ifndef NURTURE_WEB_SIGN_IN_H
#define NURTURE_WEB_SIGN_IN_H

#include "web/page.h"
#include "web/session.h"

enum sign_in { SIGN_IN_RIGHT, SIGN_IN_WRONG, SIGN_IN_TOO_OFTEN, SIGN_IN_BUSY };

struct sign_in_person {
	int64_t person_id, epoch;
	const char *name;
	const char *made; /* the hash of the new password, where one was asked for; "" = there was no memory for it */
};
/* person is of SIGN_IN_RIGHT alone, and lives as long as the request. Without a database the request is replied to and fn is not called. */
typedef void web_sign_in_fn(struct web_request *req, enum sign_in what, const struct sign_in_person *person);
/* Wrong, unknown, disabled and without a password look alike and take as long. Attempts that fail are counted by name and network, by address and by
 * network: who guesses a name keeps its owner, who comes from elsewhere, not out. */
void web_sign_in_try(struct web_request *req, struct str name, struct str password, struct str new_password, web_sign_in_fn *fn);
/* A new session for this browser in place of the one it had, and on to next, a path of ours. */
void web_sign_in_begin(struct web_request *req, const struct sign_in_person *person, const char *next);

/* The frame of pages for people who work here: no page of somebody else's is told of them, but their own forms are known as ours. */
void web_staff_page(struct web_request *req, int status, struct buf *page);
/* What stands above a form that was not taken. */
void web_staff_notice(struct buf *page, const char *notice);
void web_staff_redirect(struct web_request *req, const char *cookie, const char *place);

#endif

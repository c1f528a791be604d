/* Recording a permission: used by the API and by the unsubscribe page. */
#ifndef NURTURE_WEB_CONSENT_H
#define NURTURE_WEB_CONSENT_H

#include "web/context.h"

/* Lives in the request's arena. Fill req, consent and fn; fn is called once, after COMMIT. */
struct web_consent {
	struct web_request *req;
	struct intake_consent consent;
	void (*fn)(struct web_consent *change, const struct error *error);
	struct intake intake;
	struct intake_event event;
};
void web_consent_record(struct web_consent *change);

#endif

/* What an answer means for the touch. The receiver knows a touch that is repeated by its Idempotency-Key; even so, UNKNOWN is said where the
 * request went out and no answer came back: whether to repeat is for the server's setting in_doubt to say. */
#include "webhook.h"

#include <stdio.h>

static enum nurture_outcome of_status(long status)
{
	if (status >= 200 && status < 300)
		return NURTURE_SENT;
	switch (status) {
	case 408: case 425: case 429: case 500: case 503:
		return NURTURE_DEFERRED;
	case 401: case 403: case 407: /* our URL or secret is wrong: no recipient's fault */
		return NURTURE_CHANNEL_DOWN;
	case 502: case 504:           /* a proxy lost its server: it may have taken the touch */
		return NURTURE_UNKNOWN;
	default:                      /* 3xx: redirects are not followed */
		return status >= 400 && status < 500 ? NURTURE_REJECTED : NURTURE_CHANNEL_DOWN;
	}
}

struct nurture_result verdict(const struct job *job, CURLcode code, char reason[400])
{
	struct nurture_result result = {.size = sizeof result, .reason = reason};
	long status = 0, sent = 0;
	curl_off_t again = 0;
	curl_easy_getinfo(job->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(job->easy, CURLINFO_REQUEST_SIZE, &sent);
	curl_easy_getinfo(job->easy, CURLINFO_RETRY_AFTER, &again);
	if (status >= 200) { /* an answer that broke off behind its first line is one, too */
		snprintf(reason, 400, "%ld %.*s", status, (int)job->said_length, job->said);
		result.outcome = of_status(status);
		if (result.outcome == NURTURE_DEFERRED && again > 0)
			result.until = job->webhook->host->now(job->webhook->host->data) + again * INT64_C(1000000);
	} else if (job->forbidden) {
		snprintf(reason, 400, "the URL leads to an address of a private network or of this machine, and allow_private is not set");
		result.outcome = NURTURE_CHANNEL_DOWN;
	} else {
		snprintf(reason, 400, "%s", *job->error ? job->error : curl_easy_strerror(code));
		result.outcome = sent > 0 ? NURTURE_UNKNOWN : NURTURE_CHANNEL_DOWN;
	}
	return result;
}

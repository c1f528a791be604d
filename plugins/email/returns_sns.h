/* Notices of Amazon SNS: is one of theirs? (developer guide: "Verifying the signatures of Amazon SNS messages") Pure. */
#ifndef NURTURE_EMAIL_RETURNS_SNS_H
#define NURTURE_EMAIL_RETURNS_SNS_H

#include "returns_provider.h"

/* The certificate is fetched (PROOF_FETCH) from where the notice says, if that is a host of Amazon's (or settings->ses_host); its signature is over all
 * that is read here, version 1 (SHA-1) or 2 (SHA-256); topic and time are looked at too. */
enum proof sns_prove(const struct returns_settings *settings, const char *body, size_t length, int64_t now, struct provider_proof *proof);
/* https, and a host of Amazon's SNS: sns.REGION.amazonaws.com[.cn], nothing else in front of the path; or exactly `host`, where that is not NULL. */
bool sns_url_is_ours(const char *url, const char *host);

#endif

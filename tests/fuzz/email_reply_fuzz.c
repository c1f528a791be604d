/* SMTP answers from a hostile server: the parser, EHLO's offers, reasons and verdicts. The first octet cuts the rest in two,
 * as a connection would. */
#include "smtp_reply.h"
#include "smtp_verdict.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void use(const struct smtp_reply *reply)
{
	char line[100];
	struct smtp_offer offer;
	smtp_reply_say(reply, line, sizeof line);
	if (!g_utf8_validate(line, -1, NULL))
		abort();
	smtp_reply_remote_id(reply, line, sizeof line);
	smtp_reply_offer(reply, &offer);
	for (int stage = STAGE_MAIL; stage <= STAGE_FINAL; stage++)
		if (smtp_judge((enum smtp_stage)stage, reply).outcome == NURTURE_SENT && reply->code / 100 != 2)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct smtp_reply reply;
	const char *why;
	if (n < 1)
		return 0;
	size_t cut = bytes[0] < n - 1 ? bytes[0] : n - 1, end = cut, at = 0;
	const char *text = (const char *)bytes + 1;
	smtp_reply_init(&reply);
	for (int piece = 0; piece < 2; piece++, end = n - 1) {
		enum reply_progress progress;
		size_t used;
		while ((progress = smtp_reply_feed(&reply, text + at, end - at, &used, &why)) == REPLY_WHOLE) {
			at += used;
			use(&reply);
		}
		at += used;
		if (progress == REPLY_BAD)
			break;
	}
	smtp_reply_fini(&reply);
	return 0;
}

/* Amazon SES, through SNS: notices of bounces and complaints (developer guide: "Amazon SNS notification contents for Amazon SES", and the event publishing
 * format, which says eventType). SES gives our messages a Message-ID of its own, so the token is looked for in mail.source, the envelope's sender, first. */
#include "returns_provider.h"

#include "returns_report.h"
#include "returns_sns.h"

#include <string.h>

static const char *text(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));
	return value ? value : "";
}

static bool find(const char *value, char token[VERP_TOKEN + 1])
{
	return verp_find(value, strlen(value), token);
}

static void find_token(const json_t *mail, struct came *came)
{
	const json_t *headers = json_object_get(mail, "headers");
	char *source = g_strconcat(text(mail, "source"), " ", NULL);
	bool found = find(source, came->token) || find(text(json_object_get(mail, "commonHeaders"), "messageId"), came->token);
	for (size_t i = 0; !found && i < json_array_size(headers); i++) {
		const json_t *header = json_array_get(headers, i);
		found = (!g_ascii_strcasecmp(text(header, "name"), "Message-ID") || !g_ascii_strcasecmp(text(header, "name"), "Return-Path")) && find(text(header, "value"), came->token);
	}
	g_free(source);
}

/* "Permanent" holds what is no fault of the address: SES's own list (Suppressed, OnAccountSuppressionList) is one that it has bounced before. */
static enum came_kind bounce_kind(const json_t *bounce, const char *code, const char *said)
{
	const char *type = text(bounce, "bounceType"), *sub = text(bounce, "bounceSubType");
	enum came_kind kind = came_verdict(code, said);
	if (!strcmp(type, "Permanent"))
		return kind == CAME_REFUSED && strcmp(sub, "NoEmail") != 0 ? CAME_REFUSED : CAME_HARD;
	if (!strcmp(sub, "MessageTooLarge") || !strcmp(sub, "ContentRejected") || !strcmp(sub, "AttachmentRejected"))
		return CAME_REFUSED;
	return CAME_SOFT;
}

static void begin(struct came *came, const json_t *mail, const char *feedback_id, size_t i, const char *address)
{
	char *name = g_strdup_printf("ses %s %zu", feedback_id, i);
	char *hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, name, -1);
	*came = (struct came){.why = "notice of SES", .data = json_object()};
	g_strlcpy(came->key, hash, sizeof came->key);
	report_address(address, came->address);
	find_token(mail, came);
	g_free(hash);
	g_free(name);
}

static size_t read_bounce(const json_t *bounce, const json_t *mail, struct came out[PROVIDER_CAME])
{
	const json_t *recipients = json_object_get(bounce, "bouncedRecipients");
	size_t n = 0;
	for (; n < json_array_size(recipients) && n < PROVIDER_CAME; n++) {
		const json_t *each = json_array_get(recipients, n);
		begin(&out[n], mail, text(bounce, "feedbackId"), n, text(each, "emailAddress"));
		const char *said = text(each, "diagnosticCode");
		if (!came_find_code(text(each, "status"), out[n].code))
			(void)came_find_code(said, out[n].code);
		report_reason(*said ? said : text(bounce, "bounceSubType"), out[n].reason);
		out[n].kind = bounce_kind(bounce, out[n].code, said);
	}
	return n;
}

static size_t read_complaint(const json_t *complaint, const json_t *mail, struct came out[PROVIDER_CAME])
{
	const json_t *recipients = json_object_get(complaint, "complainedRecipients");
	const char *type = text(complaint, "complaintFeedbackType");
	size_t n = 0;
	if (!strcmp(type, "not-spam") || !strcmp(type, "auth-failure"))
		return 0;
	for (; n < json_array_size(recipients) && n < PROVIDER_CAME; n++) {
		begin(&out[n], mail, text(complaint, "feedbackId"), n, text(json_array_get(recipients, n), "emailAddress"));
		report_reason(*type ? type : "complaint", out[n].reason);
		out[n].kind = CAME_COMPLAINT;
	}
	return n;
}

static size_t ses_read(const char *body, size_t length, struct came out[PROVIDER_CAME])
{
	json_t *notice = json_loadb(body, length, 0, NULL);
	const char *message = text(notice, "Message");
	json_t *said = json_loads(message, 0, NULL);
	const json_t *mail = json_object_get(said, "mail");
	const char *type = *text(said, "notificationType") ? text(said, "notificationType") : text(said, "eventType");
	size_t n = 0;
	if (!strcmp(type, "Bounce"))
		n = read_bounce(json_object_get(said, "bounce"), mail, out);
	else if (!strcmp(type, "Complaint"))
		n = read_complaint(json_object_get(said, "complaint"), mail, out);
	json_decref(said);
	json_decref(notice);
	return n;
}

const struct provider provider_ses = {.name = "ses", .prove = sns_prove, .read = ses_read};

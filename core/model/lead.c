/* The names of what a lead can be and do: stages, roles, states, and the table of built-in verbs. Only tables and their
 * look-ups; called from every room above. A name, once stored, stays: rows in the database carry it. */
#include "model/lead.h"

static const char *const stage_names[STAGE_COUNT] = {
	[STAGE_INQUIRY] = "inquiry",   [STAGE_ENGAGED] = "engaged",           [STAGE_QUALIFIED] = "qualified",
	[STAGE_ACCEPTED] = "accepted", [STAGE_OPPORTUNITY] = "opportunity",   [STAGE_CUSTOMER] = "customer",
	[STAGE_RECYCLED] = "recycled", [STAGE_DISQUALIFIED] = "disqualified",
};
static const char *const touch_names[TOUCH_STATE_COUNT] = {
	[TOUCH_PLANNED] = "planned",   [TOUCH_CLAIMED] = "claimed",   [TOUCH_PERMITTED] = "permitted",
	[TOUCH_SENT] = "sent",         [TOUCH_QUEUED] = "queued",     [TOUCH_DEFERRED] = "deferred",
	[TOUCH_REJECTED] = "rejected", [TOUCH_HELD] = "held",         [TOUCH_CANCELLED] = "cancelled",
	[TOUCH_EXPIRED] = "expired",   [TOUCH_IN_DOUBT] = "in_doubt",
};
static const char *const enrollment_names[] = {
	[ENROLLMENT_ACTIVE] = "active", [ENROLLMENT_ENDED] = "ended", [ENROLLMENT_HELD] = "held"};
static const char *const consent_names[] = {[CONSENT_NONE] = "none",
					    [CONSENT_GRANTED] = "granted",
					    [CONSENT_CONFIRMED] = "confirmed",
					    [CONSENT_WITHDRAWN] = "withdrawn",
					    [CONSENT_ASKED] = "asked"};

const char *const role_names[] = {"researcher", "champion", "influencer", "executive", "user", "purchaser", NULL};

static int find_name(const char *const *names, size_t count, struct str name)
{
	for (size_t i = 0; i < count; i++)
		if (str_is(name, names[i]))
			return (int)i;
	return -1;
}

const char *stage_name(enum stage stage)
{
	return stage_names[stage];
}

bool stage_from(struct str name, enum stage *out)
{
	int found = find_name(stage_names, STAGE_COUNT, name);
	if (found >= 0)
		*out = (enum stage)found;
	return found >= 0;
}

const char *touch_state_name(enum touch_state s)
{
	return touch_names[s];
}

bool touch_state_from(struct str name, enum touch_state *out)
{
	int found = find_name(touch_names, TOUCH_STATE_COUNT, name);
	if (found >= 0)
		*out = (enum touch_state)found;
	return found >= 0;
}

const char *enrollment_state_name(enum enrollment_state s)
{
	return enrollment_names[s];
}

const char *consent_state_name(enum consent_state s)
{
	return consent_names[s];
}

const struct verb model_verbs[] = {
	/* by the lead: what "*" counts */
	{"asset.download", "downloaded", true, "asset"},
	{"asset.view", "looked at", true, "asset"},
	{"page.view", "visited", true, "page"},
	{"page.time", "stayed on", true, "page"}, /* value: seconds that it was to be seen, since the last time this was said */
	{"email.open", "opened", true, "email"},
	{"email.click", "clicked in", true, "email"},
	{"email.reply", "answered", true, "email"},
	{"form.submit", "filled in", true, "form"},
	{"webinar.register", "registered for", true, "webinar"},
	{"webinar.attend", "attended", true, "webinar"},
	{"call.answer", "answered the telephone", true, "call"},
	{"letter.response", "answered a letter", true, "letter"},
	{"unsubscribe", "unsubscribed", true, NULL},
	{"referral.make", "recommended us to a colleague", true, NULL},
	/* by us */
	{"lead.create", "came to be", false, NULL},
	{"lead.identify", "was known again on a page", false, NULL},
	{"lead.update", "was changed", false, NULL},
	{"lead.merge", "is another lead", false, NULL},
	{"lead.merged", "took in another lead", false, NULL},
	{"lead.unmerge", "is itself again", false, NULL},
	{"lead.unmerged", "gave a lead back", false, NULL},
	{"lead.erase", "is to be forgotten", false, NULL},
	{"touch.over", "a contact ended", false, NULL},
	{"email.send", "was sent a mail", false, "email"},
	{"email.bounce", "a mail came back", false, "email"},
	{"email.auto_reply", "a machine answered a mail", false, "email"},
	{"email.click_withdrawn", "a click was a machine's after all", false, "email"},
	{"email.complaint", "complained about a mail", false, "email"},
	{"call.end", "a call ended", false, "call"},
	{"call.offer", "an agent got the call to make", false, "call"}, /* of high priority, the first time; value: seconds since it was queued */
	{"call.note", "an agent noted something", false, "call"},
	{"call.never", "said never to be called again", false, "call"}, /* to an agent who did not have the call any more: data.answer, the disposition */
	{"letter.drop", "was sent a letter", false, "letter"},
	{"letter.return", "a letter came back", false, "letter"},
	{"asset.offer", "was offered", false, "asset"},
	{"alert.send", "somebody was alerted", false, NULL},
	{"consent.grant", "gave consent", false, NULL},
	{"consent.confirm", "confirmed consent", false, NULL},
	{"consent.withdraw", "took consent back", false, NULL},
	{"preference.change", "chose what to get", false, NULL},
	{"suppression.add", "was suppressed", false, NULL},
	{"referral.receive", "was recommended by a colleague", false, NULL},
	{"score.change", "a score changed", false, NULL},
	{"grade.change", "the grade changed", false, NULL},
	{"segment.enter", "entered a segment", false, NULL},
	{"segment.leave", "left a segment", false, NULL},
	{"stage.change", "the stage changed", false, NULL},
	{"handoff.create", "was handed to sales", false, NULL},
	{"handoff.accept", "was accepted by sales", false, NULL},
	{"handoff.return", "was returned by sales", false, NULL},
	{"handoff.late", "sales is late", false, NULL},
	{"campaign.enter", "entered a campaign", false, NULL},
	{"campaign.leave", "left a campaign", false, NULL},
	{"campaign.goal", "reached a campaign's goal", false, NULL},
	{"campaign.remove", "was taken out of a campaign", false, NULL},
	{"campaign.pause", "was paused in a campaign", false, NULL},
	{"campaign.resume", "goes on in a campaign", false, NULL},
	{"opportunity.open", "an opportunity was opened", false, NULL},
	{"opportunity.won", "an opportunity was won", false, NULL},
	{"opportunity.lost", "an opportunity was lost", false, NULL},
	{NULL, NULL, false, NULL},
};

const struct verb *verb_find(struct str name)
{
	for (const struct verb *verb = model_verbs; verb->name; verb++)
		if (str_is(name, verb->name))
			return verb;
	return NULL;
}

/* What was read, told to the host: see returns_tell.h. */
#include "returns_tell.h"

#include "letter.h"

bool came_tell(const struct nurture_host *host, const struct came *came, uint32_t soft_most, uint32_t soft_days, nurture_returned_fn *fn, void *arg)
{
	static const enum nurture_return_kind kinds[CAME_KINDS] = {
		[CAME_HARD] = NURTURE_RETURN_HARD,           [CAME_SOFT] = NURTURE_RETURN_SOFT,
		[CAME_REFUSED] = NURTURE_RETURN_REFUSED,     [CAME_COMPLAINT] = NURTURE_RETURN_COMPLAINT,
		[CAME_AUTO_REPLY] = NURTURE_RETURN_AUTO_REPLY, [CAME_REPLY] = NURTURE_RETURN_REPLY,
		[CAME_UNSUBSCRIBE] = NURTURE_RETURN_UNSUBSCRIBE,
	};
	bool answer = came->kind == CAME_REPLY || came->kind == CAME_AUTO_REPLY;
	if (came->kind == CAME_NOTHING)
		return false;
	json_t *data = answer ? json_copy(came->data) : json_object();
	if (answer && came->address[0])
		json_object_set_new(data, "from", json_string(came->address));
	struct nurture_return told = {
		.size = sizeof told, .kind = kinds[came->kind], .token = came->token[0] ? came->token : NULL, .address = came->address[0] ? came->address : NULL,
		.code = came->code[0] ? came->code : NULL, .reason = came->reason[0] ? came->reason : NULL, .data = data, .key = came->key,
		.soft_most = soft_most, .soft_days = soft_days};
	host->returned(host->data, &told, fn, arg);
	json_decref(data);
	return true;
}

/* Refused elsewhere than where it was sent to, it was handed on there: SPF and DMARC break on that way, and it says nothing of us. */
void came_recorded(struct desk *desk, const struct came *came, const char *sent_to)
{
	if (!desk || !sent_to)
		return;
	if (came->kind == CAME_COMPLAINT)
		desk_complained(desk, sent_to);
	else if ((came->kind == CAME_REFUSED || came->kind == CAME_HARD) && (!came->address[0] || !g_ascii_strcasecmp(came->address, sent_to)))
		desk_came_back(desk, sent_to, came->code, came->reason);
}

/* What came back for a touch that went out (host->returned): part of nurture/plugin.h. */
#ifndef NURTURE_RETURNED_H
#define NURTURE_RETURNED_H

#include <nurture/abi.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What came back for a touch that went out. */
enum nurture_return_kind {
	NURTURE_RETURN_HARD = 1,   /* there is no such recipient: event email.bounce (kind "hard"), the touch is REJECTED, the address suppressed for the channel's kind */
	NURTURE_RETURN_SOFT,       /* not now: event email.bounce (kind "soft"); so many in so many days: suppressed as well */
	NURTURE_RETURN_REFUSED,    /* not this message, or not from us (policy, spam, size): event email.bounce (kind "refused"), nobody is suppressed */
	NURTURE_RETURN_COMPLAINT,  /* event email.complaint; the address is suppressed on all channels */
	NURTURE_RETURN_AUTO_REPLY, /* nobody wrote it: event email.auto_reply */
	NURTURE_RETURN_REPLY,      /* the lead wrote: event email.reply */
	NURTURE_RETURN_UNSUBSCRIBE, /* the lead wants no more (List-Unsubscribe by mail): consent to marketing by e-mail is taken back. By its token alone */
};

struct nurture_return {
	size_t size;
	enum nurture_return_kind kind;
	const char *token;      /* nurture_touch.return_token, as it was found in what came back; NULL = none was */
	const char *address;    /* whom it is about: the recipient that it names, of a reply who wrote it. May be NULL. Of replies without a token it names the lead */
	const char *code;       /* "5.1.1"; may be NULL; copied */
	const char *reason;     /* for people; may be NULL; copied */
	const json_t *data;     /* what else the event holds, an object; may be NULL; borrowed. At most 60 KB as text, or it is left out */
	const char *key;        /* names what came back: told twice it counts once. Must not be NULL */
	uint32_t soft_most;     /* SOFT: suppressed at the so-many-th … */
	uint32_t soft_days;     /* … within so many days; 0 = never */
};

enum nurture_return_answer {
	NURTURE_RETURN_RECORDED = 1,
	NURTURE_RETURN_KNOWN,     /* it was recorded before */
	NURTURE_RETURN_UNPROVEN,  /* the token is none of ours, or its touch never went out: counted, nothing else */
	NURTURE_RETURN_NOBODY,    /* nobody is meant: the lead is not known, or was erased */
	NURTURE_RETURN_LATER,     /* not now: the touch is just being sent, or the server closes. Tell it again */
};
/* Called when it is committed; LATER may come inside `returned`. sent_to: the address that the token proves the touch was sent to, as the host has it; NULL
 * when nobody knows it any more, and of what has no token. It is about this one: address, code and reason were written by anybody. Lives for the call. */
typedef void nurture_returned_fn(void *arg, enum nurture_return_answer answer, const char *sent_to);

#ifdef __cplusplus
}
#endif

#endif

/* What a contact says and to whom: from a lead, a touch and a template to the fields that a channel's plugin is given. Pure. Called by delivery for
 * every touch, and by show.h for the message as it would be. Whether it may go out is the gate's question, not this one's. */
#ifndef NURTURE_TURN_MESSAGE_H
#define NURTURE_TURN_MESSAGE_H

#include "playbook/template.h"
#include "turn/gate.h"
#include "turn/links.h"

struct message_ask {
	struct playbook *playbook;
	const struct lead *lead;
	const struct account *account;   /* NULL = none */
	const struct score *scores; size_t score_count;
	const struct touch *touch;
	struct str person;               /* somebody of the playbook who gets it in the lead's place; "" = the lead */
	moment_t now;
	const struct token_keys *keys;
	bool preview;                    /* its links are marked and open nothing (links.h) */
	bool opens, clicks;              /* what consent lets us record */
	const char *public_url, *postal_address; /* of the server; postal_address NULL = the playbook's */
};
struct message {
	struct str address, name;        /* of the recipient */
	const char *unsubscribe_url;     /* NULL = nobody can have subscribed, or it goes to a colleague */
	const char *postal_address;      /* of the sender, or NULL */
	const char *reply_code, *reply_url; /* of a letter to a lead (base/reply_code.h); NULL = none */
	struct template_fields fields;
};

/* Where it goes: an address of the touch's kind. false: there is none. */
bool turn_message_to(const struct message_ask *ask, struct arena *arena, struct message *out) MUST_USE;
/* What it says. -1: the error of playbook_render. */
int turn_message_write(const struct message_ask *ask, struct arena *arena, struct message *out, struct error *error) MUST_USE;
/* Sets ask->opens and ->clicks: mails that ask for a confirmation are followed by nobody. */
void turn_message_follow(struct message_ask *ask, const struct turn_facts *facts);

#endif

/* One channel: one plugin's one instance in this process, its tickets, and the host table that the plugin sees.
 *
 * Called by delivery and by the conformance kit. Knows nothing of the database: it talks up through the functions given
 * at opening. All on the loop thread; only the plugin's `post` may come from another thread.
 *
 *   deliver ──► in hand ──► over (once for each ticket, whatever the plugin does)
 *                 │  ▲
 *            permit  permitted
 *
 * Each delivery has a deadline kept here: the plugin is asked to cancel, and if it stays mute the ticket ends without it:
 * as UNKNOWN when permission was given (it may have gone), else as CANCELLED (it cannot have). */
#ifndef NURTURE_CHANNEL_CHANNEL_H
#define NURTURE_CHANNEL_CHANNEL_H

#include "base/error.h"
#include "base/loop.h"
#include "base/str.h"

#include <nurture/plugin.h>

/* How a delivery ended, checked: outcome is one of the known ones, texts are UTF-8 without controls; borrowed for the call. */
struct channel_result {
	enum nurture_outcome outcome;
	struct str reason, remote_id;
	moment_t until;
	uint32_t attempt; /* of news: which delivery it is about; 0 = the last */
	struct str answer, said; /* of news: how it ended, and what was answered (a JSON object's text); "" = nothing */
	struct str kind;  /* of REJECTED: what for, a word of small letters, or "" */
	bool untried;     /* of DEFERRED: nothing was tried, until is in the future */
	bool broken;      /* of DEFERRED: no message could be made of it; `field` says where, or "" */
	struct str field;
	bool unpermitted; /* the plugin says sent, and never had permission: its bug, told here because the mail is out */
	bool mute;        /* the plugin never said how it ended: the host ended it */
};

/* What came back, checked: texts are UTF-8 without controls, data is an object's text; borrowed for the call. "" = not said. */
struct channel_return {
	enum nurture_return_kind kind;
	struct str token, address, code, reason, data, key;
	uint32_t soft_most, soft_days;
};

/* What happened to a lead, checked; borrowed for the call. data is JSON text or "". */
struct channel_event {
	int64_t lead_id;
	struct str verb, subject, data, key;
	double value;
};

/* Upwards. Inside channel_open only now, capacity, news, hold, tell, keep, keep_then, held and turns_anew may be called; over may be called inside channel_deliver. */
struct channel_calls {
	moment_t (*now)(void *arg);
	/* The plugin asks for permission: answer later with channel_permitted. */
	void (*permit)(void *arg, void *cookie, struct nurture_handle handle);
	void (*over)(void *arg, void *cookie, const struct channel_result *result);
	/* fn (may be NULL) waits for the word that it is recorded; never after channel_close. */
	void (*news)(void *arg, int64_t touch_id, const struct channel_result *result, nurture_news_fn *fn, void *fn_arg);
	/* fn, which may be NULL, waits for the word that it is committed; never after channel_close. */
	void (*event)(void *arg, const struct channel_event *event, nurture_told_fn *fn, void *fn_arg);
	void (*capacity)(void *arg, uint32_t touches);
	/* The plugin's answer to channel_forget; reason as in channel_result. NULL = channel_forget is never called. */
	void (*forgotten)(void *arg, int64_t id, bool done, struct str reason);
	/* fn waits for the word that it is recorded; never after channel_close. NULL = the plugin hears LATER. */
	void (*returned)(void *arg, const struct channel_return *given, nurture_returned_fn *fn, void *fn_arg);
	/* The plugin wants the channel held until a person looks; how it stands (JSON, checked); its notes (JSON). NULL = not heard. */
	void (*hold)(void *arg, struct str reason);
	void (*tell)(void *arg, struct str standing);
	void (*keep)(void *arg, struct str notes);
	/* fn waits for the word that the notes are written, or were not ("" = they are none); called later, never after channel_close. NULL = nobody answers. */
	void (*keep_then)(void *arg, struct str notes, nurture_kept_fn *fn, void *fn_arg);
	bool (*held)(void *arg);        /* NULL = yes */
	void (*turns_anew)(void *arg);  /* NULL = not heard */
	/* The plugin's reply to a request, checked and borrowed; may come inside channel_request; once. NULL: the channel closes, and there is none. NULL here =
	 * channel_request is never called. */
	void (*replied)(void *arg, void *cookie, const struct nurture_reply *reply);
	/* As nurture_host.query: fn is called exactly once, later. May be called inside channel_open. NULL = there is no database. */
	void (*query)(void *arg, const struct nurture_query *query, nurture_query_fn *fn, void *fn_arg);
	/* As nurture_host.look: fn is called exactly once, later. NULL = there are no touches: the plugin hears LATER. */
	void (*look)(void *arg, int64_t touch_id, nurture_look_fn *fn, void *fn_arg);
	/* As nurture_host.look_again: fn is called exactly once, later. NULL = there are no touches: the plugin hears LATER. */
	void (*look_again)(void *arg, int64_t touch_id, moment_t since, nurture_look_fn *fn, void *fn_arg);
	/* As nurture_host.compose; fields is an object's text, borrowed; fn is called exactly once, later. NULL = the plugin hears LATER. */
	void (*compose)(void *arg, struct str template_name, struct str fields, nurture_look_fn *fn, void *fn_arg);
	/* Texts checked and borrowed; fields is an object's text; fn as of event. NULL = not heard. */
	void (*colleague)(void *arg, int64_t lead_id, struct str fields, struct str key, nurture_told_fn *fn, void *fn_arg);
	/* As nurture_host.offer: fn, which may be NULL, is called once, later, never after channel_close. NULL = the plugin hears OVER. */
	void (*offer)(void *arg, int64_t touch_id, int64_t lease, nurture_offer_fn *fn, void *fn_arg);
	void (*late)(void *arg); /* a late or double completion or reply, or one of a ticket that never was */
};

struct channel_options {
	const char *name;        /* for the log */
	const json_t *settings;  /* borrowed during channel_open */
	const char *data_dir;
	const json_t *kept;      /* the plugin's notes of before; NULL = none; borrowed during channel_open */
	int64_t deadline_us;     /* until cancel; 0 = 15 minutes (RFC 5321 gives the final answer 10) */
	int64_t grace_us;        /* from cancel to the end; 0 = 1 minute */
};

struct channel;

enum { CHANNEL_CAPACITY_MAX = 1000, CHANNEL_REASON_MAX = 500, CHANNEL_SAID_MAX = 16384, CHANNEL_RETURN_MAX = 60000 };

struct channel *channel_open(struct loop *loop, const struct nurture_plugin *plugin, const struct channel_options *options,
			     const struct channel_calls *calls, void *arg, struct error *error) MUST_USE;
/* Hands the touch to the plugin; its size and handle are set here, the rest is the caller's, borrowed during the call. The
 * cookie comes back with over exactly once. */
void channel_deliver(struct channel *channel, struct nurture_touch *touch, void *cookie);
/* The answer to permit. A ticket that is over meanwhile: nothing happens. */
void channel_permitted(struct channel *channel, struct nurture_handle handle, bool allowed);
/* The cookie of a ticket; NULL when it is over. */
void *channel_cookie(struct channel *channel, struct nurture_handle handle);
/* The plugin's instance; for the conformance kit, which calls the plugin out of turn. */
void *channel_self(struct channel *channel);
/* Whether touches may have to wait for a limit of the plugin's; and whose turn it is (nurture_channel.turns): each answer is one of the three, its reason may be
 * NULL and is the plugin's until the next call. */
bool channel_limits(struct channel *channel);
void channel_turns(struct channel *channel, struct nurture_turn *turns, size_t count);
/* Asks the plugin for every touch that has no permission back. */
void channel_cancel_all(struct channel *channel);
/* Whether the plugin wants to hear of who is to be forgotten. */
bool channel_forgets(const struct nurture_plugin *plugin);
/* Tells it; its size is set here. Only when channel_forgets. The answer may come inside. */
void channel_forget(struct channel *channel, struct nurture_forget *forget);
/* The same of merges that were taken back; only a plugin that forgets hears of them. */
bool channel_parts(const struct nurture_plugin *plugin);
void channel_part(struct channel *channel, struct nurture_forget *forget);
/* Hands it a request of one of its routes; size and handle are set here, the rest is the caller's, borrowed during the call. The cookie comes back with
 * replied once, unless channel_request_gone is called before. */
struct nurture_handle channel_request(struct channel *channel, struct nurture_request *request, void *cookie);
void channel_request_gone(struct channel *channel, struct nurture_handle handle); /* nobody waits for the reply any more */
/* The campaigns that are paused now, NULL-ended; a plugin that does not want to hear of them does not. */
void channel_pauses(struct channel *channel, const char *const *campaigns);
void channel_drain(struct channel *channel); /* no channel_deliver after this */
uint32_t channel_in_hand(const struct channel *channel);
uint64_t channel_late(const struct channel *channel); /* late and double completions so far */
/* Ends what is still in hand (over is called for each), closes the plugin, frees. Takes NULL. Not from inside a callback of the plugin. Returns
 * how many timers the plugin left behind; they never fire. */
size_t channel_close(struct channel *channel);

/* Copies text with everything that is not printable UTF-8 replaced by '?', cut at CHANNEL_REASON_MAX bytes. NULL is "". */
struct str channel_clean(const char *text, char out[CHANNEL_REASON_MAX + 1]);
const char *channel_outcome_name(enum nurture_outcome outcome);

#endif

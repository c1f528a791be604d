/* What a plugin does for the server: the table of its channel. Part of nurture/plugin.h. */
#ifndef NURTURE_CHANNEL_H
#define NURTURE_CHANNEL_H

#include <nurture/host.h>
#include <nurture/touch.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A touch that is due, as channel.turns is asked about it. It never grows, as it comes in arrays. */
struct nurture_turn {
	const char *address;  /* as the lead has it; "" = not known */
	const char *purpose;  /* "marketing", "service", "confirm" */
	int64_t expires_at;   /* as nurture_touch's */
	bool promised;        /* it was put off before, and this is the turn that it was promised */
	/* The answer: all 0 = it may come now. */
	int64_t wait;         /* microseconds of machine time until its turn, as limits by the minute count them */
	int64_t until;        /* or the domain's moment of it, as limits by the day do */
	const char *reason;   /* for people; lives until the next call; copied */
};

/* Takes bytes, in order. */
typedef void nurture_write_fn(void *arg, const void *bytes, size_t n);

/* A person whom the server knows no more by this number: erased, or merged into another; or (part) one whom it knows by it again. */
struct nurture_forget {
	size_t size;
	int64_t id;      /* of this request: the same when it comes again */
	int64_t lead_id; /* nurture_touch.lead_id */
	int64_t into;    /* 0 = erased: nothing of the person stays. Else whose all of it is now: to be kept under that number; of part: whose it was */
	int64_t now;
};

struct nurture_problem {
	size_t size;
	char where[256];    /* the setting or field, may be empty */
	char message[1024]; /* a sentence that says what to do */
};

/* A template as marketing wrote it: values and body may hold Liquid, {{ … }} and {% … %}. It has passed every check of the server's. */
struct nurture_template {
	size_t size;
	const char *name;
	const struct nurture_field *fields; /* of the front matter */
	size_t field_count;
	const char *body;
	size_t body_length;
};

/* A channel: one instance a process. */
struct nurture_channel {
	size_t size;
	const char *kind;                   /* "email", "call", "letter": which step word it serves */
	const char *const *template_fields; /* front-matter fields that a template may have, NULL-ended; "!name" = must have */
	const char *body;                   /* "markdown": body becomes fields "html" and "text"; "text": field "text" */

	/* Reads settings (an object, borrowed) and begins. Fills *self. 0, or -1 with *problem. With host == NULL: only checks the
	 * settings; *self is not set. Relative paths in settings are under data_dir. */
	int (*open)(const struct nurture_host *host, const json_t *settings, const char *data_dir, void **self,
		    struct nurture_problem *problem);
	/* Takes one touch; completes it later (or during the call). */
	void (*deliver)(void *self, const struct nurture_touch *touch);
	/* The host wants the touch back: complete it as CANCELLED if nothing irrevocable happened, else as it ends. */
	void (*cancel)(void *self, struct nurture_handle handle);
	/* No more deliver calls will come; finish or cancel what is in hand. */
	void (*drain)(void *self);
	/* All touches are complete, or their deadline is over: free everything. */
	void (*close)(void *self);
	/* Looks at a template before it is published (nurture check, publish, the watch), in a process that was made for this and ends: there is no host
	 * and no instance. 0, or -1 with *problem, where = a field's name, or "" for the body: the publish is refused. NULL = every template is good. */
	int (*check_template)(const json_t *settings, const struct nurture_template *, struct nurture_problem *problem);
	/* What the plugin keeps of a person, in files, tables, memory, goes, or becomes another's; answer by host->forgotten, during the call or later. Comes at
	 * least once for each, until the answer is done: who is not known, or was forgotten before, is done. Also while touches of the person are in hand:
	 * those are asked back or end as ever, and what is known only of them is forgotten when they end. Not called after drain. NULL = the plugin keeps
	 * nothing of people beyond the touches in its hands. */
	void (*forget)(void *self, const struct nurture_forget *);
	/* Writes what deliver would give to the outside for this touch (a message, a page), byte for byte where it can, in a process that was made for this and
	 * ends: there is no host and no instance, and nothing may be sent or kept. 0, or -1 with *problem. NULL = the channel has nothing to show. */
	int (*show)(const json_t *settings, const char *data_dir, const struct nurture_touch *, nurture_write_fn *write, void *arg,
		    struct nurture_problem *problem);
	/* A command of the channel's own, `nurture KIND WORD …`: words[0] is the WORD. As show: a process of its own, no host, no instance. What it prints goes
	 * to write. The exit status of the command, 0 to 2, or -1 with *problem (where = "" or a setting). settings is NULL where the configuration has no such
	 * channel, and may be wrong: nobody has looked at it. NULL = there are none. */
	int (*command)(const json_t *settings, const char *data_dir, size_t count, const char *const *words, nurture_write_fn *write, void *arg,
		       struct nurture_problem *problem);
	/* A merge that forget told of was taken back: lead_id is a person of its own again, which `into` was for a while (at most 90 days). What was lead_id's before the
	 * merge is lead_id's again; what came since stays into's, for nobody knows whose it is. So who moves things keeps the number that they came from. Called and
	 * answered as forget is, in the order of each person among its calls. NULL = the plugin moves nothing that would have to go back. */
	void (*part)(void *self, const struct nurture_forget *);
	/* Whose turn it is of these touches, which are due, before any of them is claimed: sets the answer of each. So a limit (so many a minute, so many a day) costs nothing
	 * while touches wait. When it is asked, all that came before has been delivered. Whose turn has come is claimed, asked at the gate and delivered, as far as that goes;
	 * who waits is asked about again then, as promised. With count 0: whether anybody may have to wait at all. NULL = nobody has to. */
	bool (*turns)(void *self, struct nurture_turn *turns, size_t count);
	/* Which campaigns are paused now: names, NULL-ended. Called when the channel is open, and whenever they are others. Touches of theirs in the plugin's queue stay queued, and
	 * look says LATER of each: so many can be put aside together, and brought back. NULL = it looks at each. */
	void (*pauses)(void *self, const char *const *campaigns);
};

#ifdef __cplusplus
}
#endif

#endif

/* The puppet's inside: what its life (puppet.c) and its acts (puppet_acts.c) share. */
#ifndef NURTURE_TESTS_PLUGIN_PUPPET_H
#define NURTURE_TESTS_PLUGIN_PUPPET_H

#include <nurture/plugin.h>

struct puppet;

struct job {
	struct puppet *puppet;
	struct nurture_handle handle;
	int64_t touch_id;
	char address[64];
	const char *borrowed; /* the touch's own address: not ours once deliver has returned */
	uint32_t attempt;
	struct nurture_timer *timer;
	struct job *next;
};

/* `open` runs at the end of the plugin's open, when there is a host; `check` when there is none. Either may be NULL. */
struct act {
	const char *name;
	void (*deliver)(struct job *job);
	void (*cancel)(struct job *job);
	void (*open)(struct puppet *puppet);
	void (*check)(void);
	bool limits; /* one marketing touch in eighteen may come, the others in an hour */
	int forgets; /* 0 = once, as it should; else how many answers it gives */
};

struct puppet {
	const struct nurture_host *host;
	const struct act *act;
	char out[512], queue[512], told[512], forgot[512];
	bool was_down;
	unsigned turns; /* that were asked for */
	int64_t wait_us;
	struct job *jobs;
	struct nurture_timer *timer; /* of some acts */
	void *later;                 /* answers to requests that wait for their time: puppet_routes.c */
};

const struct act *puppet_act(const char *name); /* NULL: it cannot do this */
void puppet_drop(struct job *job);              /* forgets it, without a word to the host */
void puppet_say(struct job *job, enum nurture_outcome outcome, const char *reason);
void puppet_finish(struct job *job, enum nurture_outcome outcome, const char *reason); /* both */
void puppet_send_out(struct job *job);          /* the irrevocable act: a line in the file `out` */
void puppet_act_address(struct job *job);       /* puppet_ways.c */
void puppet_tell_queue(struct puppet *puppet);
extern const struct nurture_routes puppet_routes;
void puppet_routes_close(struct puppet *puppet);
/* puppet_notes.c */
extern const struct nurture_migrations puppet_migrations;
void puppet_note_post(void *self, const struct nurture_request *request);
void puppet_note_list(void *self, const struct nurture_request *request);
void puppet_note_odd(void *self, const struct nurture_request *request);

#endif

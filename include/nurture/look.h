/* How a touch stands that waits in the plugin's queue (host->look, look_again, compose): part of nurture/plugin.h. */
#ifndef NURTURE_LOOK_H
#define NURTURE_LOOK_H

#include <nurture/touch.h>

#ifdef __cplusplus
extern "C" {
#endif

enum nurture_standing {
	NURTURE_LOOK_GO = 1,  /* it may go now */
	NURTURE_LOOK_WAIT,    /* not before `until`: hours, caps, a pause of its campaign */
	NURTURE_LOOK_HOLD,    /* the gate says no. Tell CANCELLED by news: the server holds it, with the reason, or delivers it again */
	NURTURE_LOOK_OVER,    /* it is not queued any more (taken back, late, erased), or never was: forget it */
	NURTURE_LOOK_LATER,   /* nobody can say just now: the database is away, or that it is queued is not recorded yet. Ask again */
};

/* The answer to look; borrowed during the call. */
struct nurture_look {
	size_t size;
	int64_t touch_id;
	enum nurture_standing standing;
	int64_t until;          /* WAIT, and LATER where it is known: domain time */
	const char *reason;     /* WAIT, HOLD, OVER: for people; "" = none */
	int64_t lead_id;        /* whose touch it is now: merged leads are followed. 0 = not known */
	int64_t expires_at;     /* as of the touch; 0 = none */
	const char *address, *name; /* GO, WAIT: as nurture_touch has them, as of now; else "" */
	const struct nurture_field *fields; /* GO, WAIT: as nurture_touch has them, rendered anew */
	size_t field_count;
	/* GO, WAIT: an object. "revision"; "lead" {id, stage, segments, fields}; "account" {…} or null; "scores" and "grades" by name; "receipt" [why each score
	 * is what it is]; "timeline" [newest events first: at, verb, subject, value]; "place" {country, region, zones: every zone that the lead may be in};
	 * of a call also "script" {name, title, opening, closing, questions, results} or null, and "dispositions" [{name, label, means}]. Else NULL. */
	const json_t *sheet;
	bool whole;             /* LATER: so it is of every touch of the channel just now: it is stopped or held, or the database is away */
	const struct nurture_file *files; /* GO, WAIT: what goes with it, as nurture_touch has them: the pictures that a letter shows */
	size_t file_count;
};

typedef void nurture_look_fn(void *arg, const struct nurture_look *look);

#ifdef __cplusplus
}
#endif

#endif

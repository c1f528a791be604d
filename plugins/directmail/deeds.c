/* What is done with a job: cut, released, cancelled, acknowledged. */
#include "hand.h"
#include "jobs.h"
#include "routes.h"

#include "jobs.sql.h"

#include <glib.h>
#include <string.h>

static const struct nurture_statement
	release = {sizeof release, "jobs_release", sql_jobs_release},
	cancel = {sizeof cancel, "jobs_cancel", sql_jobs_cancel},
	acknowledge = {sizeof acknowledge, "jobs_acknowledge", sql_jobs_acknowledge},
	state_of = {sizeof state_of, "jobs_state", sql_jobs_state},
	names = {sizeof names, "jobs_names", sql_jobs_names};

void route_cut(void *self, const struct nurture_request *request)
{
	struct asking *asking = asking_new(self, request);
	const json_t *campaign = asking ? json_object_get(asking->body, "campaign") : NULL;
	struct office *office = self;
	if (!asking || asking_refuses(asking, (const char *const[]){"campaign", NULL}))
		return;
	if (campaign && (!json_is_string(campaign) || json_string_length(campaign) > 150))
		asking_fail(asking, 422, "campaign is the name of one: only its letters are cut.");
	else if (office->cut)
		asking_fail(asking, 409, "a job is being cut: try again when it is done (nurture mail jobs).");
	else if (!office->host->held(office->host->data))
		asking_fail(asking, 503, "this process has lost the channel: try again.");
	else
		cut_begin(office, asking->who, true, campaign ? json_string_value(campaign) : "", asking);
}

static void on_names(void *arg, const struct nurture_answer *answer)
{
	struct asking *asking = arg;
	if (answer->error) {
		asking_db(asking, answer);
		return;
	}
	const struct nurture_rows *rows = &answer->steps[0];
	const char *campaign = json_string_value(asking->kept);
	bool waits = false;
	GString *all = g_string_new(NULL);
	for (size_t i = 0; i < rows->rows; i++) {
		waits |= strcmp(row_text(rows, i, 0), campaign) == 0;
		g_string_append_printf(all, "%s%s", i ? ", " : "", row_text(rows, i, 0));
	}
	if (waits)
		asking_fail(asking, 409, "no letter of the campaign \"%.150s\" can be cut now: nurture mail jobs says what they wait for.", campaign);
	else
		asking_fail(asking, 409, "no letter of a campaign \"%.150s\" waits%s%.300s.", campaign, all->len ? ", but letters of " : ", nor of another", all->str);
	g_string_free(all, TRUE);
}

void cut_none(struct asking *asking, const char *campaign)
{
	struct values v = {0};
	if (!*campaign) {
		asking_fail(asking, 409, "no letter waits that could be cut.");
		return;
	}
	json_decref(asking->kept);
	asking->kept = json_string(campaign);
	put_text(&v, asking->office->host->channel_name);
	office_read(asking->office, (const struct nurture_step[]){{&names, v.items, v.count}}, 1, on_names, asking);
}

static void on_moved(void *arg, const struct nurture_answer *answer)
{
	struct asking *asking = arg;
	if (answer->error && strcmp(answer->sqlstate, "23505") == 0) {
		asking_fail(asking, 409, "a job is being cut: try again when it is done (nurture mail jobs).");
		return;
	}
	if (answer->error) {
		asking_db(asking, answer);
		return;
	}
	const struct nurture_rows *moved = &answer->steps[0], *now = &answer->steps[1];
	if (moved->rows) {
		sweep_soon(asking->office);
		asking_reply(asking, 200, json_pack("{s:I, s:s}", "job", (json_int_t)asking->job_id, "state", row_text(moved, 0, 0)));
	} else if (!now->rows) {
		asking_fail(asking, 404, "there is no such job.");
	} else {
		asking_fail(asking, 409, "the job is %s: this cannot be done with it now.", row_text(now, 0, 0));
	}
}

static void move(struct asking *asking, const struct nurture_statement *statement, struct values *v)
{
	struct values job = {0};
	job_put(&job, asking);
	office_ask(asking->office, (const struct nurture_step[]){{statement, v->items, v->count}, {&state_of, job.items, job.count}}, 2, on_moved, asking);
}

static void put_deed(struct values *v, const struct asking *asking, const char *text)
{
	job_put(v, asking);
	put_number(v, office_now(asking->office));
	put_text(v, text);
}

static void release_checked(struct asking *asking, const char *why)
{
	struct values v = {0};
	if (why) {
		asking_fail(asking, 409, "%s It is not released: cancel it (nurture mail cancel), and its letters are cut anew.", why);
		return;
	}
	put_deed(&v, asking, asking->who);
	move(asking, &release, &v);
}

static void on_releasing(void *arg, const struct nurture_answer *answer)
{
	struct asking *asking = arg;
	const struct nurture_rows *now = answer->error ? NULL : &answer->steps[0];
	if (answer->error)
		asking_db(asking, answer);
	else if (!now->rows)
		asking_fail(asking, 404, "there is no such job.");
	else if (strcmp(row_text(now, 0, 0), "ready") != 0)
		asking_fail(asking, 409, "the job is %s: this cannot be done with it now.", row_text(now, 0, 0));
	else
		job_check(asking, row_text(now, 0, 2), row_text(now, 0, 3), release_checked);
}

/* What was tampered with is found now, while somebody is there who can do something about it; and once more before it goes out (ship.c). */
void route_release(void *self, const struct nurture_request *request)
{
	struct asking *asking = asking_new(self, request);
	struct values job = {0};
	if (!asking || asking_refuses(asking, (const char *const[]){NULL}))
		return;
	job_put(&job, asking);
	office_read(asking->office, (const struct nurture_step[]){{&state_of, job.items, job.count}}, 1, on_releasing, asking);
}

/* {"letters": "back" | "drop"}: they wait for another job (the default), or are given up. */
void route_cancel(void *self, const struct nurture_request *request)
{
	struct asking *asking = asking_new(self, request);
	struct values v = {0};
	const json_t *letters = asking ? json_object_get(asking->body, "letters") : NULL;
	const char *word = json_string_value(letters);
	if (!asking || asking_refuses(asking, (const char *const[]){"letters", NULL}))
		return;
	if (letters && (!word || (strcmp(word, "back") != 0 && strcmp(word, "drop") != 0))) {
		asking_fail(asking, 422, "letters is \"back\" (they wait for another job) or \"drop\" (they are given up).");
		return;
	}
	put_deed(&v, asking, asking->who);
	put_text(&v, word && strcmp(word, "drop") == 0 ? "f" : "t");
	put_text(&v, asking->office->cut || asking->office->shipment ? "t" : "f");
	move(asking, &cancel, &v);
}

/* Told again with the same reference, the first moment stands; another reference is another job there, and somebody has to look. */
static void on_acknowledged(void *arg, const struct nurture_answer *answer)
{
	struct asking *asking = arg;
	const struct nurture_rows *told = answer->error ? NULL : &answer->steps[0], *now = answer->error ? NULL : &answer->steps[1];
	if (answer->error) {
		asking_db(asking, answer);
	} else if (told->rows) {
		json_t *job = json_pack("{s:I, s:s, s:s}", "job", (json_int_t)asking->job_id, "state", row_text(told, 0, 0), "acknowledged", row_text(told, 0, 2));
		job_set_moment(job, "acknowledged_at", row_number(told, 0, 1));
		asking_reply(asking, 200, job);
	} else if (!now->rows) {
		asking_fail(asking, 404, "there is no such job.");
	} else if (strcmp(row_text(now, 0, 0), "sent") == 0) {
		asking_fail(asking, 409, "the job is acknowledged already, as \"%s\".", row_text(now, 0, 1));
	} else {
		asking_fail(asking, 409, "the job is %s: this cannot be done with it now.", row_text(now, 0, 0));
	}
}

/* {"reference": what the print house calls it}. */
void route_acknowledge(void *self, const struct nurture_request *request)
{
	struct asking *asking = asking_new(self, request);
	struct values v = {0}, job = {0};
	const char *reference = asking ? json_string_value(json_object_get(asking->body, "reference")) : NULL;
	if (!asking || asking_refuses(asking, (const char *const[]){"reference", NULL}))
		return;
	if (!reference || !*reference || strlen(reference) > 200) {
		asking_fail(asking, 422, "say what the print house calls it: {\"reference\": \"A-4711\"}.");
		return;
	}
	put_deed(&v, asking, reference);
	job_put(&job, asking);
	office_ask(asking->office, (const struct nurture_step[]){{&acknowledge, v.items, v.count}, {&state_of, job.items, job.count}}, 2, on_acknowledged, asking);
}

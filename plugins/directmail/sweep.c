/* What happens by itself: every second it is asked whether letters are due, whether a job stands half done, folders that were kept long enough are taken away, and news that nobody answered is told again. Nothing is begun by a process that has
 * lost the channel. */
#include "office.h"

#include "sweep.sql.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TELL_AGAIN = 20, STAND = 5, PURGE = 10 };
static const int64_t EACH = 1000000;

static const struct nurture_statement
	due = {sizeof due, "sweep_due", sql_sweep_due},
	standing = {sizeof standing, "sweep_stand", sql_sweep_stand};

static void stand(struct office *office, const struct nurture_rows *rows)
{
	char line[300];
	json_t *object = json_object(), *troubles = json_array();
	snprintf(line, sizeof line, "%" PRId64 " letters wait, %" PRId64 " jobs wait for their release%s%s", row_number(rows, 0, 0), row_number(rows, 0, 1),
		 *row_text(rows, 0, 3) ? ", being cut: " : "", row_text(rows, 0, 3));
	json_object_set_new(object, "lines", json_pack("[s]", line));
	for (size_t column = 2; column <= 4; column += 2)
		if (*row_text(rows, 0, column))
			json_array_append_new(troubles, json_string(row_text(rows, 0, column)));
	json_object_set_new(object, "troubles", troubles);
	json_object_set_new(object, "figures", json_pack("[{s:s, s:I}, {s:s, s:I}]", "name", "waiting", "value", (json_int_t)row_number(rows, 0, 0), "name", "jobs_ready", "value",
							 (json_int_t)row_number(rows, 0, 1)));
	office->host->tell(office->host->data, object);
	json_decref(object);
}

/* By the day, or by how many there are. What stands half done comes first. */
static void act(struct office *office, const struct nurture_rows *rows)
{
	bool is_due = row_number(rows, 0, 0) > 0, is_full = row_is(rows, 0, 3);
	if (!office->cut && row_number(rows, 0, 1))
		cut_go_on(office);
	else if (!office->cut && !office->settings.by_hand && (is_due || is_full))
		cut_begin(office, is_due ? "its day" : "its count", is_full, "", NULL);
	if (!office->shipment && row_number(rows, 0, 2))
		ship_next(office);
}

static void on_swept(void *arg, const struct nurture_answer *answer)
{
	struct office *office = arg;
	office->sweeping = false;
	office->host->timer_set(office->timer, EACH);
	if (answer->error) {
		if (!answer->again)
			office_log(office, NURTURE_LOG_ERROR, "letters.sweep", "%s", answer->error);
		return;
	}
	if (answer->count > 1)
		stand(office, &answer->steps[1]);
	if (office->draining || !office->host->held(office->host->data))
		return;
	act(office, &answer->steps[0]);
	if (office->sweeps % PURGE == 0)
		purge_next(office);
}

static void sweep(void *arg)
{
	struct office *office = arg;
	struct values v = {0}, name = {0};
	if (office->sweeping)
		return;
	office->sweeping = true;
	put_text(&v, office->host->channel_name);
	put_number(&v, office_now(office));
	put_number(&v, office->settings.count);
	put_text(&name, office->host->channel_name);
	office_read(office, (const struct nurture_step[]){{&due, v.items, v.count}, {&standing, name.items, name.count}}, office->sweeps % STAND == 0 ? 2 : 1, on_swept, office);
	if (office->sweeps++ % TELL_AGAIN == 0)
		news_resume(office);
}

void sweep_soon(struct office *office)
{
	if (!office->sweeping)
		office->host->timer_set(office->timer, 1);
}

void sweep_begin(struct office *office)
{
	office->timer = office->host->timer_new(office->host->data, sweep, office);
	office->host->timer_set(office->timer, EACH / 4);
}

void sweep_end(struct office *office)
{
	office->host->timer_free(office->timer);
	office->timer = NULL;
}

/* What a turn writes down: events, logs, errors and the next moment to look. Called from all files of this room; decides nothing.
 * Always holds: an enrollment that a log, a touch or a handoff names is itself in the output. */
#include "turn/inside.h"

#include <stdarg.h>
#include <stdio.h>

void turn_note_wake(struct turn *turn, moment_t at)
{
	if (at > turn->now && at < turn->wake)
		turn->wake = at;
}

/* Short texts without a second pass; longer ones are formatted again to their size. */
struct str turn_text(struct arena *arena, const char *fmt, ...)
{
	va_list args, again;
	char text[256];
	va_start(args, fmt);
	va_copy(again, args);
	int n = vsnprintf(text, sizeof text, fmt, args);
	size_t used = n < 0 ? 0 : (size_t)n;
	char *out = arena_alloc(arena, used + 1);
	if (used < sizeof text)
		memcpy(out, text, used);
	else
		vsnprintf(out, used + 1, fmt, again);
	va_end(again);
	va_end(args);
	return (struct str){out, used};
}

struct str turn_place(struct arena *arena, struct place at)
{
	return at.file ? turn_text(arena, "%s:%d", at.file, at.line) : (struct str){"", 0};
}

struct str turn_json(struct arena *arena, struct str text)
{
	static const char hex[] = "0123456789abcdef";
	char *start = arena_alloc(arena, text.n * 6 + 3), *p = start;
	*p++ = '"';
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		if (c == '"' || c == '\\') {
			*p++ = '\\';
			*p++ = (char)c;
		} else if (c < 0x20) {
			memcpy(p, "\\u00", 4);
			p[4] = hex[c >> 4];
			p[5] = hex[c & 15];
			p += 6;
		} else {
			*p++ = (char)c;
		}
	}
	*p++ = '"';
	return (struct str){start, (size_t)(p - start)};
}

static bool noted_already(const struct turn *turn, struct place at, const char *message)
{
	for (size_t i = 0; i < turn->out->error_count; i++) {
		const struct problem *old = &turn->out->errors[i];
		if (old->at.line == at.line && old->at.file == at.file && strcmp(old->message, message) == 0)
			return true;
	}
	return false;
}

static const char *context(const struct turn *turn)
{
	const struct doing *d = &turn->doing;
	if (!d->kind)
		return "";
	if (!d->part)
		return arena_printf(turn->arena, "%s \"%s\"", d->kind, d->name);
	return arena_printf(turn->arena, "%s \"%s\", %s \"%s\"", d->kind, d->name, d->part_kind, d->part);
}

/* `where` is the file:line of a script's error when it knows better than `at`: it goes in front of the message. */
void turn_note_error(struct turn *turn, struct place at, const char *where, const char *message)
{
	const char *text = where && where[0] ? arena_printf(turn->arena, "%s: %s", where, message) : arena_dup(turn->arena, message);
	if (turn->quiet || noted_already(turn, at, text))
		return;
	struct problem *problem = arena_push(turn->arena, &turn->out->errors, turn->out->error_count, &turn->error_room, sizeof *problem);
	*problem = (struct problem){.kind = PROBLEM_ERROR, .at = at, .context = context(turn), .message = text};
	turn->out->error_count++;
}

/* An event of ours: kept in the table and in the lead's history, and new to the conditions of this turn's next round. */
void turn_note_event(struct turn *turn, const char *verb, struct str subject, struct str data)
{
	if (turn->quiet)
		return;
	struct turn_event *note = arena_push(turn->arena, &turn->out->events, turn->out->event_count, &turn->event_room, sizeof *note);
	*note = (struct turn_event){str_of(verb), subject, data};
	turn->out->event_count++;
	struct event event = {.lead_id = turn->facts->lead.id, .at = turn->facts->now, .received_at = turn->facts->now, .verb = note->verb,
			      .subject = subject, .data = data};
	(void)history_add(&turn->facts->history, &event, turn->arena);
	struct history_event *fresh = arena_push(turn->arena, &turn->fresh, turn->fresh_count, &turn->fresh_room, sizeof *fresh);
	*fresh = (struct history_event){.at = event.at, .verb = event.verb, .subject = subject, .data = data};
	turn->fresh_count++;
	turn->stirred = true;
	turn->out->history_changed = true;
}

int turn_seat_out(struct turn *turn, struct seat *seat)
{
	if (seat->out < 0) {
		(void)arena_push(turn->arena, &turn->out->enrollments, turn->out->enrollment_count, &turn->enrollment_room,
				 sizeof *turn->out->enrollments);
		seat->out = (int)turn->out->enrollment_count++;
	}
	return seat->out;
}

/* seat NULL: a log of the lead alone (somebody did not enter): enrollment -1, enrollment_id 0. */
struct turn_log *turn_note_log(struct turn *turn, struct seat *seat, const char *what, struct str cause, const struct place *at)
{
	struct turn_log *log = arena_push(turn->arena, &turn->out->logs, turn->out->log_count, &turn->log_room, sizeof *log);
	turn->out->log_count++;
	*log = (struct turn_log){.enrollment = -1, .what = str_of(what), .cause = cause, .touch = -1, .campaign = {"", 0}, .step = {"", 0},
				 .where = at ? turn_place(turn->arena, *at) : (struct str){"", 0}};
	if (seat) {
		log->enrollment = turn_seat_out(turn, seat);
		log->enrollment_id = seat->e.id;
		log->campaign = seat->e.campaign;
		log->step = seat->e.step;
	}
	return log;
}

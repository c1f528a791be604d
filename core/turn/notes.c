/* What a turn writes down: events, logs, errors and the next moment to look. Called from all files of this room; decides nothing.
 * Always holds: an enrollment that a log, a touch or a handoff names is itself in the output. */
#include "turn/inside.h"

#include <stdarg.h>
#include <stdatomic.h>
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
	char text[512];
	size_t n = playbook_context(text, sizeof text, d->kind, d->name, d->part_kind, d->part);
	return arena_dup_n(turn->arena, text, n);
}

/* " in FILE:LINE CONTEXT", or "". The first byte is written last: who reads it after our death reads all of it or nothing. Not by
 * snprintf, which would cost each rule more than it does itself. */
static void show(const struct turn_watch *watch, const struct place *at, const struct doing *doing)
{
	volatile char *first = watch->text;
	*first = '\0';
	atomic_signal_fence(memory_order_seq_cst);
	size_t n = at && at->file ? strlen(at->file) : 0, room = watch->size;
	if (!n || n + 32 > room)
		return;
	char *p = watch->text, digits[12];
	memcpy(p + 1, "in ", 3);
	memcpy(p + 4, at->file, n);
	n += 4;
	p[n++] = ':';
	size_t k = sizeof digits;
	for (unsigned line = (unsigned)at->line; k == sizeof digits || line; line /= 10)
		digits[--k] = (char)('0' + line % 10);
	memcpy(p + n, digits + k, sizeof digits - k);
	n += sizeof digits - k;
	p[n++] = ' ';
	playbook_context(p + n, room - n, doing->kind, doing->name, doing->part_kind, doing->part);
	atomic_signal_fence(memory_order_seq_cst);
	*first = ' ';
}

void turn_doing(struct turn *turn, const struct place *at, const char *kind, const char *name, const char *part_kind, const char *part)
{
	turn->doing = (struct doing){kind, name, part_kind, part};
	if (turn->facts->watch.text)
		show(&turn->facts->watch, at, &turn->doing);
}

void turn_doing_rule(struct turn *turn, const struct model *model, const struct rule *rule)
{
	const struct turn_watch *watch = &turn->facts->watch;
	if (!watch->text || !rule->shown.n || rule->shown.n >= watch->size) {
		turn_doing(turn, &rule->at, "model", model->name, "rule", rule->name);
		return;
	}
	turn->doing = (struct doing){"model", model->name, "rule", rule->name};
	volatile char *first = watch->text; /* as in show() */
	*first = '\0';
	atomic_signal_fence(memory_order_seq_cst);
	memcpy(watch->text + 1, rule->shown.p + 1, rule->shown.n);
	atomic_signal_fence(memory_order_seq_cst);
	*first = ' ';
}

bool turn_is_off(struct turn *turn, bool off, const struct place *at)
{
	if (off)
		turn_note_error(turn, *at, NULL, "is switched off: three workers died in it. It is on again when its file is changed and published.");
	return off;
}

/* `where` is the file:line of a script's error when it knows better than `at`: it goes in front of the message. */
void turn_note_error(struct turn *turn, struct place at, const char *where, const char *message)
{
	turn->failed = true;
	const char *text = where && where[0] ? arena_printf(turn->arena, "%s: %s", where, message) : arena_dup(turn->arena, message);
	if ((turn->quiet && !turn->counts_errors) || noted_already(turn, at, text))
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
	if (history_keeps(&event))
		(void)history_add(&turn->facts->history, &event, turn->arena);
	turn_events_changed(turn);
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

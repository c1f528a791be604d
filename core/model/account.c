/* The packed summary of an account, and what each of its people adds to it. Only formats and sums; who decides is turn/account.c. */
#include "model/account.h"

#include "base/buf.h"

#include <string.h>

int account_role(const struct value *role)
{
	for (int i = 0; role_names[i] && role->type == VALUE_TEXT; i++)
		if (str_is(role->text, role_names[i]))
			return i + 1;
	return 0;
}

const char *account_role_name(int role)
{
	return role > 0 && role < ROLE_SLOTS ? role_names[role - 1] : "";
}

static bool read_int(struct str word, int *out)
{
	int64_t n;
	if (!str_to_int(word, &n) || n < INT32_MIN || n > INT32_MAX)
		return false;
	*out = (int)n;
	return true;
}

/* ---- one member ---- */

bool account_member_read(struct str packed, struct account_member *out)
{
	int counts;
	struct str rest = packed;
	*out = (struct account_member){.parts = {"", 0}};
	if (!packed.n || !read_int(str_cut(&rest, ' '), &out->role) || out->role < 0 || out->role >= ROLE_SLOTS || !rest.p ||
	    !read_int(str_cut(&rest, ' '), &counts))
		return false;
	out->counts = counts != 0;
	out->parts = rest.p ? rest : (struct str){"", 0};
	return true;
}

struct str account_member_write(const struct account_member *member, struct arena *arena)
{
	return str_of(arena_printf(arena, "%d %d%s%.*s", member->role, member->counts ? 1 : 0, member->parts.n ? " " : "", STR_ARG(member->parts)));
}

bool account_member_has(const struct account_member *member, struct str key)
{
	struct str rest = member->parts;
	while (rest.p && rest.n)
		if (str_same(str_cut(&rest, ' '), key))
			return true;
	return false;
}

/* ---- the summary ---- */

static bool read_people(struct str *line, int people[ROLE_SLOTS])
{
	for (int i = 0; i < ROLE_SLOTS; i++)
		if (!line->p || !read_int(str_cut(line, ' '), &people[i]))
			return false;
	return true;
}

static struct str word_of(struct str word)
{
	return str_is(word, "-") ? (struct str){"", 0} : word;
}

static bool read_score(struct str line, bool is_grade, struct score *out)
{
	*out = (struct score){.name = str_cut(&line, ' '), .is_grade = is_grade, .grade = {"", 0}, .band = {"", 0}};
	if (!line.p)
		return false;
	if (!is_grade)
		return read_int(line, &out->points);
	out->grade = word_of(str_cut(&line, ' '));
	out->band = line.p ? word_of(line) : (struct str){"", 0};
	return true;
}

static bool read_line(struct str line, struct arena *arena, struct account_summary *out)
{
	struct str kind = str_cut(&line, ' ');
	if (!line.p)
		return false;
	if (str_is(kind, "1"))
		return read_people(&line, out->people);
	if (str_is(kind, "p")) {
		struct account_part *part = arena_push(arena, &out->parts, out->part_count++, &out->part_room, sizeof *part);
		part->key = str_cut(&line, ' ');
		return read_people(&line, part->people);
	}
	if (!str_is(kind, "m") && !str_is(kind, "g"))
		return false;
	struct score *score = arena_push(arena, &out->scores, out->score_count++, &out->score_room, sizeof *score);
	return read_score(line, str_is(kind, "g"), score);
}

bool account_summary_read(struct str packed, struct arena *arena, struct account_summary *out)
{
	struct str rest = packed;
	*out = (struct account_summary){0};
	while (rest.p && rest.n)
		if (!read_line(str_cut(&rest, '\n'), arena, out))
			return false;
	return true;
}

static void put_people(struct buf *buf, const int people[ROLE_SLOTS])
{
	for (int i = 0; i < ROLE_SLOTS; i++)
		buf_printf(buf, " %d", people[i]);
	buf_putc(buf, '\n');
}

static bool is_nobody(const int people[ROLE_SLOTS])
{
	for (int i = 0; i < ROLE_SLOTS; i++)
		if (people[i])
			return false;
	return true;
}

static void put_score(struct buf *buf, const struct score *s)
{
	static const struct str none = {"-", 1};
	if (s->is_grade)
		buf_printf(buf, "g %.*s %.*s %.*s\n", STR_ARG(s->name), STR_ARG(s->grade.n ? s->grade : none), STR_ARG(s->band.n ? s->band : none));
	else
		buf_printf(buf, "m %.*s %d\n", STR_ARG(s->name), s->points);
}

struct str account_summary_write(const struct account_summary *summary, struct arena *arena)
{
	struct buf buf = {0};
	buf_putc(&buf, '1');
	put_people(&buf, summary->people);
	for (size_t i = 0; i < summary->part_count; i++) {
		if (is_nobody(summary->parts[i].people))
			continue;
		buf_printf(&buf, "p %.*s", STR_ARG(summary->parts[i].key));
		put_people(&buf, summary->parts[i].people);
	}
	for (size_t i = 0; i < summary->score_count; i++)
		put_score(&buf, &summary->scores[i]);
	struct str out = arena_str(arena, buf_str(&buf));
	buf_fini(&buf);
	return out;
}

/* Where the key stands, or belongs. */
static size_t find_part(const struct account_summary *summary, struct str key)
{
	size_t low = 0, high = summary->part_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (str_compare(summary->parts[middle].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct account_part *need_part(struct account_summary *summary, struct str key, struct arena *arena)
{
	size_t at = find_part(summary, key);
	if (at < summary->part_count && str_same(summary->parts[at].key, key))
		return &summary->parts[at];
	(void)arena_push(arena, &summary->parts, summary->part_count, &summary->part_room, sizeof *summary->parts);
	memmove(&summary->parts[at + 1], &summary->parts[at], (summary->part_count - at) * sizeof *summary->parts);
	summary->part_count++;
	summary->parts[at] = (struct account_part){.key = arena_str(arena, key)};
	return &summary->parts[at];
}

void account_summary_add(struct account_summary *summary, const struct account_member *member, int number, struct arena *arena)
{
	struct str rest = member->parts;
	if (!member->counts)
		return;
	summary->people[member->role] += number;
	while (rest.p && rest.n)
		need_part(summary, str_cut(&rest, ' '), arena)->people[member->role] += number;
}

void account_summary_join(struct account_summary *summary, const struct account_summary *more, struct arena *arena)
{
	for (int role = 0; role < ROLE_SLOTS; role++)
		summary->people[role] += more->people[role];
	for (size_t i = 0; i < more->part_count; i++) {
		struct account_part *part = need_part(summary, more->parts[i].key, arena);
		for (int role = 0; role < ROLE_SLOTS; role++)
			part->people[role] += more->parts[i].people[role];
	}
}

const int *account_summary_part(const struct account_summary *summary, struct str key)
{
	size_t at = find_part(summary, key);
	return at < summary->part_count && str_same(summary->parts[at].key, key) ? summary->parts[at].people : NULL;
}

struct account_summary account_summary_copy(const struct account_summary *summary, struct arena *arena)
{
	struct account_summary copy = *summary;
	copy.part_room = copy.part_count;
	copy.parts = arena_array(arena, copy.part_count + 1, sizeof *copy.parts);
	memcpy(copy.parts, summary->parts ? summary->parts : copy.parts, copy.part_count * sizeof *copy.parts);
	copy.score_room = copy.score_count;
	copy.scores = arena_array(arena, copy.score_count + 1, sizeof *copy.scores);
	memcpy(copy.scores, summary->scores ? summary->scores : copy.scores, copy.score_count * sizeof *copy.scores);
	return copy;
}

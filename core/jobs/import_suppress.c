/* A list of those who must not be contacted, read from a file: one value a row, or the columns of postal addresses. The same list twice adds nothing, so
 * a run that goes on needs no more than how far it came. Of a file with one column the first line may be a value already.
 *
 * A number without country code is of the country that its row says, else of the one that the command names, else of the playbook's; without one it is refused.
 *
 * A competitor is a domain, on all channels, for that reason. */
#include "jobs/import_parts.h"
#include "model/suppress_value.h"
#include "model/value.h"
#include "playbook/current.h"
#include "playbook/playbook.h"

#include "store/suppress.h"

#include <stdlib.h>

static const struct {
	const char *kind, *stored, *channel, *reason;
} kinds[] = {
	{"email", "email", "*", "import"},     {"domain", "domain", "*", "import"}, {"phone", "phone", "*", "import"},
	{"address", "address", "letter", "import"}, {"competitor", "domain", "*", "competitor"},
};

bool import_suppress_kind(const char *name, struct import_suppress *out)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (strcmp(name, kinds[i].kind) != 0)
			continue;
		*out = (struct import_suppress){.name = kinds[i].kind, .kind = kinds[i].stored, .channel = kinds[i].channel, .reason = kinds[i].reason};
		return true;
	}
	return false;
}

/* ---- the columns ---- */

static int column_of(const struct csv_row *header, const char *name)
{
	for (size_t i = 0; i < header->count; i++)
		if (str_same_nocase(str_trim(header->cells[i]), str_of(name)))
			return (int)i;
	return -1;
}

/* A file of one column: its first line may be a value; and refused rows stand under a head that is found when they are imported again. */
static int bind_only_column(struct importing *run)
{
	struct import_suppress *list = &run->suppress;
	struct str value, *name = arena_array(run->arena, 1, sizeof *name);
	struct error not_used;
	list->column = 0;
	list->country = -1;
	list->first = run->header;
	*name = str_of(list->name);
	run->header.cells = name;
	return suppress_value_written(list->kind, list->first.cells[0], run->arena, &value, &not_used) == 0;
}

/* 1: the first line is a value already. */
int import_suppress_bind(struct importing *run)
{
	struct import_suppress *list = &run->suppress;
	struct value not_kept;
	const char *country = run->import->country;
	if (country && value_from_text(&model_lead_fields[LEAD_COUNTRY], str_of(country), run->arena, &not_kept, run->error))
		return -1;
	const char *wanted = run->import->column ? run->import->column : list->kind;
	list->column = column_of(&run->header, wanted);
	if (list->column < 0 && !run->import->column)
		list->column = column_of(&run->header, list->name);
	list->postal_code = column_of(&run->header, "postal_code");
	list->city = column_of(&run->header, "city");
	list->country = column_of(&run->header, "country");
	bool address = strcmp(list->kind, "address") == 0;
	if (list->column < 0 && run->header.count == 1 && !run->import->column && !address)
		return bind_only_column(run);
	if (list->column < 0)
		return error_set(run->error, ERROR_INVALID, "columns", "the file has no column \"%.80s\". Name it with --column.", wanted);
	if (address && list->postal_code < 0 && list->city < 0)
		return error_set(run->error, ERROR_INVALID, "columns", "a postal address needs the column postal_code, or city, beside \"%.80s\".", wanted);
	return 0;
}

/* ---- rows ---- */

static struct str cell(const struct csv_row *row, int column)
{
	return column < 0 ? STR("") : str_trim(row->cells[column]);
}

static int read_country(const struct importing *run, const struct csv_row *row, struct arena *arena, struct str *out, struct error *error)
{
	struct value country = {0};
	struct str text = cell(row, run->suppress.country);
	const struct playbook *playbook = playbook_current_get(run->playbook);
	*out = playbook ? str_of(playbook->country) : STR("");
	if (!text.n)
		text = str_of(run->import->country ? run->import->country : "");
	if (!text.n)
		return 0;
	if (value_from_text(&model_lead_fields[LEAD_COUNTRY], text, arena, &country, error))
		return -1;
	*out = country.text;
	return 0;
}

static int read_value(const struct importing *run, const struct csv_row *row, struct arena *arena, struct str *out, struct error *error)
{
	const struct import_suppress *list = &run->suppress;
	if (row->count != run->header.count)
		return error_set(error, ERROR_INVALID, "row", "it has %zu columns; the header has %zu.", row->count, run->header.count);
	struct str country;
	if (read_country(run, row, arena, &country, error) || suppress_value(list->kind, cell(row, list->column), country, arena, out, error))
		return -1;
	if (strcmp(list->kind, "address") != 0)
		return 0;
	struct str code = cell(row, list->postal_code), city = cell(row, list->city);
	if (!code.n && !city.n)
		return error_set(error, ERROR_INVALID, "address", "it has neither a postal code nor a town.");
	*out = str_of(suppress_address(arena, *out, code, city));
	return 0;
}

static void add_value(const struct importing *run, struct import_group *group, const struct csv_row *row)
{
	struct error why = {0};
	if (row->broken)
		import_refuse(group, row, "row", row->broken);
	else if (read_value(run, row, group->arena, &group->values[group->count], &why))
		import_refuse(group, row, why.where, why.message);
	else
		group->count++;
}

static int read_group(struct importing *run, struct import_group *group)
{
	struct csv_row row;
	int got = 1;
	arena_reset(group->arena);
	group->count = group->refused_count = 0;
	if (import_read_now(run))
		return -1;
	if (!group->values)
		group->values = arena_array(run->arena, GROUP_ROWS, sizeof *group->values);
	if (run->first_is_value && run->rows == 0 && run->rows++ == run->result->resumed)
		add_value(run, group, &run->suppress.first);
	else
		got = import_skip_settled(run, group->arena);
	while (got == 1 && group->count + group->refused_count < GROUP_ROWS && (got = csv_next(run->reader, group->arena, &row, run->error)) == 1) {
		run->rows++;
		add_value(run, group, &row);
	}
	group->last = run->rows;
	run->result->rows = run->rows - run->result->resumed;
	return got;
}

static int take(struct importing *run, struct import_group *group)
{
	struct suppress list = {.kind = run->suppress.kind, .values = group->values, .count = group->count, .channel = run->suppress.channel, .reason = run->suppress.reason,
				.now = run->now, .fn = import_on_done};
	struct import_reply answer;
	int tries = 0, result;
	do {
		answer = (struct import_reply){0};
		list.arg = &answer;
		store_suppress(run->bulk, &list);
		result = import_wait_for(run, &answer);
	} while (result && import_again(run, &tries));
	run->result->created += list.added;
	run->result->known += (int64_t)group->count - list.added;
	run->result->stopped += list.cancelled;
	return result;
}

int import_suppress_all(struct importing *run)
{
	int got = 1;
	struct import_group *group = &run->groups[0];
	while (got == 1 && !run->result->cancelled) {
		got = read_group(run, group);
		if (got < 0 || (group->count && take(run, group)) || import_write_refused(run, group) || import_say_progress(run, group))
			return -1;
	}
	return 0;
}

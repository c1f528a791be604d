/* nurture simulate: what a campaign will do with a lead in the coming weeks, by the code of the turn, with nothing sent and nothing written. The same
 * question as POST /v1/playbook/simulate, made of options. */
#include "cli/playbook.h"

#include "store/batch.h"
#include "turn/simulate.h"

#include <stdlib.h>

struct simulating {
	struct cli *cli;
	struct cli_playbook playbook;
	struct batch *batch;      /* of a real lead */
	json_t *asked;
	struct simulate_ask ask;
	struct simulation result;
};

/* ---- what is asked ---- */

/* name=value; -1 after it said what is missing. */
static int split(const char *option, const char *given, json_t *into, bool list)
{
	struct str value = str_of(given), name = str_cut(&value, '=');
	char *key = strndup(name.p, name.n);
	json_t *text = value.p ? json_stringn(value.p, value.n) : NULL, *old = json_object_get(into, key);
	if (!text || !name.n)
		fprintf(stderr, "nurture simulate: %s %s: write name=value.\n", option, given);
	else if (list && old)
		json_array_append(old, text);
	else
		json_object_set_new(into, key, list ? json_pack("[O]", text) : json_incref(text));
	free(key);
	json_decref(text);
	return text && name.n ? 0 : -1;
}

static int take_fields(struct cli *cli, json_t *fields)
{
	const char *given, *country = cli_option(cli, "--country");
	json_t *account = json_object();
	int status = 0;
	if (country)
		json_object_set_new(fields, "country", json_string(country));
	for (int i = 0; status == 0 && (given = cli_option_at(cli, "--field", i)); i++)
		status = strncmp(given, "account.", 8) == 0 ? split("--field", given + 8, account, false) : split("--field", given, fields, false);
	if (json_object_size(account))
		json_object_set(fields, "account", account);
	json_decref(account);
	if (status == 0 && country && strcmp(country, json_string_value(json_object_get(fields, "country"))) != 0) {
		fprintf(stderr, "nurture simulate: --country %s and --field country=%s: say one of them.\n", country, json_string_value(json_object_get(fields, "country")));
		status = -1;
	}
	return status;
}

/* Somebody whom every channel could reach, with consent of its own to all (choose_lead) unless a country is said, whose law is asked then; what --field says
 * goes before. */
static void invent(json_t *fields)
{
	static const struct { const char *name, *value; } usual[] = {
		{"email", "invented@example.com"}, {"first_name", "Iris"},        {"last_name", "Invented"},
		{"phone", "+12025550100"},         {"address", "1 Example Street"}, {"city", "Example"}};
	for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
		if (!json_object_get(fields, usual[i].name))
			json_object_set_new(fields, usual[i].name, json_string(usual[i].value));
}

/* A real one, or one that is invented, never both. */
static int choose_lead(struct cli *cli, json_t *fields, json_t *events)
{
	bool real = cli_option(cli, "--lead"), invented = cli_option(cli, "--invent") || json_object_size(fields);
	if (real && invented)
		fprintf(stderr, "nurture simulate: --lead is a real lead; --invent, --country and --field make one up. Say one or the other.\n");
	else if (!real && !invented)
		fprintf(stderr, "nurture simulate: which lead? Say --lead LEAD, or invent one: --invent, --country DE, --field role=executive …\n");
	if (real == invented)
		return -1;
	if (cli_option(cli, "--invent") && !json_object_get(fields, "country"))
		json_array_insert_new(events, 0, json_string("day 1 consent.confirm"));
	if (invented)
		invent(fields);
	return 0;
}

static int read_asked(struct cli *cli, json_t *asked)
{
	json_t *fields = json_object(), *answers = json_object(), *events = json_array();
	const char *given, *days = cli_option(cli, "--days");
	int64_t n;
	json_object_set_new(asked, "campaign", json_string(cli->args[0]));
	json_object_set_new(asked, "fields", fields);
	json_object_set_new(asked, "answers", answers);
	json_object_set_new(asked, "events", events);
	if (days && cli_number("--days", days, 1, SIMULATE_DAYS_MOST, &n))
		return -1;
	if (days)
		json_object_set_new(asked, "days", json_integer(n));
	for (int i = 0; (given = cli_option_at(cli, "--event", i)); i++)
		json_array_append_new(events, json_string(given));
	for (int i = 0; (given = cli_option_at(cli, "--answer", i)); i++)
		if (split("--answer", given, answers, true))
			return -1;
	if (take_fields(cli, fields))
		return -1;
	return choose_lead(cli, fields, events);
}

/* ---- the lead ---- */

/* text NULL: it is invented, and only what holds for everybody is asked. */
static int load_lead(struct simulating *s, const char *text, moment_t now)
{
	if (cli_lead_facts(s->cli, s->playbook.playbook, text, now, &s->batch))
		return CLI_FAILED;
	if (text)
		s->ask.known = &s->batch->leads[0].facts;
	s->ask.splits = s->batch->splits;
	s->ask.split_count = s->batch->split_count;
	s->ask.pauses = s->batch->pauses;
	s->ask.pause_count = s->batch->pause_count;
	return CLI_DONE;
}

/* ---- the list ---- */

static void print_when(const struct simulation *result, moment_t at)
{
	static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	struct calendar_local l;
	calendar_local(at, result->zone, &l);
	printf("%s %04d-%02d-%02d %02d:%02d", days[l.weekday], l.year, l.month, l.day, l.hour, l.minute);
}

static const char *outcome_word(struct str outcome)
{
	static const struct { const char *state, *words; } words[] = {
		{"sent", "goes out"},       {"held", "HELD BACK"},  {"expired", "TOO LATE"}, {"rejected", "does not arrive"},
		{"cancelled", "taken back"}, {"planned", "planned"}};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (str_is(outcome, words[i].state))
			return words[i].words;
	return "";
}

static void print_contact(const struct simulation *result, const struct simulate_line *line)
{
	printf("%.*s \"", STR_ARG(line->what));
	cli_print_text(stdout, line->name);
	printf("\" %s", outcome_word(line->outcome));
	if (line->reason.n) {
		printf(": ");
		cli_print_text(stdout, line->reason);
	}
	if (line->answer.n)
		printf(" (answer: %.*s)", STR_ARG(line->answer));
	if (line->at > line->wished && line->put_off.n) {
		printf("; due ");
		print_when(result, line->wished);
		printf(", put off: %.*s", STR_ARG(line->put_off));
	}
	printf(". Step %.*s", STR_ARG(line->step));
	if (line->pass > 1)
		printf(", pass %d", line->pass);
	printf(": ");
}

/* Nobody said how that call ends: it is the usual way. */
static bool is_assumed(const struct simulate_ask *ask, const struct simulate_line *line)
{
	for (size_t i = 0; i < ask->answer_count; i++)
		if (str_same(ask->answers[i].step, line->step))
			return false;
	return str_is(line->what, "answer");
}

static void print_line(const struct simulating *s, const struct simulate_line *line)
{
	const struct simulation *result = &s->result;
	const char *campaign = s->ask.campaign->name;
	printf("day %3d  ", line->day);
	print_when(result, line->at);
	printf("  ");
	if (line->campaign.n && !str_is(line->campaign, campaign))
		printf("[%.*s] ", STR_ARG(line->campaign));
	if (line->name.n)
		print_contact(result, line);
	else
		printf("%.*s%s%.*s: ", STR_ARG(line->what), line->step.n ? ", step " : "", STR_ARG(line->step));
	cli_print_text(stdout, line->why);
	if (is_assumed(&s->ask, line))
		printf(" (assumed; --answer %.*s=… says how it ends)", STR_ARG(line->step));
	if (line->where.n)
		printf("  (%.*s)", STR_ARG(line->where));
	printf("\n");
}

static void print_stand(const struct simulation *result, const struct enrollment *e)
{
	if (e->state == ENROLLMENT_ENDED && e->ended_at < result->from)
		return;
	printf("campaign \"%.*s\": ", STR_ARG(e->campaign));
	if (e->state == ENROLLMENT_ENDED) {
		printf("left (%.*s)", STR_ARG(e->reason));
	} else if (e->holdout) {
		printf("held out: gets nothing, and is compared");
	} else {
		printf("stands on step \"%.*s\"%s%.*s", STR_ARG(e->step), e->state == ENROLLMENT_HELD ? ", held: " : "", STR_ARG(e->reason));
		if (e->due_at != MOMENT_NEVER && e->state == ENROLLMENT_ACTIVE) {
			printf(", due ");
			print_when(result, e->due_at);
		}
	}
	printf("\n");
}

static void print_notes(const struct simulating *s)
{
	json_t *notes = turn_simulate_notes(&s->ask, &s->result), *note;
	size_t i;
	json_array_foreach(notes, i, note) {
		printf("note: ");
		cli_print_text(stdout, str_of(json_string_value(note)));
		printf("\n");
	}
	json_decref(notes);
}

static void print(const struct simulating *s)
{
	const struct simulation *result = &s->result;
	printf("%s, by %s, %d days from ", s->ask.campaign->name, s->playbook.folder, s->ask.days);
	print_when(result, result->from);
	printf(" (%s), %s. Nothing is sent.\n\n", result->zone, s->ask.known ? "a real lead" : "an invented lead");
	for (size_t i = 0; i < result->count; i++)
		print_line(s, &result->lines[i]);
	printf("\n");
	for (size_t i = 0; i < result->enrollment_count; i++)
		print_stand(result, &result->enrollments[i]);
	for (size_t i = 0; i < result->error_count; i++)
		printf("failed: %s:%d: %s: %s\n", result->errors[i].at.file, result->errors[i].at.line, result->errors[i].context, result->errors[i].message);
	print_notes(s);
	if (result->cut_at) {
		printf("cut off at ");
		print_when(result, result->cut_at);
		printf(": the walk needs more than %d turns.\n", SIMULATE_TURNS);
	}
}

/* ---- the command ---- */

static int simulate(struct simulating *s)
{
	struct error error = {0};
	struct cli *cli = s->cli;
	const char *lead = cli_option(cli, "--lead"), *dir = cli_option(cli, "--playbook");
	moment_t now = real_now();
	if (lead || !dir ? cli_open(cli) || cli_now(cli, &now) : cli_playbook_config(cli))
		return CLI_FAILED;
	if (cli_playbook_load(cli, dir, &s->playbook))
		return CLI_FAILED;
	if (turn_simulate_read(s->playbook.playbook, s->asked, s->playbook.arena, &s->ask, &error) < 0)
		return cli_fail(&error);
	if ((lead || !dir) && load_lead(s, lead, now))
		return CLI_FAILED;
	s->ask.now = now;
	if (turn_simulate(s->playbook.playbook, &s->ask, s->playbook.arena, &s->result, &error) < 0)
		return cli_fail(&error);
	if (cli->json)
		return cli_print_json(turn_simulate_json(s->playbook.playbook, &s->ask, &s->result));
	print(s);
	return CLI_DONE;
}

static int run(struct cli *cli)
{
	struct simulating s = {.cli = cli, .asked = json_object()};
	int status = read_asked(cli, s.asked) ? CLI_WRONG_USAGE : simulate(&s);
	store_batch_free(s.batch);
	if (s.playbook.arena)
		cli_playbook_free(&s.playbook);
	json_decref(s.asked);
	return status;
}

extern const struct cli_command cli_simulate;
const struct cli_command cli_simulate = {
	.name = "simulate", .arguments = "CAMPAIGN",
	.summary = "What a campaign will do with a lead in the coming weeks: what would go out, why, and what is held back. Nothing is sent.",
	.more = "A real lead goes on from where it stands, with its history, consent, running campaigns and what its caps have used up; an invented one begins\n"
		"today. Whoever does not stand in CAMPAIGN is put into it by hand. Days and times are those of the lead's zone.\n\n"
		"  nurture simulate drip --lead ann@example.com --days 90\n"
		"  nurture simulate thirty-day-nurture --country DE --field role=executive --field account.employees=500 --event \"day 1 consent.confirm email\"\n"
		"  nurture simulate drip --invent --event \"day 6 9:30 asset.download kind=case-study\" --answer qualify=late",
	.options = {
		{"--lead", NULL, "LEAD", "a real one: an id, an e-mail address or an external id"},
		{"--invent", NULL, NULL, "an invented lead that every channel could reach (with --country: as far as its law lets, without consent of its own)"},
		{"--country", NULL, "CODE", "of an invented lead"},
		{"--field", NULL, "NAME=VALUE", "of an invented lead (account.NAME=VALUE: of its account); many"},
		{"--answer", NULL, "STEP=ANSWER", "how the contact of a step ends, or which way of its split is drawn; many: one for each time, the last for all further"},
		{"--event", NULL, "TEXT", "\"day N [HH:MM] VERB [SUBJECT] [key=value …]\": what happens meanwhile; many"},
		{"--days", NULL, "N", "how many: 1 to 3660 (60)"},
		{"--playbook", NULL, "DIR", "by the playbook in this folder (else the active one)"},
	},
	.many = "--field --answer --event", .least = 1, .most = 1, .json = true, .plugins = true, .run = run,
};

/* What a model of 50 rules costs a lead: rules of the sample's kinds (windows, fades, globs, lists, absence, choices, groups, functions of
 * Lua) over 20 events of history, loaded from Lua as a server does. Figures only; the aim is 30 µs of Lua and C a lead. */
#include "base/buf.h"
#include "turn/inside.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { PASSES = 5, ROUNDS = 4000, EVENTS = 20 };

static const char head[] =
	"playbook \"x\" { title = \"X\", time_zone = \"Europe/Berlin\" }\n"
	"field \"timing\" { type = \"choice\", choices = { \"now\", \"six_months\", \"later\" } }\n"
	"field \"budget\" { type = \"choice\", choices = { \"exists\", \"requested\", \"building\" } }\n"
	"field \"visits\" { type = \"number\" }\nfield \"industry\" { type = \"text\", of = \"account\" }\nfield \"employees\" { type = \"number\", of = \"account\" }\n"
	"asset \"security-guide\" { title = \"A\", kind = \"white-paper\", topic = \"security\", url = \"https://example.com/a\" }\n"
	"asset \"bank-case\" { title = \"B\", kind = \"case-study\", topic = \"finance\", url = \"https://example.com/b\" }\n"
	"asset \"price-list\" { title = \"C\", kind = \"guide\", topic = \"prices\", url = \"https://example.com/c\" }\n";

static const char *const rules[] = {
	/* who they are */
	"account { industry = { \"finance\", \"health\", \"insurance\" } }, points = 30", "account { employees = at_least(200) }, points = 25",
	"account { employees = between(50, 199) }, points = 10", "lead { role = { \"executive\", \"champion\", \"purchaser\" } }, points = 30",
	"lead { phone = known }, points = 15", "lead { country = { \"DE\", \"AT\", \"CH\", \"FR\", \"IT\" } }, points = 5", "lead { title = \"*security*\" }, points = 15",
	"lead { title = \"Head of*\" }, points = 10", "lead { email = \"*@gmail.com\" }, points = -20", "lead { source = { \"referral\", \"association\" }, phone = known }, points = 5",
	/* what they do */
	"on \"asset.download\" { kind = \"white-paper\" }, points = 10, each = \"subject\", max = 30, fades = \"by half every 30 days\"",
	"on \"asset.download\" { kind = \"case-study\" }, points = 15, each = \"subject\", max = 30, fades = \"by half every 60 days\"",
	"on \"asset.download\" { topic = \"security\" }, points = 3, each = \"time\", max = 15", "on \"asset.download\" { topic = \"finance\" }, points = 3, each = \"time\", max = 15",
	"on \"asset.download\" { subject = \"*-case\", within = \"90 days\" }, points = 5", "on \"asset.download\" { at_least = 3, within = \"30 days\" }, points = 10",
	"on \"page.view\" { subject = \"/pricing*\", at_least = 2, within = \"7 days\" }, points = 20", "on \"page.view\" { subject = \"/docs/*\" }, points = 1, each = \"time\", max = 10",
	"on \"page.view\" { subject = \"/blog/*\" }, points = 1, each = \"day\", max = 10", "on \"page.view\" { subject = \"/careers*\" }, points = -10",
	"on \"page.view\" { within = \"7 days\" }, points = 5", "on \"page.view\" { subject = { \"/contact\", \"/demo*\" } }, points = 10, fades = \"by half every 14 days\"",
	"on \"webinar.attend\" { value = at_least(20) }, points = 20, fades = \"by half every 60 days\"", "on \"webinar.attend\", points = 1, each = 10, max = 12",
	"on \"webinar.attend\" { subject = \"zero-trust*\" }, points = 5", "on \"email.click\" { within = \"30 days\" }, points = 5", "on \"email.click\", points = 2, each = \"time\", max = 10",
	"on \"email.click\" { at_least = 3 }, points = 5", "on \"form.submit\" { subject = \"contact\" }, points = 25, fades = \"by half every 90 days\"",
	"on \"form.submit\" { data = { topic = \"price*\" } }, points = 10", "on \"form.submit\" { within = \"30 days\" }, points = 10", "none \"*\" { within = \"90 days\" }, points = -20",
	"none \"email.click\" { within = \"60 days\" }, points = -5", "none \"page.view\" { within = \"30 days\" }, points = -5", "on \"*\" { within = \"30 days\", at_least = 10 }, points = 10",
	"on \"*\", points = 1, each = \"day\", max = 20",
	/* choices, groups, functions */
	"points = choose \"timing\" { now = 3, six_months = 2, later = 1, otherwise = 0 }", "points = choose \"budget\" { exists = 3, requested = 2, building = 1, otherwise = 0 }",
	"points = choose \"source\" { referral = 3, association = 2, otherwise = 1 }", "any { on \"page.view\" { subject = \"/pricing*\" }, on \"form.submit\" { subject = \"demo\" } }, points = 5",
	"all { lead { country = \"DE\" }, on \"asset.download\" { within = \"90 days\" } }, points = 5", "lead { phone = known }, none { on \"form.submit\" { within = \"7 days\" } }, points = 2",
	"any { lead { visits = at_least(10) }, lead { visits = between(3, 9), phone = known } }, points = 4", "lead { visits = at_least(20) }, points = 3",
	"lead { language = \"en\" }, points = 1", "lead { company = known }, points = 1",
	"points = function(lead) return lead.country == \"DE\" and 3 or 1 end", "points = function(lead) if lead.visits and lead.visits > 20 then return 10 end return 0 end",
	"points = function(lead) local s = (lead.title or \"\"):lower() if s:contains(\"security\") then return 5 end return 0 end",
	"function(lead) for i, c in ipairs({ \"DE\", \"AT\", \"CH\" }) do if lead.country == c then return true end end return false end, points = 2",
};
enum { RULES = sizeof rules / sizeof *rules };

static struct playbook *load(size_t first, size_t count)
{
	struct buf text = {0};
	buf_printf(&text, "%smodel \"m\" { title = \"M\", from = 0, to = 1000,\n", head);
	for (size_t i = first; i < first + count; i++)
		buf_printf(&text, "  rule \"rule %zu\" { %s },\n", i, rules[i]);
	buf_printf(&text, count ? "}\n" : "  rule \"one\" { points = 1 },\n}\n"); /* a model needs one */
	struct playbook_file file = {"playbook.lua", {text.p, text.n}};
	struct problems problems = {.arena = arena_new()};
	struct playbook_site site = {.now = mono_now, .bell = &bell_of_thread};
	struct playbook *playbook = playbook_load(&(struct playbook_files){.files = &file, .count = 1}, &site, &problems);
	if (!playbook) {
		fputs(problems_text(&problems), stderr);
		exit(1);
	}
	arena_free(problems.arena);
	buf_fini(&text);
	return playbook;
}

static const moment_t NOW = INT64_C(1800000000) * 1000000;

static struct str packed_history(struct arena *arena)
{
	static const struct {
		const char *verb, *subject, *data;
		double value;
	} seen[] = {
		{"page.view", "/pricing/eu", "", 0}, {"page.view", "/blog/what-is-zero-trust", "", 0}, {"asset.download", "security-guide", "", 0}, {"email.click", "thanks", "", 0},
		{"page.view", "/docs/install", "", 0}, {"webinar.attend", "zero-trust-live", "", 35}, {"asset.download", "bank-case", "", 0},
		{"form.submit", "contact", "{\"topic\": \"prices\", \"message\": \"Please call me.\"}", 0}, {"page.view", "/", "", 0}, {"email.click", "benefits", "", 0},
	};
	struct history history = {.seen_at = NOW - MOMENT_DAY};
	for (int i = 0; i < EVENTS; i++) {
		size_t k = (size_t)i % (sizeof seen / sizeof *seen);
		struct event event = {.id = (int64_t)(i + 1) << 6, .at = NOW - (EVENTS - i) * 3 * MOMENT_DAY, .verb = str_of(seen[k].verb), .subject = str_of(seen[k].subject),
				      .value = seen[k].value, .has_value = seen[k].value > 0, .data = str_of(seen[k].data)};
		(void)history_add(&history, &event, arena);
	}
	return history_write(&history, arena);
}

static struct value text_value(const char *text)
{
	return (struct value){.type = VALUE_TEXT, .text = str_of(text)};
}

static double cpu_micros(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* Facts as the store gives them, but the history, which is read each time. */
static struct turn_facts make_facts(struct playbook *playbook, struct arena *keep)
{
	static char watch[1024];
	const struct schema *schema = &playbook->schema;
	struct account *account = arena_alloc(keep, sizeof *account);
	struct turn_facts facts = {.now = NOW, .watch = {watch, sizeof watch}};
	account->fields = arena_array(keep, schema->account_count, sizeof(struct value));
	account->fields[schema_account_slot(schema, STR("industry"))] = text_value("finance");
	account->fields[schema_account_slot(schema, STR("employees"))] = (struct value){.type = VALUE_NUMBER, .number = 300};
	facts.account = account;
	facts.lead = (struct lead){.id = 4711 << 6, .created_at = NOW - 100 * MOMENT_DAY, .fields = arena_array(keep, schema->lead_count, sizeof(struct value))};
	static const char *const texts[][2] = {{"email", "a@example.com"}, {"title", "Head of Information Security"}, {"country", "DE"}, {"phone", "+49 30 1234"},
					       {"company", "Example Bank"}, {"source", "referral"}, {"role", "champion"}, {"time_zone", "Europe/Berlin"},
					       {"timing", "now"}, {"budget", "exists"}};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		facts.lead.fields[schema_lead_slot(schema, str_of(texts[i][0]))] = text_value(texts[i][1]);
	facts.lead.fields[schema_lead_slot(schema, STR("visits"))] = (struct value){.type = VALUE_NUMBER, .number = 25};
	return facts;
}

/* The best of PASSES: what else the machine does only adds. whole = the turn with its history read and written, else only the rules. */
static double measure(struct playbook *playbook, struct str packed, bool whole, int *points)
{
	struct arena *arena = arena_new(), *keep = arena_new();
	struct turn_facts facts = make_facts(playbook, keep);
	double best = 1e9;
	for (int pass = 0; pass < PASSES; pass++) {
		double start = cpu_micros();
		for (int i = 0; i < ROUNDS; i++) {
			struct turn turn;
			struct turn_changes changes;
			struct turn_facts mine = facts;
			if (history_read(&mine.history, packed, arena, NULL) < 0)
				abort();
			if (whole) {
				if (turn_run(playbook, &mine, arena, &changes, NULL) < 0 || changes.error_count)
					abort();
				(void)history_write(&mine.history, arena);
				*points = changes.score_count ? changes.scores[0].points : 0;
			} else {
				turn_open(&turn, playbook, &mine, arena, &changes);
				(void)turn_score(&turn);
				*points = turn.points[0];
			}
			arena_reset(arena);
		}
		double each = (cpu_micros() - start) / ROUNDS;
		best = each < best ? each : best;
	}
	arena_free(arena);
	arena_free(keep);
	return best;
}

/* Each rule alone, to see which is dear. */
static void measure_each(struct str packed, double nothing)
{
	for (size_t i = 0; i < RULES; i++) {
		int points = 0;
		struct playbook *playbook = load(i, 1);
		double each = measure(playbook, packed, false, &points) - nothing;
		printf("  %6.2f us  %4d points  %s\n", each, points, rules[i]);
		playbook_free(playbook);
	}
}

int main(int argc, char *argv[])
{
	struct arena *keep = arena_new();
	struct str packed = packed_history(keep);
	int points = 0;
	struct playbook *playbook = load(0, RULES), *empty = load(0, 0);
	double nothing = measure(empty, packed, false, &points), all = measure(playbook, packed, false, &points);
	nothing = measure(empty, packed, false, &points);
	all = fmin(all, measure(playbook, packed, false, &points));
	printf("%d rules over %d events, giving %d points\n", (int)RULES, EVENTS, points);
	printf("  the rules, of C and Lua        %6.2f us a lead\n", all - nothing);
	printf("  history read, turn opened      %6.2f us\n", nothing);
	printf("  a whole turn of a rescore      %6.2f us\n", measure(playbook, packed, true, &points));
	if (argc > 1 && strcmp(argv[1], "each") == 0)
		measure_each(packed, nothing);
	playbook_free(playbook);
	playbook_free(empty);
	arena_free(keep);
	return 0;
}

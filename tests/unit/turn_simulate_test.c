/* Simulations: what they say is what the turns do, and every word that is not there is named. */
#include "turn/simulate.h"
#include "unit/turn_lua.h"

static const char basics[] =
	"playbook \"t\" { title = \"T\", time_zone = \"Europe/Berlin\", language = \"en\", postal_address = \"1 Example Street\" }\n"
	"consent \"email\" { purpose = \"marketing\", default = \"opt-out\", unknown = \"opt-in\", countries = { DE = \"double-opt-in\" } }\n"
	"hours \"email\" { days = \"Mon-Fri\", from = \"8:00\", to = \"18:00\" }\n"
	"cap \"email\" { at_most = 2, within = \"7 days\" }\n"
	"field \"timing\" { label = \"When\", type = \"choice\", choices = { \"now: right now\", \"later\" } }\n"
	"field \"industry\" { of = \"account\", label = \"Industry\", type = \"text\" }\n"
	"asset \"guide\" { kind = \"white-paper\", title = \"Guide\", url = \"https://example.com/guide\" }\n"
	"asset \"bank\" { kind = \"case-study\", title = \"Bank\", url = \"https://example.com/bank\" }\n"
	"campaign \"drip\" { title = \"Drip\", enter = on \"asset.download\" { kind = \"white-paper\" },\n"
	"  leave = any { stage \"customer\", withdrew \"email\" }, goal = on \"asset.download\" { kind = \"case-study\" }, again = \"always\",\n"
	"  step \"hello\" { day(1), email \"welcome\" },\n"
	"  step \"more\" { day(3), email \"more\", answers = { held = \"bye\", bounced = \"bye\" } },\n"
	"  step \"last\" { wait \"1 day\", when = lead { timing = \"now\" }, email \"last\", otherwise = \"bye\" },\n"
	"  step \"bye\" { leave \"too late\" },\n"
	"}\n"
	"campaign \"banks\" { title = \"Banks\", enter = \"by hand\", again = \"always\", holdout = \"50%\", step \"one\" { when = account { industry = \"bank\" }, email \"welcome\" } }\n"
	"verb \"demo.ask\" { by = \"lead\", fields = { \"plan\" } }\n";

static struct playbook *playbook;
static struct simulation result;
static struct simulate_ask ask;
static json_t *asked;

static void load(void)
{
	lua_file_count = 0;
	lua_file("playbook.lua", basics);
	lua_mail("welcome");
	lua_mail("more");
	lua_mail("last");
	playbook = lua_load();
}

static void finish(void)
{
	json_decref(asked);
	asked = NULL;
	playbook_free(playbook);
}

/* A Monday, ten o'clock in Berlin. */
static moment_t start(void)
{
	static const struct calendar_local monday = {.year = 2027, .month = 2, .day = 1, .hour = 10};
	return calendar_moment(&monday, "Europe/Berlin");
}

static int read_asked(const char *text, struct error *error)
{
	json_decref(asked); /* texts are borrowed from it until the next */
	asked = json_loads(text, 0, NULL);
	ck_assert_msg(asked != NULL, "%s", text);
	return turn_simulate_read(playbook, asked, lua_arena, &ask, error);
}

static void simulate(const char *text, const struct lead_facts *known, moment_t now)
{
	struct error error = {0};
	ck_assert_msg(read_asked(text, &error) == 0, "%s", error.message);
	ask.known = known;
	ask.now = now;
	ck_assert_msg(turn_simulate(playbook, &ask, lua_arena, &result, &error) == 0, "%s", error.message);
	for (size_t i = 1; i < result.count; i++)
		ck_assert(result.lines[i - 1].at <= result.lines[i].at);
}

/* "day what name outcome reason/why", a line each. */
static const char *told(void)
{
	struct buf text = {0};
	for (size_t i = 0; i < result.count; i++) {
		const struct simulate_line *line = &result.lines[i];
		buf_printf(&text, "%d %.*s", line->day, STR_ARG(line->what));
		if (line->name.n)
			buf_printf(&text, " %.*s %.*s", STR_ARG(line->name), STR_ARG(line->outcome));
		buf_printf(&text, "%s%.*s%s", line->reason.n ? " (" : "", STR_ARG(line->reason), line->reason.n ? ")" : "");
		buf_printf(&text, ": %.*s\n", STR_ARG(line->why));
	}
	const char *out = arena_dup(lua_arena, text.p ? text.p : "");
	buf_fini(&text);
	return out;
}

START_TEST(each_day_says_what_goes_out_and_why)
{
	load();
	simulate("{\"campaign\": \"drip\", \"fields\": {\"email\": \"a@example.com\", \"country\": \"US\"}}", NULL, start());
	ck_assert_str_eq(told(), "1 enter: by hand\n"
				 "1 email welcome sent: at once, on day 1\n"
				 "3 email more sent: on day 3\n"
				 "4 otherwise: when is not true: their timing is now\n"
				 "4 leave: too late\n");
	ck_assert_str_eq(result.lines[1].where.p, "playbook.lua:11");
	ck_assert_int_eq(result.lines[2].at, start() + 2 * MOMENT_DAY);
	ck_assert_uint_eq(result.enrollment_count, 1);
	ck_assert_int_eq(result.enrollments[0].state, ENROLLMENT_ENDED);
	finish();
}
END_TEST

START_TEST(the_gate_says_what_it_holds_back)
{
	load();
	simulate("{\"campaign\": \"drip\", \"fields\": {\"email\": \"a@example.de\", \"country\": \"DE\"}}", NULL, start());
	ck_assert_str_eq(told(), "1 enter: by hand\n"
				 "1 email welcome held (email: DE asks for double opt-in): at once, on day 1\n"
				 "3 email more held (email: DE asks for double opt-in): on day 3\n"
				 "3 leave: too late\n");
	simulate("{\"campaign\": \"drip\", \"fields\": {\"email\": \"a@example.de\", \"country\": \"DE\"}, \"events\": [\"day 2 consent.confirm email\"]}", NULL, start());
	ck_assert_ptr_nonnull(strstr(told(), "1 email welcome held (email: DE asks for double opt-in)"));
	ck_assert_ptr_nonnull(strstr(told(), "2 event: consent.confirm email, as you said\n3 email more sent: on day 3\n"));
	finish();
}
END_TEST

START_TEST(caps_and_hours_put_off_and_say_until_when)
{
	load();
	moment_t evening = start() + 12 * MOMENT_HOUR;
	simulate("{\"campaign\": \"drip\", \"fields\": {\"email\": \"a@example.com\", \"country\": \"US\", \"timing\": \"now\"}}", NULL, evening);
	ck_assert_str_eq(told(), "1 enter: by hand\n"
				 "2 email welcome sent: at once, on day 1\n"
				 "3 email more sent: on day 3\n"
				 "9 email last sent: 1 day after the step before, as their timing is now\n"
				 "9 leave: too late\n");
	ck_assert_int_eq(result.lines[1].wished, evening);
	ck_assert_int_eq(result.lines[1].at, start() + 22 * MOMENT_HOUR); /* eight in the morning */
	ck_assert(str_is(result.lines[1].put_off, "email: closed"));
	ck_assert(str_is(result.lines[3].put_off, "email: frequency cap"));
	ck_assert_int_eq(result.lines[3].at, result.lines[1].at + 7 * MOMENT_DAY);
	finish();
}
END_TEST

START_TEST(events_and_answers_try_other_ways)
{
	load();
	simulate("{\"campaign\": \"drip\", \"fields\": {\"email\": \"a@example.com\", \"country\": \"US\"}, \"answers\": {\"more\": \"bounced\"}, "
		 "\"events\": [\"day 2 14:30 asset.download kind=case-study\", \"day 4 11:00 opportunity.won\"]}", NULL, start());
	ck_assert_str_eq(told(), "1 enter: by hand\n"
				 "1 email welcome sent: at once, on day 1\n"
				 "2 event: asset.download bank, as you said\n"
				 "2 goal: the goal became true: they downloaded an asset of kind case-study\n"
				 "3 email more rejected (bounced): on day 3\n"
				 "3 leave: too late\n"
				 "4 event: opportunity.won, as you said\n");
	ck_assert_int_eq(result.lines[2].at, start() + MOMENT_DAY + 4 * MOMENT_HOUR + 30 * MOMENT_MINUTE);
	ck_assert(str_is(result.lines[4].answer, "bounced"));
	simulate("{\"campaign\": \"drip\", \"fields\": {\"email\": \"a@example.com\", \"country\": \"US\"}, \"events\": [\"day 2 lead.update timing=now\"]}", NULL, start());
	ck_assert_ptr_nonnull(strstr(told(), "email last sent"));
	simulate("{\"campaign\": \"drip\", \"fields\": {\"email\": \"a@example.com\", \"country\": \"US\"}, \"events\": [\"day 2 opportunity.won\"]}", NULL, start());
	ck_assert_ptr_nonnull(strstr(told(), "2 leave: the leave condition is true: their stage is customer or they took back consent for email\n"));
	ck_assert_ptr_null(strstr(told(), "more"));
	finish();
}
END_TEST

START_TEST(an_invented_lead_has_an_account_and_is_not_held_out)
{
	load();
	simulate("{\"campaign\": \"banks\", \"days\": 1, \"fields\": {\"email\": \"a@example.com\", \"country\": \"US\", \"account\": {\"industry\": \"bank\"}}}", NULL, start());
	ck_assert_str_eq(told(), "1 enter: by hand\n1 email welcome sent: at once, as their account's industry is bank\n1 leave: the last step is over\n");
	finish();
}
END_TEST

static const struct lead_facts *facts_of(const struct trial *trial)
{
	struct lead_facts *known = arena_alloc(lua_arena, sizeof *known);
	*known = (struct lead_facts){.lead = trial->lead, .sent = {"", 0}, .applied = {"", 0}, .packed = trial->packed, .scores = trial->scores,
		.score_count = trial->score_count, .enrollments = trial->enrollments, .enrollment_count = trial->enrollment_count,
		.consents = trial->consents, .consent_count = trial->consent_count, .suppressions = trial->suppressions,
		.suppression_count = trial->suppression_count, .touches = trial->touches, .touch_count = trial->touch_count};
	return known;
}

/* A lead in the middle of its walk, with its caps half used: what is said of it is what then comes, to the moment; and saying it changes nothing of it. */
START_TEST(what_is_said_of_a_real_lead_is_what_then_happens)
{
	struct error error = {0};
	struct trial trial;
	load();
	turn_trial_init(&trial, playbook, lua_arena, 64, start());
	trial.lead.fields[LEAD_EMAIL] = (struct value){.type = VALUE_TEXT, .text = STR("a@example.com")};
	trial.lead.fields[LEAD_COUNTRY] = (struct value){.type = VALUE_TEXT, .text = STR("US")};
	trial.lead.fields[schema_lead_slot(&playbook->schema, STR("timing"))] = (struct value){.type = VALUE_TEXT, .text = STR("now")};
	turn_trial_event(&trial, (struct event){.verb = STR("asset.download"), .subject = STR("guide"), .data = {"", 0}});
	ck_assert_int_eq(turn_trial_advance(&trial, start() + 2 * MOMENT_DAY + MOMENT_HOUR, &error), 0);
	ck_assert_uint_eq(trial.touch_count, 2);
	struct enrollment stood = trial.enrollments[0];
	simulate("{\"campaign\": \"drip\", \"days\": 20}", facts_of(&trial), trial.now);
	ck_assert(result.in_before);
	ck_assert_str_eq(told(), "6 email last sent: 1 day after the step before, as their timing is now\n6 leave: too late\n");
	ck_assert_mem_eq(&stood, &trial.enrollments[0], sizeof stood);
	ck_assert_uint_eq(trial.touch_count, 2);
	ck_assert_int_eq(turn_trial_advance(&trial, start() + 22 * MOMENT_DAY, &error), 0);
	ck_assert_uint_eq(trial.touch_count, 3);
	ck_assert_int_eq(trial.touches[2].over_at, result.lines[0].at);
	ck_assert_int_eq(trial.enrollments[0].ended_at, result.lines[1].at);
	finish();
}
END_TEST

START_TEST(of_a_paused_campaign_nothing_goes_out_and_the_pause_is_told)
{
	struct error error = {0};
	struct trial trial;
	load();
	turn_trial_init(&trial, playbook, lua_arena, 64, start());
	trial.lead.fields[LEAD_EMAIL] = (struct value){.type = VALUE_TEXT, .text = STR("a@example.com")};
	trial.lead.fields[LEAD_COUNTRY] = (struct value){.type = VALUE_TEXT, .text = STR("US")};
	turn_trial_event(&trial, (struct event){.verb = STR("asset.download"), .subject = STR("guide"), .data = {"", 0}});
	ck_assert_int_eq(turn_trial_advance(&trial, start() + MOMENT_DAY, &error), 0);
	struct lead_facts known = *facts_of(&trial);
	struct campaign_pause pauses[] = {{.campaign = STR("banks"), .paused_at = start()}, {.campaign = STR("drip"), .paused_at = start(), .resumed_at = start() + MOMENT_HOUR}};
	known.pauses = pauses, known.pause_count = 2;
	simulate("{\"campaign\": \"drip\"}", &known, trial.now);
	ck_assert_ptr_nonnull(strstr(told(), "2 email more sent"));
	ck_assert_ptr_null(strstr(told(), "paused"));
	pauses[1].resumed_at = 0;
	simulate("{\"campaign\": \"drip\"}", &known, trial.now);
	ck_assert_str_eq(told(), "1 paused: since 2027-02-01T09:00:00Z: nothing of it goes out until somebody resumes it\n");
	finish();
}
END_TEST

START_TEST(what_is_not_there_is_named_with_what_is)
{
	static const struct { const char *text, *field, *said; } wrong[] = {
		{"{\"campaign\": \"dripp\"}", "campaign", "there is no campaign \"dripp\". Did you mean \"drip\"?"},
		{"{}", "campaign", "which campaign?"},
		{"{\"campaign\": \"drip\", \"answers\": {\"mor\": \"held\"}}", "answers", "campaign \"drip\" has no step \"mor\". Did you mean \"more\"?"},
		{"{\"campaign\": \"drip\", \"answers\": {\"more\": \"hold\"}}", "answers", "the contact of step \"more\" cannot end with \"hold\". Did you mean \"held\"?"},
		{"{\"campaign\": \"drip\", \"answers\": {\"bye\": \"held\"}}", "answers", "step \"bye\" makes no contact"},
		{"{\"campaign\": \"drip\", \"events\": [\"day 6 asset.downlaod\"]}", "events", "there is no verb \"asset.downlaod\". Did you mean \"asset.download\"?"},
		{"{\"campaign\": \"drip\", \"events\": [\"day 6 asset.download giude\"]}", "events", "there is no asset \"giude\". Did you mean \"guide\"?"},
		{"{\"campaign\": \"drip\", \"events\": [\"day 6 asset.download kind=case-studdy\"]}", "events", "no asset has the kind \"case-studdy\". Did you mean \"case-study\"?"},
		{"{\"campaign\": \"drip\", \"events\": [\"day 6 touch.over\"]}", "events", "nobody but the server can tell \"touch.over\""},
		{"{\"campaign\": \"drip\", \"events\": [\"day 6 demo.ask plam=x\"]}", "events", "demo.ask has no \"plam\". Did you mean \"plan\"?"},
		{"{\"campaign\": \"drip\", \"events\": [\"6 asset.download\"]}", "events", "write day N"},
		{"{\"campaign\": \"drip\", \"events\": [\"day 99 asset.download guide\"]}", "events", "is after the last day (60)"},
		{"{\"campaign\": \"drip\", \"events\": [\"day 2 lead.update timing=nwo\"]}", "timing", "timing has no choice \"nwo\". Its choices are now, later."},
		{"{\"campaign\": \"drip\", \"days\": 0}", "days", "from 1 to 3660"},
		{"{\"campaign\": \"drip\", \"fields\": {\"timming\": \"now\"}}", "timming", "there is no field \"timming\". Did you mean \"timing\"?"},
		{"{\"campaign\": \"drip\", \"fields\": {\"account\": {\"industri\": \"x\"}}}", "industri", "there is no field \"industri\". Did you mean \"industry\"?"},
	};
	load();
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct error error = {0};
		ck_assert_msg(read_asked(wrong[i].text, &error) < 0, "%s", wrong[i].text);
		ck_assert_str_eq(error.where, wrong[i].field);
		ck_assert_msg(strstr(error.message, wrong[i].said) != NULL, "%s: %s", wrong[i].text, error.message);
	}
	finish();
}
END_TEST

static const char calls[] =
	"playbook \"t\" { time_zone = \"Europe/Berlin\" }\n"
	"consent \"email\" { purpose = \"marketing\", default = \"opt-out\", unknown = \"opt-out\" }\n"
	"person \"north\" { name = \"North\", email = \"north@example.com\" }\n"
	"script \"ask\" { question \"title\" { ask = \"What do you do?\" }, result \"yes\" { when = lead { title = known } }, result \"no\" {} }\n"
	"campaign \"c\" { enter = \"by hand\",\n"
	"  step \"call\" { day(1), call \"ask\", answers = { yes = \"sales\", nobody = retry { times = 2, every = \"1 day\" }, otherwise = leave \"no\" } },\n"
	"  step \"sales\" { handoff \"north\" { within = \"1 day\" }, answers = { returned = \"again\", accepted = leave \"with sales\", otherwise = leave \"late\" } },\n"
	"  step \"again\" { email \"welcome\" },\n"
	"}\n";

static void load_calls(void)
{
	static const struct playbook_channel channels[] = {{.name = "email", .kind = "email", .body = "markdown"}, {.name = "calls", .kind = "call", .body = "text"}};
	static const struct playbook_site site = {.channels = channels, .channel_count = 2, .postal_address = "1 Example Street", .bell = &bell_of_thread};
	lua_file_count = 0;
	lua_file("playbook.lua", calls);
	lua_file("templates/call/ask.md", "# title\nWhat do you do?\n");
	lua_mail("welcome");
	struct playbook_files files = {.files = lua_files, .count = lua_file_count};
	lua_problems = (struct problems){.arena = lua_arena};
	playbook = playbook_load(&files, &site, &lua_problems);
	ck_assert_msg(playbook != NULL, "%s", problems_text(&lua_problems));
}

/* Twice nobody, then a result, then sales gives it back: each time of a step has its answer. */
START_TEST(each_time_has_its_answer)
{
	load_calls();
	simulate("{\"campaign\": \"c\", \"fields\": {\"email\": \"a@example.com\", \"phone\": \"+12025550100\"},"
		 " \"answers\": {\"call\": [\"nobody\", \"nobody\", \"yes\"], \"sales\": \"returned\"}}", NULL, start());
	ck_assert_str_eq(told(), "1 enter: by hand\n"
				 "1 call ask sent: at once, on day 1\n1 answer: nobody\n1 retry: 1 of 2\n"
				 "2 call ask sent: at once, on day 1\n2 answer: nobody\n2 retry: 2 of 2\n"
				 "3 call ask sent: at once, on day 1\n3 answer: yes\n3 handoff: north\n3 alert handoff sent: at once\n3 answer: returned\n"
				 "3 email welcome sent: at once\n3 leave: the last step is over\n");
	ck_assert_int_eq(result.lines[7].pass, 3);
	simulate("{\"campaign\": \"c\", \"fields\": {\"email\": \"a@example.com\", \"phone\": \"+12025550100\"}, \"answers\": {\"call\": \"nobody\"}}", NULL, start());
	ck_assert_ptr_nonnull(strstr(told(), "3 retry: spent: 2 times\n"));
	finish();
}
END_TEST

static const char *notes(void)
{
	json_t *json = turn_simulate_notes(&ask, &result), *note;
	const char *out = "";
	size_t i;
	json_array_foreach(json, i, note)
		out = arena_printf(lua_arena, "%s%s\n", out, json_string_value(note));
	json_decref(json);
	return out;
}

START_TEST(what_was_asked_and_never_came_to_pass_is_told)
{
	load();
	simulate("{\"campaign\": \"drip\", \"fields\": {\"email\": \"a@example.de\", \"country\": \"DE\"}, \"answers\": {\"more\": \"bounced\", \"last\": \"late\"}, "
		 "\"events\": [\"day 3 asset.download kind=case-study\", \"day 5 opportunity.won\"]}", NULL, start());
	ck_assert_str_eq(notes(), "answer more=bounced was never used: its contact was held back: email: DE asks for double opt-in.\n"
				  "answer last=late was never used: the lead never came to that step.\n"
				  "event day 5 opportunity.won changed nothing here: the lead had left the campaign.\n");
	simulate("{\"campaign\": \"drip\", \"fields\": {\"email\": \"a@example.com\", \"country\": \"US\"}, \"answers\": {\"more\": [\"bounced\", \"held\"]}}", NULL, start());
	ck_assert_str_eq(notes(), "answer more=held was never used: its contact was not made so often.\n");
	simulate("{\"campaign\": \"drip\", \"days\": 1, \"fields\": {\"email\": \"a@example.com\", \"country\": \"US\"}, \"events\": [\"day 2 23:59 opportunity.won\"]}", NULL, start());
	ck_assert_str_eq(notes(), "event day 2 opportunity.won never happened: the days were over.\n");
	finish();
}
END_TEST

/* A walk that comes round each minute for ten years is cut off, and says where. */
static void load_split(void)
{
	lua_file_count = 0;
	lua_file("playbook.lua", "playbook \"t\" { time_zone = \"Europe/Berlin\" }\nconsent \"email\" { default = \"opt-out\", unknown = \"opt-out\" }\n"
				 "campaign \"ab\" { enter = \"by hand\", leave = withdrew \"email\",\n"
				 "  step \"offer\" { split { email \"welcome\", email \"more\", first = \"1%\", winner = on \"email.click\", after = \"2 days\" } },\n"
				 "  step \"thanks\" { split { go \"one\", go \"two\" } }, step \"one\" { leave \"by one\" }, step \"two\" { leave \"by two\" } }\n");
	lua_mail("welcome");
	lua_mail("more");
	playbook = lua_load();
}

#define IRIS "\"fields\": {\"email\": \"a@example.com\"}"

START_TEST(a_split_goes_the_way_that_was_asked_for)
{
	static const char *const ways[] = {"welcome", "more"}, *const then[] = {"one", "two"};
	struct error error = {0};
	load_split();
	for (int i = 0; i < 4; i++) {
		simulate(arena_printf(lua_arena, "{\"campaign\": \"ab\", \"answers\": {\"offer\": [\"%s\", \"bounced\"], \"thanks\": \"%s\"}, " IRIS "}", ways[i / 2], then[i % 2]), NULL, start());
		ck_assert_ptr_nonnull(strstr(told(), arena_printf(lua_arena, "1 as you said: %s\n1 email %s rejected", ways[i / 2], ways[i / 2])));
		ck_assert_ptr_nonnull(strstr(told(), arena_printf(lua_arena, "1 as you said: %s\n", then[i % 2])));
		ck_assert_ptr_nonnull(strstr(told(), arena_printf(lua_arena, "leave: by %s\n", then[i % 2])));
		ck_assert_str_eq(notes(), "");
	}
	ck_assert_int_lt(read_asked("{\"campaign\": \"ab\", \"answers\": {\"thanks\": \"tow\"}, " IRIS "}", &error), 0);
	ck_assert_str_eq(error.message, "the split of step \"thanks\" has no way \"tow\". Did you mean \"two\"? There are: one, two.");
	ck_assert_int_lt(read_asked("{\"campaign\": \"ab\", \"answers\": {\"offer\": \"moore\"}, " IRIS "}", &error), 0);
	ck_assert_str_eq(error.message, "the split of step \"offer\" has no way, and its contact no end, \"moore\". Did you mean \"more\"? There are: welcome, more, bounced, late, held.");
	finish();
}
END_TEST

/* What was found is in the database, not in the playbook: an invented lead gets the winner as a real one would. */
START_TEST(an_invented_lead_gets_what_won_and_waits_while_its_campaign_is_paused)
{
	struct error error = {0};
	load_split();
	simulate("{\"campaign\": \"ab\", " IRIS "}", NULL, start());
	ck_assert_ptr_nonnull(strstr(told(), "1 waits: for the winner of the split\n"));
	const struct split_test won = {STR("ab"), STR("offer"), str_of(playbook->campaigns[0].steps[0].actions[0].split->words), start() - MOMENT_DAY, start() - MOMENT_DAY, STR("more")};
	const struct campaign_pause pause = {.campaign = STR("ab"), .paused_at = start() - MOMENT_DAY};
	ck_assert_int_eq(read_asked("{\"campaign\": \"ab\", " IRIS "}", &error), 0);
	ask.now = start();
	ask.splits = &won;
	ask.split_count = 1;
	ck_assert_int_eq(turn_simulate(playbook, &ask, lua_arena, &result, &error), 0);
	ck_assert_ptr_nonnull(strstr(told(), "1 winner: more\n1 email more sent"));
	ask.pauses = &pause;
	ask.pause_count = 1;
	ck_assert_int_eq(turn_simulate(playbook, &ask, lua_arena, &result, &error), 0);
	ck_assert(strstr(told(), "1 paused: since ") && !strstr(told(), "email"));
	finish();
}
END_TEST

START_TEST(a_walk_without_end_is_cut_off)
{
	lua_file_count = 0;
	lua_file("playbook.lua", "playbook \"t\" { time_zone = \"Europe/Berlin\" }\ncampaign \"c\" { title = \"C\", enter = \"by hand\", step \"s\" { every \"1 minute\", stage \"engaged\" } }\n");
	playbook = lua_load();
	simulate("{\"campaign\": \"c\", \"days\": 3660, \"fields\": {\"email\": \"a@example.com\"}}", NULL, start());
	ck_assert(result.cut_at > start() && result.cut_at < start() + 5 * MOMENT_DAY);
	finish();
}
END_TEST

static bool third_time(void *arg)
{
	return ++*(int *)arg > 3;
}

/* Whoever runs it in a loop that others wait for gives it turns, memory and time; what was walked until then is told. */
START_TEST(a_walk_has_no_more_turns_memory_or_time_than_it_was_given)
{
	struct error error = {0};
	int asked_times = 0;
	lua_file_count = 0;
	lua_file("playbook.lua", "playbook \"t\" { time_zone = \"Europe/Berlin\" }\ncampaign \"c\" { title = \"C\", enter = \"by hand\", step \"s\" { every \"1 minute\", stage \"engaged\" } }\n");
	playbook = lua_load();
	ck_assert_int_eq(read_asked("{\"campaign\": \"c\", \"days\": 3660, \"fields\": {\"email\": \"a@example.com\"}}", &error), 0);
	const struct simulate_ask free_ask = ask;
	for (int i = 0; i < 3; i++) {
		struct arena *arena = arena_new();
		ask = free_ask;
		ask.now = start();
		ask.turns_most = i == 0 ? 10 : 0;
		ask.memory_most = i == 1 ? 1u << 20 : 0;
		ask.is_enough = i == 2 ? third_time : NULL;
		ask.arg = &asked_times;
		ck_assert_int_eq(turn_simulate(playbook, &ask, arena, &result, &error), 0);
		ck_assert(result.cut_at >= start() && result.cut_at < start() + MOMENT_DAY && result.count > 0);
		ck_assert(i != 1 || arena_used(arena) < 3u << 20);
		arena_free(arena);
	}
	ck_assert_int_eq(asked_times, 4);
	result = (struct simulation){0};
	finish();
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(each_day_says_what_goes_out_and_why),
	UNIT(the_gate_says_what_it_holds_back),
	UNIT(what_was_asked_and_never_came_to_pass_is_told),
	UNIT(caps_and_hours_put_off_and_say_until_when),
	UNIT(events_and_answers_try_other_ways),
	UNIT(an_invented_lead_has_an_account_and_is_not_held_out),
	UNIT(what_is_said_of_a_real_lead_is_what_then_happens),
	UNIT(of_a_paused_campaign_nothing_goes_out_and_the_pause_is_told),
	UNIT(what_is_not_there_is_named_with_what_is),
	UNIT(each_time_has_its_answer),
	UNIT(a_split_goes_the_way_that_was_asked_for),
	UNIT(an_invented_lead_gets_what_won_and_waits_while_its_campaign_is_paused),
	UNIT(a_walk_without_end_is_cut_off),
	UNIT(a_walk_has_no_more_turns_memory_or_time_than_it_was_given),
};
UNIT_MAIN("turn/simulate", cases)

/* A campaign read back in sentences, and drawn. */
#include "playbook/dot.h"
#include "playbook/read_back.h"
#include "unit/turn_lua.h"

static const char basics[] =
	"playbook \"t\" { time_zone = \"Europe/Berlin\" }\n"
	"field \"timing\" { label = \"When\", type = \"choice\", choices = { \"now: right now\", \"later\" } }\n"
	"field \"employees\" { of = \"account\", label = \"Employees\", type = \"number\" }\n"
	"asset \"guide\" { kind = \"white-paper\", title = \"Guide\", url = \"https://example.com/guide\" }\n"
	"person \"north\" { name = \"North\", email = \"north@example.com\" }\n"
	"disposition \"voicemail\" { means = \"nobody\" }\n"
	"segment \"big\" { who = account { employees = at_least(200) } }\n"
	"script \"qualify\" { question \"timing\" { ask = \"When?\" }, result \"now\" { when = lead { timing = \"now\" } }, result \"later\" {} }\n"
	"campaign \"drip\" { title = \"The \\\"drip\\\" \\\\ flow\", priority = \"low\", holdout = \"10%\", existing = true, again = \"after 90 days\",\n"
	"  enter = all { segment \"big\", none \"asset.download\" { subject = \"guide\", within = \"7 days\" } },\n"
	"  leave = any { stage { \"accepted\", \"customer\" }, withdrew \"email\" }, goal = on \"asset.download\" { kind = \"white-paper\", at_least = 2 }, at_goal = \"thanks\",\n"
	"  step \"hello\" { day(3), when = lead { country = { \"DE\", \"AT\" }, phone = known }, email \"welcome\", otherwise = \"call\" },\n"
	"  step \"call\" { wait \"2 business days\", call \"qualify\" { within = \"1 day\" }, answers = { now = \"to-sales\", otherwise = leave \"no\",\n"
	"                  nobody = retry { times = 3, every = \"1 day\", other_time = true, otherwise = \"monthly\" } } },\n"
	"  step \"to-sales\" { handoff \"north\" { within = \"4 business hours\" }, leave \"with sales\" },\n"
	"  step \"monthly\" { every \"1 month\" { times = 3 }, email \"news\" { hours = \"any\" } },\n"
	"  step \"by-timing\" { choose \"timing\" { now = \"to-sales\", otherwise = leave \"done\" } },\n"
	"  step \"thanks\" { function(lead) return leave \"thanked\" end },\n"
	"}\n";

static const char sentences[] =
	"campaign \"drip\": The \"drip\" \\ flow  (playbook.lua:9)\n\n"
	"Leads enter when it becomes so that they are in segment \"big\" and it is not so that they downloaded guide within 7 days (and the 12,480 of whom it is so now)."
	" Who has left may enter again after 90 days. They leave, wherever they stand, when their stage is accepted or customer or they took back consent for email."
	" The goal is reached when they downloaded an asset of kind white-paper at least 2 times; then they go to \"thanks\"."
	" 10% of them are held out: they get nothing, and are compared (7 now). Where a cap lets only one campaign through, this one goes last. 1,234,567 stand in it now.\n\n"
	"1. \"hello\" (5 here now)  (playbook.lua:12)\n"
	"   On day 3, if their country is DE or AT and their phone is known, they get the e-mail \"welcome\". They go on to \"call\". If it is not so, they go to \"call\".\n"
	"2. \"call\" (0 here now)  (playbook.lua:13)\n"
	"   2 business days after the step before, they get the call \"qualify\" within 1 day. Then: if it ends with \"nobody\" there again, 3 times, 1 day later in the other"
	" half of the day, then to \"monthly\"; if it ends with \"now\" to \"to-sales\"; all else out (no). The call ends with \"now\" when their timing is now; \"later\" for all others."
	" They go on to \"to-sales\".\n"
	"3. \"to-sales\" (0 here now)  (playbook.lua:15)\n"
	"   At once, they are handed to \"north\", who has 4 business hours, they leave (with sales).\n"
	"4. \"monthly\" (0 here now)  (playbook.lua:16)\n"
	"   Every 1 month, 3 times, they get the e-mail \"news\" at any hour. They come back here until it has been so often, then go on to \"by-timing\".\n"
	"5. \"by-timing\" (0 here now)  (playbook.lua:17)\n"
	"   At once, they go by their timing: now to \"to-sales\", otherwise out (done).\n"
	"6. \"thanks\" (0 here now)  (playbook.lua:18)\n"
	"   At once, the function at playbook.lua:18 decides. They go out: their walk is over.\n";

/* What changes what comes, and when, and is easily overlooked. */
static const char late[] =
	"campaign \"late\" { enter = \"by hand\", leave = withdrew \"email\", late = \"spread\", once_per = \"account\", holdout = \"10%\",\n"
	"  step \"hello\" { email \"welcome\" },\n"
	"  step \"wait\" { wait_for { on \"email.click\", within = \"5 days\", since = \"step\" }, late = \"now\", set { timing = \"later\" }, otherwise = \"read\" },\n"
	"  step \"read\" { before(\"1 day\", \"live\"), late = \"skip\", email \"offer\" { offer = \"next\", start = \"guide\" }, otherwise = \"end\" },\n"
	"  step \"end\" { when = lead { country = \"DE\" }, email \"offer\" { offer = \"next\", start = \"guide\" }, leave \"end\", otherwise = \"out\" },\n"
	"  step \"out\" { leave \"out\" },\n"
	"}\n"
	"asset \"live\" { kind = \"webinar\", title = \"Live\", at = \"2027-03-18 15:00 Europe/Berlin\" }\n";
static const char *const late_sentences[] = {
	" Nobody enters twice. Of the people of one account only one is in it at a time: the first. None of the others enters after that.",
	" 10% of the accounts are held out: they get nothing, and are compared",
	" Where no step says otherwise, what comes too late is done within a day.\n"
	"It is paused since 2027-01-02: nobody in it goes on, and nothing of it is sent, until it is resumed (nurture campaign resume late).\n"
	"2 in it are paused by themselves (nurture campaign resume late --lead LEAD).\n",
	", counted from coming here, at most 5 days, \"timing\" is set to later. They go on to \"read\". If it does not come in time, they go to \"read\". If its moment is over, it is done all the same.\n",
	"   1 day before live, they get the e-mail \"offer\" with the next asset that they have not had, from \"guide\" on. They go on to \"end\"."
	" When nothing is left to offer, they go to \"end\". If its moment is over, it is left out.\n",
	"they leave (end). If it is not so, or nothing is left to offer, they go to \"out\".\n"};

START_TEST(what_is_late_counted_offered_set_and_paused_is_read_back_too)
{
	lua_file_count = 0;
	lua_file("playbook.lua", basics);
	lua_mail("welcome");
	lua_mail("news");
	lua_file("templates/email/offer.md", "---\nsubject: Read\n---\n[{{ offer.title }}]({{ offer.link }})\n");
	lua_file("templates/call/qualify.md", "# timing\nWhen?\n");
	lua_file("campaigns/late.lua", late);
	struct playbook *playbook = lua_load();
	struct buf text = {0};
	struct read_back_numbers numbers = {.enter_now = -1, .paused_at = "2027-01-02", .paused = 2};
	playbook_read_back(playbook, playbook_campaign(playbook, STR("late")), &numbers, &text);
	for (size_t i = 0; i < sizeof late_sentences / sizeof *late_sentences; i++)
		ck_assert_msg(strstr(text.p, late_sentences[i]), "%s\nis not in\n%s", late_sentences[i], text.p);
	buf_fini(&text);
	playbook_free(playbook);
}
END_TEST

static struct playbook *load(void)
{
	lua_file_count = 0;
	lua_file("playbook.lua", basics);
	lua_mail("welcome");
	lua_mail("news");
	lua_file("templates/call/qualify.md", "# timing\nWhen?\n");
	return lua_load();
}

START_TEST(a_campaign_is_read_back_in_sentences_with_numbers)
{
	struct playbook *playbook = load();
	struct buf text = {0};
	int64_t on_step[6] = {5};
	struct read_back_numbers numbers = {.on_step = on_step, .in = 1234567, .held_out = 7, .enter_now = 12480};
	playbook_read_back(playbook, &playbook->campaigns[0], &numbers, &text);
	ck_assert_str_eq(text.p, sentences);
	buf_clear(&text);
	playbook_read_back(playbook, &playbook->campaigns[0], NULL, &text);
	ck_assert_ptr_nonnull(strstr(text.p, "within 7 days, and those of whom it is so already."));
	ck_assert_ptr_null(strstr(text.p, "now)"));
	buf_fini(&text);
	playbook_free(playbook);
}
END_TEST

static const char *const drawn[] = {
	"digraph \"drip\" {\n  label=\"The \\\"drip\\\" \\\\ flow\";\n",
	"  in -> s0;\n",
	"  goal -> s5;\n",
	"  s0 [label=\"hello\\non day 3\\nif their country is DE or AT and their phone is known\\nthey get the e-mail \\\"welcome\\\"\"];\n",
	"  s0 -> s1;\n  s0 -> s1 [label=\"otherwise\"];\n",
	"  s1 -> s1 [label=\"nobody: again\"];\n  s1 -> s3 [label=\"tried in vain\"];\n",
	"  s1 -> s2 [label=\"now\"];\n",
	"  s1 -> out [label=\"otherwise: no\"];\n",
	"  s2 -> out [label=\"with sales\"];\n",
	"  s3 -> s3 [label=\"again\"];\n  s3 -> s4;\n",
	"  s4 -> s2 [label=\"now\"];\n  s4 -> out [label=\"otherwise: done\"];\n",
	"  s5 -> out;\n  s5 -> f5 [style=dashed];\n",
	"  out [shape=doublecircle, label=\"\", width=0.2];\n}\n",
};

START_TEST(a_campaign_is_drawn_with_every_way)
{
	struct playbook *playbook = load();
	struct buf text = {0};
	bool quoted = false;
	playbook_dot(playbook, &playbook->campaigns[0], &text);
	for (size_t i = 0; i < sizeof drawn / sizeof *drawn; i++)
		ck_assert_msg(strstr(text.p, drawn[i]) != NULL, "%s is not in\n%s", drawn[i], text.p);
	for (size_t i = 0; i < text.n; i++) { /* texts are closed on their line: nothing breaks out */
		if (text.p[i] == '\\' && quoted)
			i++;
		else if (text.p[i] == '"')
			quoted = !quoted;
		ck_assert(!(text.p[i] == '\n' && quoted));
	}
	ck_assert(!quoted);
	if (system("command -v dot > /dev/null 2>&1") == 0) { /* where Graphviz is installed it judges */
		FILE *dot = popen("dot -Tcanon > /dev/null", "w");
		ck_assert_ptr_nonnull(dot);
		fwrite(text.p, 1, text.n, dot);
		ck_assert_int_eq(pclose(dot), 0);
	}
	buf_fini(&text);
	playbook_free(playbook);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(what_is_late_counted_offered_set_and_paused_is_read_back_too),UNIT(a_campaign_is_read_back_in_sentences_with_numbers), UNIT(a_campaign_is_drawn_with_every_way)};
UNIT_MAIN("playbook/read_back", cases)

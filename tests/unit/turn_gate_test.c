/* The gate: consent by country, suppression, caps, open hours, addresses. */
#include "unit/turn_hand.h"

static struct touch mail(void)
{
	return (struct touch){.kind = STR("email"), .channel = STR("email"), .purpose = STR("marketing"), .template_name = STR("x"), .state = TOUCH_PLANNED};
}

static struct turn_facts facts_of(const struct trial *t)
{
	struct turn_facts facts;
	ck_assert_int_eq(turn_trial_facts(t, &facts, NULL), 0);
	return facts;
}

static const char *asked(const struct playbook *p, const struct trial *t, struct touch touch)
{
	static struct gate_answer answer;
	struct turn_facts facts = facts_of(t);
	touch.due_at = touch.planned_at = facts.now;
	answer = turn_gate(p, &facts, &touch, false);
	return answer.verdict == GATE_HOLD ? answer.reason : answer.verdict == GATE_LATER ? "later" : "pass";
}

static struct playbook with_consent(void)
{
	static const __typeof__(*(struct consent_rule){0}.countries) countries[] = {{"DE", NEED_DOUBLE_OPT_IN}, {"AT", NEED_OPT_IN}};
	struct playbook p = hand_start();
	struct consent_rule *rule = HAND_COPY(struct consent_rule, .channel = "email", .purpose = "marketing", .standard = NEED_OPT_OUT, .unknown = NEED_OPT_IN);
	rule->countries = countries;
	rule->country_count = 2;
	p.consents = rule;
	p.consent_count = 1;
	return p;
}

static void country(struct trial *t, const char *code)
{
	t->lead.fields[LEAD_COUNTRY] = code ? (struct value){.type = VALUE_TEXT, .text = str_of(code)} : (struct value){0};
}

static void consent(struct trial *t, const char *verb, const char *data)
{
	t->now += MOMENT_SECOND;
	turn_trial_event(t, (struct event){.verb = str_of(verb), .data = str_of(data)});
}

START_TEST(the_law_of_the_leads_country_decides_what_is_asked)
{
	struct playbook p = with_consent();
	struct trial *t = hand_lead(&p);
	ck_assert_str_eq(asked(&p, t, mail()), "pass");
	country(t, "DE");
	ck_assert_str_eq(asked(&p, t, mail()), "email: DE asks for double opt-in");
	country(t, "AT");
	ck_assert_str_eq(asked(&p, t, mail()), "email: AT asks for opt-in");
	country(t, NULL);
	ck_assert_str_eq(asked(&p, t, mail()), "email: an unknown country asks for opt-in");
	consent(t, "consent.grant", "{\"channel\": \"email\"}");
	ck_assert_str_eq(asked(&p, t, mail()), "pass");
	country(t, "DE");
	ck_assert_str_eq(asked(&p, t, mail()), "email: DE asks for double opt-in");
	consent(t, "consent.confirm", "{\"channel\": \"email\"}");
	ck_assert_str_eq(asked(&p, t, mail()), "pass");
}
END_TEST

START_TEST(a_withdrawal_always_holds_and_a_later_consent_lifts_it)
{
	struct playbook p = with_consent();
	struct trial *t = hand_lead(&p);
	consent(t, "consent.withdraw", "{\"channel\": \"*\"}");
	ck_assert_str_eq(asked(&p, t, mail()), "email: consent was withdrawn");
	consent(t, "consent.grant", "{\"channel\": \"email\"}");
	ck_assert_str_eq(asked(&p, t, mail()), "pass");
	consent(t, "consent.withdraw", "{\"channel\": \"email\", \"purpose\": \"marketing\"}");
	ck_assert_str_eq(asked(&p, t, mail()), "email: consent was withdrawn");
	struct touch service = mail();
	service.purpose = STR("service");
	ck_assert_str_eq(asked(&p, t, service), "pass");
	consent(t, "consent.withdraw", "{\"channel\": \"email\", \"purpose\": \"*\"}");
	ck_assert_str_eq(asked(&p, t, service), "email: consent was withdrawn");
}
END_TEST

/* Nobody has shown that the mailbox is theirs: only the mail that asks goes, and only while nothing is taken back after it. */
START_TEST(who_has_left_and_asks_in_a_form_gets_the_mail_that_asks_back_and_nothing_else)
{
	struct playbook p = with_consent();
	struct trial *t = hand_lead(&p);
	struct touch confirm = mail(), call = mail();
	confirm.purpose = call.purpose = STR("confirm");
	call.kind = call.channel = STR("call");
	country(t, "US");
	consent(t, "consent.withdraw", "{\"channel\": \"*\", \"purpose\": \"*\"}");
	ck_assert_str_eq(asked(&p, t, confirm), "email: consent was withdrawn");
	consent(t, "consent.ask", "{\"channel\": \"email\"}");
	ck_assert_str_eq(asked(&p, t, confirm), "pass");
	ck_assert_str_eq(asked(&p, t, mail()), "email: consent was withdrawn");
	ck_assert_str_ne(asked(&p, t, call), "pass");
	consent(t, "suppression.add", "{\"channel\": \"email\", \"reason\": \"complained\"}");
	ck_assert_str_eq(asked(&p, t, confirm), "suppressed: complained");
	t->suppression_count = 0;
	consent(t, "consent.withdraw", "{\"channel\": \"email\", \"purpose\": \"*\"}");
	ck_assert_str_eq(asked(&p, t, confirm), "email: consent was withdrawn");
}
END_TEST

START_TEST(who_was_erased_and_asks_in_a_form_gets_the_mail_that_asks_back_and_nothing_else)
{
	struct playbook p = with_consent();
	struct trial *t = hand_lead(&p);
	struct touch confirm = mail();
	confirm.purpose = STR("confirm");
	country(t, "US");
	consent(t, "suppression.add", "{\"channel\": \"*\", \"reason\": \"erased\"}");
	consent(t, "consent.grant", "{\"channel\": \"email\"}");
	ck_assert_str_eq(asked(&p, t, confirm), "suppressed: erased");
	t->suppressions[0].asked = true;
	ck_assert_str_eq(asked(&p, t, confirm), "pass");
	ck_assert_str_eq(asked(&p, t, mail()), "suppressed: erased");
}
END_TEST

/* Its link would lead to a page that says there is nothing to confirm. */
START_TEST(a_confirmation_is_asked_for_only_where_one_is_waited_for)
{
	struct playbook p = with_consent();
	struct trial *t = hand_lead(&p);
	struct touch confirm = mail();
	confirm.purpose = STR("confirm");
	country(t, "DE");
	ck_assert_str_eq(asked(&p, t, confirm), "nothing to confirm"); /* filled in the form, did not tick the box */
	consent(t, "consent.grant", "{\"channel\": \"email\", \"purpose\": \"topic:news\"}");
	ck_assert_str_eq(asked(&p, t, confirm), "nothing to confirm"); /* a preference needs no second yes */
	consent(t, "consent.grant", "{\"channel\": \"call\"}");
	ck_assert_str_eq(asked(&p, t, confirm), "pass"); /* the page offers whatever is not confirmed */
	consent(t, "consent.withdraw", "{\"channel\": \"call\", \"purpose\": \"*\"}");
	ck_assert_str_eq(asked(&p, t, confirm), "nothing to confirm");
	consent(t, "consent.grant", "{\"channel\": \"email\"}");
	ck_assert_str_eq(asked(&p, t, confirm), "pass");
	consent(t, "consent.confirm", "{\"channel\": \"email\"}");
	ck_assert_str_eq(asked(&p, t, confirm), "nothing to confirm");
	consent(t, "consent.withdraw", "{\"channel\": \"email\"}");
	ck_assert_str_eq(asked(&p, t, confirm), "nothing to confirm");
	consent(t, "consent.ask", "{\"channel\": \"email\"}");
	ck_assert_str_eq(asked(&p, t, confirm), "pass");
}
END_TEST

/* Of a general and a special word the one recorded last counts, though the node that recorded it has a clock that is a year behind. */
START_TEST(the_last_word_is_the_one_recorded_last_whatever_the_clocks_say)
{
	struct playbook p = with_consent();
	struct trial *t = hand_lead(&p);
	consent(t, "consent.grant", "{\"channel\": \"email\"}");
	turn_trial_event(t, (struct event){.verb = STR("consent.withdraw"), .data = STR("{\"channel\": \"*\", \"purpose\": \"*\"}"), .at = t->now - 365 * MOMENT_DAY});
	ck_assert_str_eq(asked(&p, t, mail()), "email: consent was withdrawn");
	turn_trial_event(t, (struct event){.verb = STR("consent.grant"), .data = STR("{\"channel\": \"email\"}"), .at = t->now - 730 * MOMENT_DAY});
	ck_assert_str_eq(asked(&p, t, mail()), "pass");
}
END_TEST

START_TEST(what_can_never_go_is_held_with_its_reason)
{
	struct playbook p = hand_start();
	p.segments = HAND_COPY(struct segment, .name = "competitors", .never_contact = true);
	p.segment_count = 1;
	struct trial *t = hand_lead(&p);
	t->lead.fields[LEAD_EMAIL] = (struct value){0};
	ck_assert_str_eq(asked(&p, t, mail()), "no address");
	static const struct str segments[] = {{"competitors", 11}};
	t->lead.segments = segments;
	t->lead.segment_count = 1;
	ck_assert_str_eq(asked(&p, t, mail()), "segment \"competitors\" is never contacted");
	struct touch alert = mail();
	alert.purpose = STR("internal");
	ck_assert_str_eq(asked(&p, t, alert), "pass");
	turn_trial_event(t, (struct event){.verb = STR("suppression.add"), .data = STR("{\"channel\": \"*\", \"reason\": \"complaint\"}")});
	ck_assert_str_eq(asked(&p, t, mail()), "suppressed: complaint");
	hand_no_email = true;
	ck_assert_str_eq(asked(&p, t, mail()), "no channel");
	ck_assert_str_eq(asked(&p, t, alert), "no channel");
}
END_TEST

static void sent(struct trial *t, const char *when, const char *kind, const char *purpose, enum touch_state state)
{
	struct touch touch = mail();
	touch.id = (int64_t)(t->touch_count + 1) << 6;
	touch.kind = touch.channel = str_of(kind);
	touch.purpose = str_of(purpose);
	touch.state = state;
	touch.due_at = hand_at(when);
	*(struct touch *)arena_push(hand_life, &t->touches, t->touch_count++, &t->touch_room, sizeof touch) = touch;
}

static moment_t earliest(const struct playbook *p, const struct trial *t, struct touch touch)
{
	struct turn_facts facts = facts_of(t);
	touch.due_at = touch.planned_at = facts.now;
	struct gate_answer answer = turn_gate(p, &facts, &touch, false);
	ck_assert_int_ne(answer.verdict, GATE_HOLD);
	return answer.at;
}

START_TEST(a_cap_counts_what_went_and_what_is_planned_and_moves_to_the_first_free_moment)
{
	static const struct str except[] = {{"service", 7}};
	struct playbook p = hand_start();
	p.caps = HAND_COPY(struct cap, .channel = "email", .at_most = 2, .within = {7, DURATION_DAYS}, .except = except, .except_count = 1);
	p.cap_count = 1;
	struct trial *t = hand_lead(&p); /* Monday 1 February, 10:00 */
	sent(t, "2027-01-29 09:00", "email", "marketing", TOUCH_SENT);
	ck_assert_at(earliest(&p, t, mail()), "2027-02-01 10:00");
	sent(t, "2027-01-30 09:00", "email", "service", TOUCH_SENT);
	sent(t, "2027-01-30 10:00", "email", "marketing", TOUCH_HELD);
	sent(t, "2027-01-30 11:00", "call", "marketing", TOUCH_SENT);
	sent(t, "2027-01-30 12:00", "email", "internal", TOUCH_SENT);
	ck_assert_at(earliest(&p, t, mail()), "2027-02-01 10:00");
	sent(t, "2027-01-31 09:00", "email", "marketing", TOUCH_SENT);
	ck_assert_at(earliest(&p, t, mail()), "2027-02-05 09:00");
	sent(t, "2027-02-06 09:00", "email", "marketing", TOUCH_PLANNED); /* 31 January and 6 February leave no room until the 7th */
	ck_assert_at(earliest(&p, t, mail()), "2027-02-07 09:00");
	struct touch service = mail();
	service.purpose = STR("service");
	ck_assert_at(earliest(&p, t, service), "2027-02-01 10:00");
}
END_TEST

/* Whatever is planned in whatever order: no window of the cap ever holds more than it allows, and no earlier moment was free. */
START_TEST(no_window_ever_holds_more_than_the_cap_allows)
{
	uint64_t seed = 7;
	for (int round = 0; round < 300; round++) {
		struct playbook p = hand_start();
		p.caps = HAND_COPY(struct cap, .channel = "email", .at_most = round % 4 + 1, .within = {round % 5 + 1, DURATION_DAYS});
		p.cap_count = 1;
		int64_t w = (round % 5 + 1) * MOMENT_DAY;
		struct trial *t = hand_lead(&p);
		moment_t start = t->now;
		for (int i = 0; i < 14; i++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			t->now = start + (moment_t)(seed >> 33) % (20 * 24) * MOMENT_HOUR;
			moment_t at = earliest(&p, t, mail());
			sent(t, "2027-02-01 10:00", "email", "marketing", TOUCH_PLANNED);
			t->touches[t->touch_count - 1].due_at = at;
			ck_assert(at >= t->now);
			for (size_t k = 0; k < t->touch_count; k++) { /* windows that begin at each touch */
				int in = 0;
				for (size_t m = 0; m < t->touch_count; m++)
					in += t->touches[m].due_at >= t->touches[k].due_at && t->touches[m].due_at < t->touches[k].due_at + w;
				ck_assert_int_le(in, round % 4 + 1);
			}
		}
	}
}
END_TEST

START_TEST(the_cap_of_all_channels_counts_them_together)
{
	struct playbook p = hand_start();
	p.caps = HAND_COPY(struct cap, .channel = "*", .at_most = 1, .within = {2, DURATION_DAYS});
	p.cap_count = 1;
	struct trial *t = hand_lead(&p);
	sent(t, "2027-02-01 09:00", "call", "marketing", TOUCH_QUEUED);
	ck_assert_at(earliest(&p, t, mail()), "2027-02-03 09:00");
}
END_TEST

START_TEST(hours_are_the_leads_own_by_country_and_zone)
{
	__typeof__(*(struct hours){0}.countries) *france = arena_alloc((struct arena *)hand_arena, sizeof *france);
	struct playbook p = hand_start();
	struct hours *hours = HAND_COPY(struct hours, .name = "email");
	ck_assert_int_eq(calendar_hours_parse(STR("Mon-Fri"), STR("8:00"), STR("18:00"), &hours->open, NULL), 0);
	memcpy((void *)france->country, "FR", 3);
	ck_assert_int_eq(calendar_hours_parse(STR("Mon-Fri 14:00-20:00"), STR(""), STR(""), (struct calendar_hours *)&france->open, NULL), 0);
	hours->countries = france;
	hours->country_count = 1;
	p.hours = hours;
	p.hours_count = 1;
	struct trial *t = hand_lead(&p);
	ck_assert_at(earliest(&p, t, mail()), "2027-02-01 10:00");
	t->lead.fields[LEAD_TIME_ZONE] = (struct value){.type = VALUE_TEXT, .text = STR("America/New_York")};
	ck_assert_at(earliest(&p, t, mail()), "2027-02-01 14:00"); /* 8:00 there */
	t->lead.fields[LEAD_TIME_ZONE] = (struct value){0};
	country(t, "FR");
	ck_assert_at(earliest(&p, t, mail()), "2027-02-01 14:00");
	struct touch urgent = mail();
	urgent.any_hours = true;
	ck_assert_at(earliest(&p, t, urgent), "2027-02-01 10:00");
	country(t, "US");
	t->now = hand_at("2027-02-05 18:00"); /* Friday evening */
	ck_assert_at(earliest(&p, t, mail()), "2027-02-08 08:00");
}
END_TEST

START_TEST(what_was_promised_stands_a_quarter_of_an_hour_before_sending)
{
	struct playbook p = hand_start();
	struct hours *hours = HAND_COPY(struct hours, .name = "email");
	ck_assert_int_eq(calendar_hours_parse(STR("Mon-Fri"), STR("8:00"), STR("18:00"), &hours->open, NULL), 0);
	p.hours = hours;
	p.hours_count = 1;
	struct trial *t = hand_lead(&p);
	struct touch touch = mail();
	touch.planned_at = hand_at("2027-02-01 10:00");
	touch.due_at = hand_at("2027-02-01 17:55");
	struct turn_facts facts = facts_of(t);
	facts.now = hand_at("2027-02-01 18:10");
	ck_assert_int_eq(turn_gate(&p, &facts, &touch, true).verdict, GATE_PASS);
	facts.now = hand_at("2027-02-01 18:11");
	struct gate_answer answer = turn_gate(&p, &facts, &touch, true);
	ck_assert_int_eq(answer.verdict, GATE_LATER);
	ck_assert_at(answer.at, "2027-02-02 08:00");
	facts.now = hand_at("2027-02-01 18:00");
	consent(t, "consent.withdraw", "{\"channel\": \"email\"}");
	struct turn_facts later = facts_of(t);
	ck_assert_int_eq(turn_gate(&p, &later, &touch, true).verdict, GATE_HOLD); /* consent is asked always */
}
END_TEST

START_TEST(a_lead_is_sent_no_more_often_than_it_asked_for_from_the_moment_it_asks)
{
	struct playbook p = hand_start();
	struct trial *t = hand_lead(&p); /* Monday 1 February, 10:00 */
	sent(t, "2027-01-30 09:00", "email", "marketing", TOUCH_SENT);
	sent(t, "2027-01-31 09:00", "email", "service", TOUCH_SENT);
	ck_assert_at(earliest(&p, t, mail()), "2027-02-01 10:00");
	consent(t, "consent.withdraw", "{\"channel\": \"email\", \"purpose\": \"more-often:week\"}");
	ck_assert_at(earliest(&p, t, mail()), "2027-02-06 09:00");
	sent(t, "2027-02-07 09:00", "email", "marketing", TOUCH_PLANNED);
	ck_assert_at(earliest(&p, t, mail()), "2027-02-14 09:00");
	struct touch other = mail();
	other.purpose = STR("service");
	ck_assert_str_eq(asked(&p, t, other), "pass");
	/* Promised before: it waits all the same, but not for what is planned behind it. */
	struct turn_facts facts = facts_of(t);
	struct touch due = mail();
	due.state = TOUCH_CLAIMED;
	due.due_at = due.planned_at = facts.now;
	struct gate_answer answer = turn_gate(&p, &facts, &due, true);
	ck_assert_int_eq(answer.verdict, GATE_LATER);
	ck_assert_str_eq(answer.rule, "frequency");
	ck_assert_at(answer.at, "2027-02-06 09:00");
	consent(t, "consent.withdraw", "{\"channel\": \"email\", \"purpose\": \"more-often:month\"}");
	facts = facts_of(t);
	ck_assert_at(turn_gate(&p, &facts, &due, true).at, "2027-03-01 09:00");
	consent(t, "consent.grant", "{\"channel\": \"email\", \"purpose\": \"more-often:week\"}");
	consent(t, "consent.grant", "{\"channel\": \"email\", \"purpose\": \"more-often:month\"}");
	ck_assert_str_eq(asked(&p, t, mail()), "pass");
}
END_TEST

START_TEST(what_readers_do_is_recorded_as_their_law_and_they_allow)
{
	struct playbook p = with_consent();
	((struct consent_rule *)p.consents)->channel = "track_open";
	struct trial *t = hand_lead(&p);
	struct turn_facts facts;
	static const struct { const char *country; bool opens; } laws[] = {{"US", true}, {"AT", false}, {NULL, false}};
	for (size_t i = 0; i < sizeof laws / sizeof *laws; i++) {
		country(t, laws[i].country);
		facts = facts_of(t);
		ck_assert(turn_tracks(&p, &facts, STR("track_open")) == laws[i].opens);
		ck_assert(turn_tracks(&p, &facts, STR("track_click"))); /* the playbook asks nothing */
	}
	consent(t, "consent.grant", "{\"channel\": \"track_open\"}");
	consent(t, "consent.withdraw", "{\"channel\": \"track_click\"}");
	facts = facts_of(t);
	ck_assert(turn_tracks(&p, &facts, STR("track_open")) && !turn_tracks(&p, &facts, STR("track_click")));
	consent(t, "consent.withdraw", "{\"channel\": \"*\"}");
	facts = facts_of(t);
	ck_assert(!turn_tracks(&p, &facts, STR("track_open")));
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(what_readers_do_is_recorded_as_their_law_and_they_allow),
	UNIT(the_law_of_the_leads_country_decides_what_is_asked),
	UNIT(a_withdrawal_always_holds_and_a_later_consent_lifts_it),
	UNIT(who_has_left_and_asks_in_a_form_gets_the_mail_that_asks_back_and_nothing_else),
	UNIT(who_was_erased_and_asks_in_a_form_gets_the_mail_that_asks_back_and_nothing_else),
	UNIT(a_confirmation_is_asked_for_only_where_one_is_waited_for),
	UNIT(the_last_word_is_the_one_recorded_last_whatever_the_clocks_say),
	UNIT(what_can_never_go_is_held_with_its_reason),
	UNIT(a_cap_counts_what_went_and_what_is_planned_and_moves_to_the_first_free_moment),
	UNIT(no_window_ever_holds_more_than_the_cap_allows),
	UNIT(the_cap_of_all_channels_counts_them_together),
	UNIT(hours_are_the_leads_own_by_country_and_zone),
	UNIT(a_lead_is_sent_no_more_often_than_it_asked_for_from_the_moment_it_asks),
	UNIT(what_was_promised_stands_a_quarter_of_an_hour_before_sending),
};
UNIT_MAIN("turn/gate", cases)

/* Loading and saving batches: what a turn is given, and that all it decided happens or nothing. */
#include "store/rebuild.h"

#include "unit/store_leads.h"

static struct touch mail(const char *step, int pass)
{
	return (struct touch){.campaign = STR("drip"), .step = str_of(step), .pass = pass, .channel = STR("email"), .kind = STR("email"),
			      .template_name = STR("thanks"), .purpose = STR("marketing"), .state = TOUCH_PLANNED, .due_at = real_now(),
			      .planned_at = real_now(), .where = STR("campaigns/drip.lua:7")};
}

static struct enrollment walk(int64_t id, int64_t touch)
{
	static const struct step_pass passes[] = {{.step = STR("one"), .pass = 1, .ended = {"", 0}, .way = {"", 0}},
						   {.step = STR("two"), .pass = 2, .contact_at = INT64_C(1790000000123456), .tries = 3, .ended = STR("wrong_number"),
						    .way = STR("short"), .drawn_at = INT64_C(1790000000000001), .luck = LUCK_WON, .contact_id = 77}};
	moment_t now = real_now();
	return (struct enrollment){.id = id, .campaign = STR("drip"), .step = STR("one"), .state = ENROLLMENT_ACTIVE, .entered_at = now, .step_since = now,
				   .due_at = MOMENT_NEVER, .over_at = now, .touch_id = touch, .passes = passes, .pass_count = 2};
}

START_TEST(a_turn_is_given_its_events_in_order_and_consumes_exactly_them)
{
	int64_t lead = event("ann@acme.example", "page.view", false);
	event("ann@acme.example", "asset.download", false);
	struct batch *batch = load(lead);
	ck_assert_uint_eq(batch->count, 1);
	const struct batch_lead *l = &batch->leads[0];
	ck_assert_int_eq(l->facts.lead.id, lead);
	ck_assert_uint_eq(l->facts.event_count, 3);
	ck_assert(str_is(l->facts.events[0].verb, "lead.create") && str_is(l->facts.events[1].verb, "page.view"));
	ck_assert(str_is(l->facts.events[2].verb, "asset.download") && l->facts.events[2].value == 2.5);
	ck_assert(str_is(l->facts.events[2].data, "{\"k\": [1, 2]}"));
	ck_assert(str_is(l->facts.lead.fields[LEAD_EMAIL].text, "ann@acme.example"));
	ck_assert_int_eq(l->lane, 0);
	event("ann@acme.example", "webinar.attend", false); /* comes while the turn runs */
	struct save_lead s = {.before = l, .wake_at = MOMENT_NEVER};
	struct waited waited = save_as("me", batch, &s, 1);
	ck_assert_msg(waited.ok, "%s", waited.error.message);
	store_batch_free(batch);
	batch = load(lead);
	ck_assert_uint_eq(batch->leads[0].facts.event_count, 1);
	ck_assert(str_is(batch->leads[0].facts.events[0].verb, "webinar.attend"));
	store_batch_free(batch);
}
END_TEST

START_TEST(what_a_turn_decided_is_what_the_next_one_reads)
{
	int64_t lead = event("ann@acme.example", "page.view", false);
	database_ask(name, "update lead set fields = '{\"seats\": 5, \"old\": \"kept\"}'");
	struct batch *batch = load(lead);
	struct lead changed = batch->leads[0].facts.lead;
	static const struct str segments[] = {{"big", 3}, {"warm", 4}};
	ck_assert(changed.fields[LEAD_STANDARD_COUNT].number == 5);
	changed.stage = STAGE_ENGAGED; /* in place, as turns do */
	changed.fields[LEAD_FIRST_NAME] = (struct value){.type = VALUE_TEXT, .text = STR("Ann")};
	changed.fields[LEAD_STANDARD_COUNT] = (struct value){.type = VALUE_EMPTY};
	changed.fields[LEAD_STANDARD_COUNT + 1] = (struct value){.type = VALUE_TEXT, .text = STR("f\"inance")};
	changed.segments = segments, changed.segment_count = 2;
	struct enrollment e = walk(0, -1);
	struct save_touch t = {.touch = mail("one", 1), .to = {"", 0}, .enrollment = 0};
	struct score score = {.name = STR("nurture"), .points = 12};
	struct save_score_change change = {.name = STR("nurture"), .new_points = 12, .cause = STR("page.view")};
	struct save_log log = {.enrollment = 0, .campaign = STR("drip"), .step = STR("one"), .what = STR("touch"), .cause = STR("c"), .touch = 0};
	struct save_event own = {.verb = STR("stage.change"), .subject = STR("engaged"), .data = {"", 0}, .id = 77 << 6 | lead_shard(lead)};
	struct save_handoff handoff = {.person = STR("west"), .campaign = STR("drip"), .step = STR("one"), .reasons = STR("[\"why\"]"), .enrollment = 0};
	struct save_error error = {.where = STR("scoring/a.lua:3"), .context = STR("rule \"x\""), .message = STR("no")};
	moment_t wake = real_now() + MOMENT_HOUR;
	struct save_lead s = {.before = &batch->leads[0], .lead = &changed, .packed = {"pack\0ed", 7}, .enrollments = &e, .enrollment_count = 1,
			      .touches = &t, .touch_count = 1, .scores = &score, .score_count = 1, .score_changes = &change, .score_change_count = 1,
			      .logs = &log, .log_count = 1, .events = &own, .event_count = 1, .handoffs = &handoff, .handoff_count = 1,
			      .errors = &error, .error_count = 1, .wake_at = wake};
	struct waited waited = save_as("me", batch, &s, 1);
	ck_assert_msg(waited.ok, "%s", waited.error.message);
	store_batch_free(batch);
	ck_assert_str_eq(database_ask(name, "select fields from lead"), "{\"old\": \"kept\", \"industry\": \"f\\\"inance\"}");
	ck_assert_str_eq(database_ask(name, "select enrollment_id = (select enrollment_id from touch) and touch_id = (select touch_id from touch)"
					    " and shard = lead_id & 63 from enrollment"), "t");
	ck_assert_str_eq(database_ask(name, "select e.touch_id = t.touch_id from enrollment_log e, touch t"), "t");
	ck_assert_str_eq(database_ask(name, "select name || '/' || domain from account join lead using (account_id)"), "");
	ck_assert_str_eq(database_ask(name, "select domain from account join lead using (account_id)"), "acme.example");
	ck_assert_int_eq(database_count(name, "script_error where count = 1 and revision = 'rev'"), 1);
	ck_assert_int_eq(database_count(name, "handoff where reasons = '[\"why\"]'"), 1);
	ck_assert_str_eq(database_ask(name, "select person || ' ' || open from sales_load"), "west 1");
	ck_assert_int_eq(database_count(name, "inbox"), 0);
	event("ann@acme.example", "page.view", false);
	batch = load(lead);
	const struct lead_facts *f = &batch->leads[0].facts;
	ck_assert_int_eq(f->lead.stage, STAGE_ENGAGED);
	ck_assert_uint_eq(f->lead.segment_count, 2);
	ck_assert(str_is(f->lead.segments[1], "warm") && str_is(f->lead.fields[LEAD_FIRST_NAME].text, "Ann"));
	ck_assert(str_is(f->lead.fields[LEAD_STANDARD_COUNT + 1].text, "f\"inance") && f->lead.fields[LEAD_STANDARD_COUNT].type == VALUE_EMPTY);
	ck_assert(f->packed.n == 7 && memcmp(f->packed.p, "pack\0ed", 7) == 0);
	ck_assert(f->score_count == 1 && f->scores[0].points == 12 && str_is(f->scores[0].name, "nurture"));
	ck_assert(f->enrollment_count == 1 && f->enrollments[0].pass_count == 2 && f->enrollments[0].passes[0].pass == 1 && f->enrollments[0].passes[0].contact_at == 0);
	ck_assert(f->enrollments[0].passes[1].pass == 2 && f->enrollments[0].passes[1].contact_at == INT64_C(1790000000123456));
	ck_assert(f->enrollments[0].passes[0].tries == 0 && f->enrollments[0].passes[0].ended.n == 0 && f->enrollments[0].passes[1].tries == 3);
	ck_assert(f->enrollments[0].passes[0].way.n == 0 && str_is(f->enrollments[0].passes[1].way, "short"));
	ck_assert(f->enrollments[0].passes[1].drawn_at == INT64_C(1790000000000001) && f->enrollments[0].passes[1].luck == LUCK_WON && f->enrollments[0].passes[1].contact_id == 77);
	ck_assert(str_is(f->enrollments[0].passes[1].ended, "wrong_number"));
	ck_assert(f->enrollments[0].due_at == MOMENT_NEVER && f->enrollments[0].touch_id == f->touches[0].id);
	ck_assert(f->touch_count == 1 && f->touches[0].state == TOUCH_PLANNED && str_is(f->touches[0].where, "campaigns/drip.lua:7"));
	ck_assert(f->account && str_is(f->account->fields[ACCOUNT_DOMAIN].text, "acme.example"));
	ck_assert(batch->leads[0].wake_at == wake);
	store_batch_free(batch);
}
END_TEST

START_TEST(a_turn_that_lost_its_lease_writes_nothing)
{
	int64_t lead = event("ann@acme.example", "page.view", false);
	struct batch *batch = load(lead);
	database_ask(name, "update shard_lease set owner = 'heir'");
	struct save_touch t = {.touch = mail("one", 1), .to = {"", 0}, .enrollment = -1};
	struct save_lead s = {.before = &batch->leads[0], .touches = &t, .touch_count = 1, .wake_at = real_now()};
	struct waited waited = save_as("me", batch, &s, 1);
	ck_assert(!waited.ok && waited.error.code == ERROR_DENIED);
	ck_assert_int_eq(database_count(name, "touch"), 0);
	ck_assert_int_eq(database_count(name, "lead_wake"), 0);
	ck_assert_int_eq(database_count(name, "inbox"), 2);
	struct loaded other = load_as("me", lead_shard(lead), 0, real_now());
	ck_assert(!other.waited.ok && other.waited.error.code == ERROR_DENIED);
	store_batch_free(batch);
}
END_TEST

START_TEST(a_turn_whose_events_were_consumed_elsewhere_writes_nothing)
{
	int64_t lead = event("ann@acme.example", "page.view", false);
	struct batch *batch = load(lead);
	struct save_touch t = {.touch = mail("one", 1), .to = {"", 0}, .enrollment = -1};
	struct save_lead s = {.before = &batch->leads[0], .touches = &t, .touch_count = 1, .wake_at = MOMENT_NEVER};
	ck_assert(save_as("me", batch, &s, 1).ok);
	ck_assert(!save_as("me", batch, &s, 1).ok);
	ck_assert_int_eq(database_count(name, "touch"), 1);
	store_batch_free(batch);
}
END_TEST

START_TEST(a_turn_that_time_alone_brought_is_saved_once)
{
	int64_t lead = event("ann@acme.example", "page.view", false);
	moment_t now = real_now();
	struct batch *batch = load(lead);
	struct save_lead s = {.before = &batch->leads[0], .wake_at = now - MOMENT_HOUR};
	ck_assert(save_as("me", batch, &s, 1).ok);
	store_batch_free(batch);
	struct save_score_change change = {.name = STR("nurture"), .new_points = 12, .cause = STR("it fades")};
	batch = load(lead);
	ck_assert(batch->count == 1 && batch->leads[0].inbox_count == 0);
	for (int again = 0; again < 2; again++) { /* the second time as after a COMMIT that was believed lost */
		s = (struct save_lead){.before = &batch->leads[0], .score_changes = &change, .score_change_count = 1,
				       .wake_at = again ? MOMENT_NEVER : now + MOMENT_HOUR};
		struct waited waited = save_as("me", batch, &s, 1);
		ck_assert(again ? !waited.ok && waited.error.code == ERROR_DENIED : waited.ok);
	}
	ck_assert_int_eq(database_count(name, "score_change"), 1);
	ck_assert_int_eq(database_count(name, "lead_wake where wake_at > now()"), 1);
	store_batch_free(batch);
}
END_TEST

static void on_rebuilt(void *arg, const struct rebuild_page *page, const struct error *error)
{
	struct waited *waited = arg;
	ck_assert(error || page->differ == 1);
	database_done(waited, error);
}

START_TEST(a_history_that_was_built_anew_is_not_overwritten_by_a_turn_that_was_loaded_before)
{
	int64_t lead = event("ann@acme.example", "page.view", false);
	struct batch *batch = load(lead);
	struct save_lead s = {.before = &batch->leads[0], .packed = {"damaged", 7}, .wake_at = MOMENT_NEVER};
	ck_assert(save_as("me", batch, &s, 1).ok);
	store_batch_free(batch);
	event("ann@acme.example", "asset.download", false);
	batch = load(lead); /* with the damaged one */
	struct waited rebuilt = {0};
	store_history_rebuild(store, lead_shard(lead), 0, false, on_rebuilt, &rebuilt);
	store_wait(loop, &rebuilt.done, 60 * MOMENT_SECOND);
	ck_assert_msg(rebuilt.ok, "%s", rebuilt.error.message);
	s = (struct save_lead){.before = &batch->leads[0], .packed = {"damaged again", 13}, .wake_at = MOMENT_NEVER};
	struct waited waited = save_as("me", batch, &s, 1);
	ck_assert(!waited.ok && waited.error.code == ERROR_DENIED);
	store_batch_free(batch);
	ck_assert_int_eq(database_count(name, "lead_history where packed in ('damaged', 'damaged again')"), 0);
	batch = load(lead); /* once more, and this one counts */
	ck_assert_uint_eq(batch->leads[0].facts.event_count, 1);
	s = (struct save_lead){.before = &batch->leads[0], .wake_at = MOMENT_NEVER};
	ck_assert(save_as("me", batch, &s, 1).ok);
	store_batch_free(batch);
}
END_TEST

START_TEST(a_touch_is_planned_once_for_enrollment_step_and_pass)
{
	int64_t lead = event("ann@acme.example", "page.view", false);
	struct batch *batch = load(lead);
	struct enrollment e = walk(0, 0);
	struct save_touch twice[] = {{mail("one", 1), {"", 0}, 0}, {mail("one", 1), {"", 0}, 0}};
	struct save_lead s = {.before = &batch->leads[0], .enrollments = &e, .enrollment_count = 1, .touches = twice, .touch_count = 2, .wake_at = MOMENT_NEVER};
	struct waited waited = save_as("me", batch, &s, 1);
	ck_assert(!waited.ok && waited.error.code == ERROR_CONFLICT);
	ck_assert_str_eq(waited.error.where, "touch_once");
	ck_assert_int_eq(database_count(name, "touch"), 0); /* all of the turn or none */
	ck_assert_int_eq(database_count(name, "enrollment"), 0);
	ck_assert_int_eq(database_count(name, "inbox"), 2);
	twice[1].touch.pass = 2;
	ck_assert(save_as("me", batch, &s, 1).ok);
	ck_assert_int_eq(database_count(name, "touch"), 2);
	store_batch_free(batch);
}
END_TEST

START_TEST(a_walk_that_ends_makes_room_for_the_next_in_the_same_turn)
{
	int64_t lead = event("ann@acme.example", "page.view", false);
	struct batch *batch = load(lead);
	struct enrollment e[2] = {walk(0, 0)};
	struct save_lead s = {.before = &batch->leads[0], .enrollments = e, .enrollment_count = 1, .wake_at = MOMENT_NEVER};
	ck_assert(save_as("me", batch, &s, 1).ok);
	store_batch_free(batch);
	event("ann@acme.example", "page.view", false);
	batch = load(lead);
	e[1] = batch->leads[0].facts.enrollments[0];
	e[1].state = ENROLLMENT_ENDED, e[1].ended_at = real_now();
	s = (struct save_lead){.before = &batch->leads[0], .enrollments = e, .enrollment_count = 2, .wake_at = MOMENT_NEVER};
	struct waited waited = save_as("me", batch, &s, 1);
	ck_assert_msg(waited.ok, "%s", waited.error.message);
	ck_assert_int_eq(database_count(name, "enrollment where state = 'active'"), 1);
	ck_assert_int_eq(database_count(name, "enrollment where state = 'ended'"), 1);
	store_batch_free(batch);
}
END_TEST

START_TEST(a_failed_turn_leaves_its_rows_and_waits)
{
	int64_t lead = event("ann@acme.example", "page.view", false);
	moment_t now = real_now();
	for (int minutes = 1; minutes <= 128; minutes *= 2) {
		struct loaded loaded = load_as("me", lead_shard(lead), 0, now);
		ck_assert_uint_eq(loaded.batch->count, 1);
		struct save_error failure = {STR("a.lua:1"), STR(""), STR("boom")};
		struct save_lead s = {.before = &loaded.batch->leads[0], .wake_at = MOMENT_NEVER, .failure = &failure};
		ck_assert(save_as("me", loaded.batch, &s, 1).ok);
		store_batch_free(loaded.batch);
		int wait = minutes < 60 ? minutes : 60;
		loaded = load_as("me", lead_shard(lead), 0, now + wait * MOMENT_MINUTE - MOMENT_SECOND);
		ck_assert_uint_eq(loaded.batch->count, 0);
		store_batch_free(loaded.batch);
		now += wait * MOMENT_MINUTE + MOMENT_SECOND;
	}
	struct loaded loaded = load_as("me", lead_shard(lead), 0, now);
	struct save_lead s = {.before = &loaded.batch->leads[0], .wake_at = MOMENT_NEVER};
	ck_assert(save_as("me", loaded.batch, &s, 1).ok);
	store_batch_free(loaded.batch);
	ck_assert_int_eq(database_count(name, "turn_failure"), 0);
	ck_assert_int_eq(database_count(name, "inbox"), 0);
}
END_TEST

START_TEST(live_goes_first_and_the_others_go_on)
{
	database_ask(name, "insert into lead (shard, lead_id, created_at, updated_at) select 5, (n << 6) | 5, now(), now() from generate_series(1, 300) n;"
			   "insert into inbox (shard, lane, lead_id) select 5, case when n <= 100 then 0 else 2 end, (n << 6) | 5 from generate_series(1, 200) n;"
			   "insert into lead_wake select 5, (n << 6) | 5, now() - interval '1 h' from generate_series(201, 300) n;"
			   "insert into lead_wake select 5, (n << 6) | 5, now() + interval '1 h' from generate_series(1, 10) n");
	struct loaded loaded = load_as("me", 5, 80, real_now());
	size_t lanes[3] = {0};
	for (size_t i = 0; i < loaded.batch->count; i++)
		lanes[loaded.batch->leads[i].lane]++;
	ck_assert_uint_eq(loaded.batch->count, 80);
	ck_assert(loaded.batch->more);
	ck_assert_uint_eq(lanes[0], 70);
	ck_assert(lanes[1] == 8 && lanes[2] == 2);
	store_batch_free(loaded.batch);
	loaded = load_as("me", 5, 500, real_now());
	ck_assert_uint_eq(loaded.batch->count, 300);
	ck_assert(!loaded.batch->more);
	ck_assert(loaded.batch->leads[0].rescore && !loaded.batch->leads[250].rescore);
	store_batch_free(loaded.batch);
}
END_TEST

struct swept {
	struct waited waited;
	struct sweep *sweep;
};
static void on_sweep(void *arg, struct sweep *sweep, const struct error *error)
{
	struct swept *swept = arg;
	swept->sweep = sweep;
	database_done(&swept->waited, error);
}

START_TEST(a_sweep_takes_a_little_of_each_shard_and_says_of_which_there_is_more)
{
	struct swept swept = {0};
	database_ask(name, "insert into lead (shard, lead_id, created_at, updated_at) select n & 63, (1000 + n) << 6 | (n & 63), now(), now() from generate_series(0, 191) n");
	database_ask(name, "insert into inbox (shard, lane, lead_id) select shard, 0, lead_id from lead where shard < 3 and lead_id >> 6 < 1064");
	database_ask(name, "insert into inbox (shard, lane, lead_id) select shard, 0, lead_id from lead where shard = 1 and lead_id >> 6 >= 1064");
	database_ask(name, "insert into lead_wake (shard, lead_id, wake_at) select shard, lead_id, now() - interval '1 hour' from lead where shard = 2");
	database_ask(name, "update shard_lease set owner = 'other' where shard = 0");
	struct sweep_request request = {.owner = "me", .shards = 0x2f, .now = real_now(), .live = 2, .longest_cap = MOMENT_DAY};
	store_batch_sweep(store, &schema, &request, on_sweep, &swept);
	store_wait(loop, &swept.waited.done, 60 * MOMENT_SECOND);
	ck_assert(swept.waited.ok);
	ck_assert_uint_eq(swept.sweep->lost, 1);
	ck_assert_uint_eq(swept.sweep->crowded, 2);
	ck_assert_uint_eq(swept.sweep->count, 2);
	struct batch *one = swept.sweep->batches[0], *two = swept.sweep->batches[1];
	ck_assert(one->shard == 1 && one->count == 2 && one->more && one->leads[0].lane == 0);
	ck_assert(two->shard == 2 && two->count == 3 && !two->more);
	for (size_t i = 0; i < 3; i++)
		ck_assert_int_eq(lead_shard(two->leads[i].facts.lead.id), 2);
	store_batch_free(one);
	ck_assert_int_eq(two->shard, 2); /* what they share lives as long as one of them */
	store_batch_free(two);
}
END_TEST

START_TEST(leads_in_hand_are_left_out)
{
	int64_t lead = event("ann@acme.example", "page.view", false);
	struct loaded loaded = {0};
	struct batch_request request = {.owner = "me", .shard = lead_shard(lead), .now = real_now(), .without = &lead, .without_count = 1};
	store_batch_load(store, &schema, &request, on_batch, &loaded);
	store_wait(loop, &loaded.waited.done, 60 * MOMENT_SECOND);
	ck_assert(loaded.waited.ok && loaded.batch->count == 0 && !loaded.batch->more);
	store_batch_free(loaded.batch);
}
END_TEST

START_TEST(a_suppression_cancels_what_is_open_in_the_same_transaction)
{
	int64_t lead = event("ann@acme.example", "page.view", false);
	struct batch *batch = load(lead);
	struct save_touch t[] = {{mail("one", 1), {"", 0}, -1}, {mail("two", 1), {"", 0}, -1}};
	struct save_lead s = {.before = &batch->leads[0], .touches = t, .touch_count = 2, .wake_at = MOMENT_NEVER};
	ck_assert(save_as("me", batch, &s, 1).ok);
	store_batch_free(batch);
	event("ann@acme.example", "page.view", false);
	batch = load(lead);
	struct save_cancel cancel = {batch->leads[0].facts.touches[0].id, STR("left")};
	struct save_suppression stop = {.kind = STR("email"), .value = STR("ann@acme.example"), .channel = STR("*"), .reason = STR("bounced")};
	s = (struct save_lead){.before = &batch->leads[0], .cancels = &cancel, .cancel_count = 1, .suppressions = &stop, .suppression_count = 1,
			       .wake_at = MOMENT_NEVER};
	struct waited waited = save_as("me", batch, &s, 1);
	ck_assert_msg(waited.ok, "%s", waited.error.message);
	store_batch_free(batch);
	ck_assert_int_eq(database_count(name, "touch where state = 'cancelled'"), 2);
	ck_assert_int_eq(database_count(name, "event where verb = 'touch.over'"), 1); /* the other one the turn knows of */
	batch = load(lead);
	ck_assert(batch->leads[0].facts.suppression_count == 1 && str_is(batch->leads[0].facts.suppressions[0].reason, "bounced"));
	store_batch_free(batch);
}
END_TEST

/* Taking a merge back gives the other lead what was said since (save_merge.sql): also what the winner had before. */
START_TEST(a_suppression_that_is_said_again_is_as_new_and_keeps_its_reason)
{
	int64_t lead = event("ann@acme.example", "page.view", false);
	database_ask(name, "insert into suppression (kind, value, channel, reason, at, ends) values ('lead', '%lld', 'email', 'for ever', '2020-01-01', null),"
			   " ('lead', '%lld', 'call', 'till then', '2020-01-01', 'a.lua:1')", (long long)lead, (long long)lead);
	struct batch *batch = load(lead);
	char value[32];
	snprintf(value, sizeof value, "%lld", (long long)lead);
	struct save_suppression stop[] = {
		{.kind = STR("lead"), .value = str_of(value), .channel = STR("email"), .reason = STR("again"), .ends = STR("a.lua:2")},
		{.kind = STR("lead"), .value = str_of(value), .channel = STR("call"), .reason = STR("again"), .ends = STR("a.lua:2")}};
	struct save_lead s = {.before = &batch->leads[0], .suppressions = stop, .suppression_count = 2, .wake_at = MOMENT_NEVER};
	ck_assert(save_as("me", batch, &s, 1).ok);
	store_batch_free(batch);
	ck_assert_str_eq(database_ask(name, "select string_agg(channel || ' ' || reason || coalesce(' ' || ends, '') || case when at > '2021-01-01' then ' now' else '' end, ', '"
					    " order by channel) from suppression"), "call again a.lua:2 now, email for ever now");
}
END_TEST

static void merge_waits(long long loser, long long winner)
{
	database_ask(name, "insert into lead (shard, lead_id, created_at, updated_at, email) select (v & 63)::smallint, v, now(), now(), v || '@acme.example'"
			   " from unnest(array[%lld, %lld]) v; insert into merge (merge_id, lead_id, winner, state, asked_at) values (%lld, %lld, %lld, 'waiting', now());"
			   " insert into inbox (shard, lane, lead_id) values (%lld & 63, 0, %lld)", loser, winner, loser, loser, winner, loser, loser);
}

/* Else two of them could wait for each other: a deadlock, which PostgreSQL finds after a second. */
START_TEST(a_batch_of_merges_takes_all_its_locks_at_once_in_their_order)
{
	enum { ONE = 1 << 6 | 40, TWO = 2 << 6 | 40, HIGH = 3 << 6 | 9, LOW = 4 << 6 | 3 };
	char conninfo[256];
	merge_waits(ONE, HIGH);
	merge_waits(TWO, LOW);
	PGconn *other = PQconnectdb(database_conninfo(name, "nurture_owner", conninfo));
	PQclear(PQexec(other, "begin"));
	PQclear(PQexec(other, "select pg_advisory_xact_lock(1314214484, 3)"));
	struct batch *batch = load(ONE);
	ck_assert_uint_eq(batch->count, 2);
	struct save_lead leads[] = {{.before = &batch->leads[0], .move = MOVE_MERGE, .merge_id = ONE, .winner = HIGH, .wake_at = MOMENT_NEVER},
				    {.before = &batch->leads[1], .move = MOVE_MERGE, .merge_id = TWO, .winner = LOW, .wake_at = MOMENT_NEVER}};
	struct waited waited = {0};
	struct batch_save save = {.owner = "me", .revision = "rev", .batch = batch, .schema = &schema, .leads = leads, .count = 2};
	static const char ours[] = "pg_locks where locktype = 'advisory' and classid = 1314214484 and database = (select oid from pg_database"
				   " where datname = current_database()) and ";
	char waiting[300], held[300];
	snprintf(waiting, sizeof waiting, "%snot granted", ours);
	snprintf(held, sizeof held, "%sgranted and objid <> 3", ours);
	store_batch_save(store, &save, database_done, &waited);
	for (mono_t start = mono_now(); !database_count(name, waiting) && mono_now() - start < 60 * MOMENT_SECOND;)
		store_wait(loop, &waited.done, MOMENT_SECOND / 200);
	ck_assert(!waited.done);
	ck_assert_int_eq(database_count(name, waiting), 1);
	ck_assert_int_eq(database_count(name, held), 0);
	PQclear(PQexec(other, "commit"));
	PQfinish(other);
	store_wait(loop, &waited.done, 60 * MOMENT_SECOND);
	ck_assert_msg(waited.ok, "%s", waited.error.message);
	ck_assert_int_eq(database_count(name, "lead where merged_into is not null"), 2);
	store_batch_free(batch);
}
END_TEST

START_TEST(one_lead_may_be_looked_at_without_a_turn)
{
	int64_t lead = event("ann@acme.example", "page.view", false);
	struct loaded loaded = {0};
	store_lead_facts(store, &schema, lead, real_now(), MOMENT_DAY, on_batch, &loaded);
	store_wait(loop, &loaded.waited.done, 60 * MOMENT_SECOND);
	ck_assert(loaded.waited.ok && loaded.batch->count == 1 && loaded.batch->leads[0].facts.event_count == 0);
	store_batch_free(loaded.batch);
	loaded = (struct loaded){0};
	store_lead_facts(store, &schema, 4711, real_now(), MOMENT_DAY, on_batch, &loaded);
	store_wait(loop, &loaded.waited.done, 60 * MOMENT_SECOND);
	ck_assert(loaded.waited.ok && loaded.batch->count == 0);
	store_batch_free(loaded.batch);
	ck_assert_int_eq(database_count(name, "inbox"), 2);
}
END_TEST

/* One touch for each event, whatever happens to the database meanwhile: a turn is done once, or not at all and again. */
START_TEST(every_event_is_turned_once_while_the_database_dies)
{
	enum { EVENTS = 3000, STOPS = 8 };
	store_set_patience(store, 20 * MOMENT_SECOND);
	database_ask(name, "insert into lead (shard, lead_id, created_at, updated_at) select 5, (n << 6) | 5, now(), now() from generate_series(0, 999) n;"
			   "insert into event (received_at, event_id, shard, lead_id, at, verb) select now(), n, 5, ((n %% 1000) << 6) | 5, now(), 'page.view'"
			   " from generate_series(1, %d) n;"
			   "insert into inbox (shard, lane, lead_id, event_id, received_at) select shard, 0, lead_id, event_id, received_at from event order by 2", EVENTS);
	pid_t breaker = fork();
	if (breaker == 0) {
		for (int i = 0; i < STOPS; i++) {
			usleep(150 * 1000);
			database_server("stop -m immediate", false);
			database_server("start", false);
		}
		_exit(0);
	}
	static struct save_touch touches[BATCH_INBOX_PER_LEAD];
	static char steps[BATCH_INBOX_PER_LEAD][24];
	int failed = 0;
	for (bool over = false;;) {
		over = over || waitpid(breaker, NULL, WNOHANG) > 0;
		struct loaded loaded = load_as("me", 5, 1 + (size_t)failed % 3, real_now());
		if (!loaded.waited.ok) {
			ck_assert_int_eq(loaded.waited.error.code, ERROR_UNAVAILABLE);
			continue;
		}
		size_t count = loaded.batch->count, made = 0;
		if (count == 0 && over) {
			store_batch_free(loaded.batch);
			break;
		}
		struct save_lead saves[3] = {0};
		for (size_t i = 0; i < count; i++) {
			const struct batch_lead *l = &loaded.batch->leads[i];
			saves[i] = (struct save_lead){.before = l, .touches = &touches[made], .touch_count = l->facts.event_count, .wake_at = MOMENT_NEVER};
			for (size_t k = 0; k < l->facts.event_count; k++, made++) {
				snprintf(steps[made], sizeof steps[made], "%lld", (long long)l->facts.events[k].id);
				touches[made] = (struct save_touch){mail(steps[made], 1), {"", 0}, -1};
			}
		}
		struct waited waited = save_as("me", loaded.batch, saves, count);
		failed += !waited.ok;
		ck_assert_msg(waited.ok || waited.error.code == ERROR_UNAVAILABLE, "%s: %s", waited.error.where, waited.error.message);
		store_batch_free(loaded.batch);

	}
	printf("%d saves failed\n", failed);
	ck_assert_int_eq(database_count(name, "touch"), EVENTS);
	ck_assert_str_eq(database_ask(name, "select count(distinct step) from touch"), "3000");
	ck_assert_int_eq(database_count(name, "inbox"), 0);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(every_event_is_turned_once_while_the_database_dies),
	UNIT(a_turn_is_given_its_events_in_order_and_consumes_exactly_them),
	UNIT(what_a_turn_decided_is_what_the_next_one_reads),
	UNIT(a_turn_that_lost_its_lease_writes_nothing),
	UNIT(a_turn_whose_events_were_consumed_elsewhere_writes_nothing),
	UNIT(a_turn_that_time_alone_brought_is_saved_once),
	UNIT(a_history_that_was_built_anew_is_not_overwritten_by_a_turn_that_was_loaded_before),
	UNIT(a_touch_is_planned_once_for_enrollment_step_and_pass),
	UNIT(a_walk_that_ends_makes_room_for_the_next_in_the_same_turn),
	UNIT(a_failed_turn_leaves_its_rows_and_waits),
	UNIT(live_goes_first_and_the_others_go_on),
	UNIT(a_sweep_takes_a_little_of_each_shard_and_says_of_which_there_is_more),
	UNIT(leads_in_hand_are_left_out),
	UNIT(a_suppression_cancels_what_is_open_in_the_same_transaction),
	UNIT(a_suppression_that_is_said_again_is_as_new_and_keeps_its_reason),
	UNIT(a_batch_of_merges_takes_all_its_locks_at_once_in_their_order),
	UNIT(one_lead_may_be_looked_at_without_a_turn),
};
UNIT_MAIN_EACH("store/turn", cases, database_begin(false), begin, end_store)

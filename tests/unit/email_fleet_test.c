/* The whole plugin under a host of our own: what it takes in hand when messages are large, whom a new sender's day holds up, and that the notes are kept. The
 * relay takes connections and says nothing, so that what is in hand stays there. */
#include "unit/check_main.h"

#include <nurture/plugin.h>

#include <glib.h>

#include <arpa/inet.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern const struct nurture_plugin nurture_plugin;

enum { TOUCHES = 100, FILE_BYTES = 5 * 1024 * 1024 };
static const int64_t now = INT64_C(1700000000000000), day = INT64_C(86400000000);

static struct event_base *base;
static uint32_t capacity;
static int ended[TOUCHES]; /* outcome + 1; 0 = it is in hand */
static bool untried[TOUCHES];
static char notes[2000];
static json_t *kept;
static int listening;
static char relay[100];
static void *plugin;

static struct event_base *host_loop(struct nurture_host_data *data)
{
	(void)data;
	return base;
}

static void host_log(struct nurture_host_data *data, enum nurture_log_level level, const char *event, const char *message)
{
	(void)data, (void)level, (void)event, (void)message;
}

static void host_complete(struct nurture_host_data *data, struct nurture_handle handle, const struct nurture_result *result)
{
	(void)data;
	ck_assert_int_eq(ended[handle.id], 0);
	ended[handle.id] = (int)result->outcome + 1;
	untried[handle.id] = result->untried;
	ck_assert(!result->untried || result->until > now);
}

static int64_t host_now(struct nurture_host_data *data)
{
	(void)data;
	return now;
}

static void host_capacity(struct nurture_host_data *data, uint32_t touches)
{
	(void)data;
	capacity = touches;
}

static void host_tell(struct nurture_host_data *data, const json_t *standing)
{
	(void)data, (void)standing;
}

static void host_keep(struct nurture_host_data *data, const json_t *said)
{
	char *text = json_dumps(said, JSON_COMPACT);
	(void)data;
	snprintf(notes, sizeof notes, "%s", text);
	free(text);
}

static const json_t *host_kept(struct nurture_host_data *data)
{
	(void)data;
	return kept;
}

/* Nobody says that it is kept, unless the test does. */
static nurture_kept_fn *keeping;
static void *keeping_arg;
static int anew;

static void host_keep_then(struct nurture_host_data *data, const json_t *said, nurture_kept_fn *fn, void *arg)
{
	host_keep(data, said);
	ck_assert_ptr_null(keeping);
	keeping = fn;
	keeping_arg = arg;
}

static bool keep(bool kept_them)
{
	nurture_kept_fn *fn = keeping;
	keeping = NULL;
	if (fn)
		fn(keeping_arg, kept_them);
	return fn != NULL;
}

static bool host_held(struct nurture_host_data *data)
{
	(void)data;
	return true;
}

static void host_turns_anew(struct nurture_host_data *data)
{
	(void)data;
	anew++;
}

static const struct nurture_host host = {.size = sizeof host, .loop = host_loop, .log = host_log, .complete = host_complete, .now = host_now, .capacity = host_capacity,
					 .tell = host_tell, .keep = host_keep, .kept = host_kept, .keep_then = host_keep_then, .held = host_held,
					 .turns_anew = host_turns_anew};

static bool same_port;
static const char *domains, *recalled; /* settings; notes of before, NULL = a warm-up of which 50 are out */

static void begin(const char *warm_up)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof at;
	struct nurture_problem problem = {.size = sizeof problem};
	char used[200];
	base = event_base_new();
	memset(ended, 0, sizeof ended);
	notes[0] = '\0';
	listening = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)), 0);
	if (same_port)
		at.sin_port = htons((uint16_t)strtol(strrchr(relay, ':') + 1, NULL, 10));
	ck_assert(bind(listening, (struct sockaddr *)&at, sizeof at) == 0 && listen(listening, 200) == 0);
	ck_assert_int_eq(getsockname(listening, (struct sockaddr *)&at, &n), 0);
	snprintf(relay, sizeof relay, "smtp://127.0.0.1:%d", ntohs(at.sin_port));
	snprintf(used, sizeof used, "{\"warm_up\": {\"%s\": [%lld, 50]}}", relay, (long long)(now / day));
	kept = json_loads(recalled ? recalled : used, 0, NULL);
	keeping = NULL;
	anew = 0;
	json_t *settings = json_pack("{s:s, s:s, s:s}", "relay", relay, "from", "Ann <ann@example.com>", "tls", "none");
	if (warm_up)
		json_object_set_new(settings, "warm_up", json_loads(warm_up, 0, NULL));
	if (domains)
		json_object_set_new(settings, "domains", json_loads(domains, 0, NULL));
	ck_assert_msg(nurture_plugin.channel->open(&host, settings, "/tmp", &plugin, &problem) == 0, "%s: %s", problem.where, problem.message);
	json_decref(settings);
}

static void end(void)
{
	nurture_plugin.channel->close(plugin);
	json_decref(kept);
	event_base_free(base);
	close(listening);
}

static void deliver(int id, const char *purpose, const struct nurture_file *files, size_t count)
{
	static const struct nurture_field fields[] = {{"subject", "Hello", 5}, {"text", "Hello\n", 6}, {"html", "<p>Hello</p>", 12}};
	struct nurture_touch touch = {.size = sizeof touch, .handle = {.id = (uint64_t)id, .generation = 1}, .touch_id = id + 1, .lead_id = 64, .attempt = 1, .kind = "email",
				      .template_name = "thanks", .campaign = "c", .address = "jane@example.net", .name = "Jane", .purpose = purpose, .fields = fields,
				      .field_count = 3, .unsubscribe_url = "https://go.example.com/u/t", .postal_address = "1 Road", .files = files, .file_count = count};
	nurture_plugin.channel->deliver(plugin, &touch);
}

static int in_hand(void)
{
	int n = 0;
	for (int i = 0; i < TOUCHES; i++)
		n += !ended[i];
	return n;
}

START_TEST(large_messages_are_few_in_hand_and_the_others_come_back_untried)
{
	char *bytes = g_malloc0(FILE_BYTES);
	struct nurture_file file = {.name = "guide.pdf", .bytes = bytes, .length = FILE_BYTES};
	begin(NULL);
	ck_assert_uint_eq(capacity, 480);
	for (int i = 0; i < TOUCHES; i++)
		deliver(i, "marketing", &file, 1);
	ck_assert_int_le(in_hand(), 10); /* of 6.7 MB each in 64 MB: the last may reach beyond */
	ck_assert_int_ge(in_hand(), 8);
	ck_assert_uint_le(capacity, 10);
	for (int i = 0; i < TOUCHES; i++)
		ck_assert(!ended[i] || (ended[i] == (int)NURTURE_DEFERRED + 1 && untried[i]));
	nurture_plugin.channel->drain(plugin);
	end();
	g_free(bytes);
}
END_TEST

START_TEST(a_new_sender_s_day_holds_up_marketing_and_nothing_that_somebody_waits_for)
{
	begin("{\"from\": \"2023-11-14\", \"first_day\": 50, \"grows\": 1.5, \"most\": 1000}"); /* the day of `now`; 50 are out */
	deliver(0, "marketing", NULL, 0);
	ck_assert(ended[0] == (int)NURTURE_DEFERRED + 1 && untried[0]);
	deliver(1, "confirm", NULL, 0);
	deliver(2, "service", NULL, 0);
	for (int i = 0; i < 20; i++)
		event_base_loop(base, EVLOOP_NONBLOCK);
	ck_assert_int_eq(ended[1] + ended[2], 0); /* the relay has them */
	nurture_plugin.channel->drain(plugin);
	ck_assert_ptr_nonnull(strstr(notes, relay)); /* before close: the host takes none then */
	notes[0] = '\0';
	end();
	ck_assert_str_eq(notes, "");
}
END_TEST

/* ---- turns ---- */

enum { MANY = 1000 };
static struct nurture_turn asked[MANY];

static int ask(const char *address, const char *purpose, bool promised)
{
	int now_too = 0;
	for (int i = 0; i < MANY; i++)
		asked[i] = (struct nurture_turn){.address = address, .purpose = purpose, .promised = promised};
	ck_assert(nurture_plugin.channel->turns(plugin, asked, MANY));
	for (int i = 0; i < MANY; i++)
		now_too += !asked[i].wait && !asked[i].until;
	return now_too;
}

START_TEST(a_long_queue_is_promised_its_turns_as_far_ahead_as_they_are)
{
	domains = "{\"example.net\": {\"per_minute\": 60}}";
	begin(NULL);
	ck_assert_int_eq(ask("jane@example.net", "marketing", false), 11); /* ten seconds' */
	int64_t last = asked[MANY - 1].wait;
	ck_assert_int_ge(last, INT64_C(990) * 1000000);
	for (int page = 2; page <= 200; page++) /* 200,000: two days and more of one a second */
		(void)ask("jane@example.net", "marketing", false);
	ck_assert_int_ge(asked[MANY - 1].wait, INT64_C(198000) * 1000000);
	for (int i = 12; i < MANY; i++)
		ck_assert_int_eq(asked[i].wait - asked[i - 1].wait, 1000000);
	ck_assert_ptr_nonnull(strstr(asked[MANY - 1].reason, "example.net"));
	ck_assert_int_eq(ask("jane@example.org", "marketing", false), MANY); /* nobody else waits for them */
	ck_assert_int_eq(ask("jane@example.net", "marketing", false), 6);    /* new ones leave half to */
	ck_assert_int_eq(ask("jane@example.net", "marketing", true), 11);    /* those whose turn it is */
	ck_assert_int_ge(ask("jane@example.net", "confirm", false), 100);
	end();
	domains = NULL;
}
END_TEST

START_TEST(who_expires_before_its_turn_takes_nobodys)
{
	domains = "{\"example.net\": {\"per_minute\": 60}}";
	begin(NULL);
	(void)ask("jane@example.net", "marketing", false);
	int64_t last = asked[MANY - 1].wait;
	for (int i = 0; i < MANY; i++)
		asked[i] = (struct nurture_turn){.address = "joe@example.net", .purpose = "marketing", .expires_at = now + 60 * INT64_C(1000000)};
	nurture_plugin.channel->turns(plugin, asked, MANY);
	ck_assert(!asked[MANY - 1].wait && asked[MANY - 1].until == asked[MANY - 1].expires_at);
	(void)ask("jane@example.net", "marketing", false);
	ck_assert_int_le(asked[20].wait, last + 30 * INT64_C(1000000));
	end();
	domains = NULL;
}
END_TEST

START_TEST(a_new_sender_s_queue_is_promised_days_and_the_first_of_them_go_today)
{
	recalled = "{}";
	begin("{\"from\": \"2023-11-14\", \"first_day\": 50, \"grows\": 2, \"most\": 100000}");
	ck_assert_int_eq(ask("jane@example.net", "marketing", false), 50);
	ck_assert_int_eq(asked[50].until / day - now / day, 1);
	ck_assert_int_eq(asked[149].until / day - now / day, 1); /* 100 of the second day */
	ck_assert_int_eq(asked[150].until / day - now / day, 2);
	ck_assert_int_eq(asked[349].until / day - now / day, 2); /* 200 of the third */
	ck_assert_int_eq(asked[350].until / day - now / day, 3);
	ck_assert_int_eq(ask("jane@example.net", "service", false), MANY);
	end();
	recalled = NULL;
}
END_TEST

START_TEST(turns_are_kept_over_a_restart_and_void_where_the_limits_are_others)
{
	static char text[2000];
	recalled = "{}";
	domains = "{\"example.net\": {\"per_minute\": 60}}";
	begin(NULL);
	(void)ask("jane@example.net", "marketing", false);
	int64_t last = asked[MANY - 1].wait;
	nurture_plugin.channel->drain(plugin);
	snprintf(text, sizeof text, "%s", notes);
	same_port = true;
	end();
	recalled = text;
	begin(NULL);
	ck_assert_int_eq(anew, 0);
	(void)ask("jane@example.net", "marketing", false);
	ck_assert_int_ge(asked[MANY - 1].wait, 2 * last - INT64_C(60000000)); /* behind those of before */
	end();
	domains = "{\"example.net\": {\"per_minute\": 600}}";
	begin(NULL);
	ck_assert_int_eq(anew, 1);
	(void)ask("jane@example.net", "marketing", false);
	ck_assert_int_le(asked[MANY - 1].wait, last / 5);
	end();
	same_port = false;
	domains = recalled = NULL;
}
END_TEST

static int accepted(void)
{
	int n = 0;
	for (int i = 0; i < 20; i++)
		event_base_loop(base, EVLOOP_NONBLOCK);
	while (accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC) >= 0) /* it stays open, and says nothing */
		n++;
	return n;
}

static long noted(void)
{
	const char *at = strstr(notes, "\":["), *comma = at ? strchr(at, ',') : NULL;
	return comma ? strtol(comma + 1, NULL, 10) : -1;
}

/* Killed at any moment, the next process finds at least as many noted as were used. */
START_TEST(of_a_day_only_what_is_noted_before_goes)
{
	recalled = "{}";
	begin("{\"from\": \"2023-11-14\", \"first_day\": 50, \"grows\": 2, \"most\": 100000}");
	for (int i = 0; i < 48; i++)
		deliver(i, "marketing", NULL, 0);
	ck_assert_int_eq(accepted(), 0);
	ck_assert_int_eq(noted(), 5);
	ck_assert(keep(false)); /* the database is away: none may go */
	ck_assert_int_eq(accepted(), 0);
	usleep(1100000);
	ck_assert_int_eq(accepted(), 0);
	long on_disk = 0, next = noted();
	for (int i = 0; i < 60 && keep(true); i++) {
		on_disk = next;
		(void)accepted();
		next = noted();
		ck_assert_int_le(next, on_disk + 5); /* what is to be noted: what is used by then, and five */
	}
	ck_assert_int_ge(next, 48);
	ck_assert_int_le(next, 50);
	nurture_plugin.channel->drain(plugin);
	end();
	recalled = NULL;
}
END_TEST

START_TEST(settings_that_contradict_themselves_are_refused_with_what_to_write)
{
	static const struct { const char *settings, *says; } wrong[] = {
		{"\"relay\": \"smtp://a\", \"warm_up\": {\"from\": \"2027-01-31\", \"first_day\": 500, \"most\": 100}", "most = 500 or more"},
		{"\"relay\": \"smtp://a\", \"retries\": {\"minutes\": [30, 5]}", "must not shrink"},
		{"\"relay\": \"smtp://a\", \"bounces\": \"back+x@example.com\"", "\"back@example.com\""},
		{"\"relay\": \"smtp://a\", \"mailbox\": \"imaps://u:50%zz@mail.example.com\"", "as %25"},
	};
	struct nurture_problem problem = {.size = sizeof problem};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		char text[400];
		snprintf(text, sizeof text, "{\"from\": \"Ann <ann@example.com>\", %s}", wrong[i].settings);
		json_t *settings = json_loads(text, 0, NULL);
		ck_assert_int_eq(nurture_plugin.channel->open(NULL, settings, "/tmp", NULL, &problem), -1);
		ck_assert_msg(strstr(problem.message, wrong[i].says), "%s", problem.message);
		json_decref(settings);
	}
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(settings_that_contradict_themselves_are_refused_with_what_to_write),
	UNIT(large_messages_are_few_in_hand_and_the_others_come_back_untried),
	UNIT(a_new_sender_s_day_holds_up_marketing_and_nothing_that_somebody_waits_for),
	UNIT(a_long_queue_is_promised_its_turns_as_far_ahead_as_they_are),
	UNIT(who_expires_before_its_turn_takes_nobodys),
	UNIT(a_new_sender_s_queue_is_promised_days_and_the_first_of_them_go_today),
	UNIT(turns_are_kept_over_a_restart_and_void_where_the_limits_are_others),
	UNIT(of_a_day_only_what_is_noted_before_goes),
};
UNIT_MAIN("email/fleet", cases)

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

static const struct nurture_host host = {.size = sizeof host, .loop = host_loop, .log = host_log, .complete = host_complete, .now = host_now, .capacity = host_capacity,
					 .tell = host_tell, .keep = host_keep, .kept = host_kept};

static void begin(const char *warm_up)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof at;
	struct nurture_problem problem = {.size = sizeof problem};
	char used[200];
	base = event_base_new();
	memset(ended, 0, sizeof ended);
	notes[0] = '\0';
	listening = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert(bind(listening, (struct sockaddr *)&at, sizeof at) == 0 && listen(listening, 200) == 0);
	ck_assert_int_eq(getsockname(listening, (struct sockaddr *)&at, &n), 0);
	snprintf(relay, sizeof relay, "smtp://127.0.0.1:%d", ntohs(at.sin_port));
	snprintf(used, sizeof used, "{\"warm_up\": {\"%s\": [%lld, 50]}}", relay, (long long)(now / day));
	kept = json_loads(used, 0, NULL);
	json_t *settings = json_pack("{s:s, s:s, s:s}", "relay", relay, "from", "Ann <ann@example.com>", "tls", "none");
	if (warm_up)
		json_object_set_new(settings, "warm_up", json_loads(warm_up, 0, NULL));
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

static const struct unit_case cases[] = {
	UNIT(large_messages_are_few_in_hand_and_the_others_come_back_untried),
	UNIT(a_new_sender_s_day_holds_up_marketing_and_nothing_that_somebody_waits_for),
};
UNIT_MAIN("email/fleet", cases)

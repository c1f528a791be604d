/* The mailbox against a POP3 server of our own, which may be full, refuse, break off; and a host that may be away. Nothing hangs on how fast it goes: the
 * loop's part runs until what is waited for is so. */
#include "letter.h"
#include "returns_boxes.h"
#include "unit/check_main.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TOKEN "abcdefghijklmnopqrstuvwxyz234567abcdefg"

enum { MESSAGES = 2500, WAIT_S = 60 };
enum sort { NONE, STRANGER, BOUNCE, REFUSED, BREAKS };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static enum sort box[MESSAGES];
static int count, sessions, most_in_a_session;
static int listening, port;
static pthread_t server;

/* ---- the server ---- */

static void say(FILE *to, const char *text)
{
	fputs(text, to);
	fflush(to);
}

/* RETR: false ends the conversation. */
static bool give(FILE *to, int i)
{
	switch (box[i]) {
	case BREAKS:
		return false;
	case NONE:
	case REFUSED:
		say(to, "-ERR [SERVERBUG] not this one\r\n");
		return true;
	case STRANGER:
		fprintf(to, "+OK\r\nFrom: s%d@elsewhere.example\r\nTo: bounces@example.com\r\nMessage-ID: <s%d@elsewhere.example>\r\nSubject: hi\r\n\r\nhi\r\n.\r\n", i, i);
		break;
	case BOUNCE:
		fprintf(to, "+OK\r\nFrom: MAILER-DAEMON@example.net\r\nTo: bounces+" TOKEN "@example.com\r\nMessage-ID: <b%d@example.net>\r\n"
			    "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nno\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
			    "Reporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; lead@example.net\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n.\r\n", i);
		break;
	}
	fflush(to);
	return true;
}

static void list(FILE *to)
{
	fputs("+OK\r\n", to);
	for (int i = 0; i < count; i++)
		if (box[i] != NONE)
			fprintf(to, "%d u%d\r\n", i + 1, i);
	say(to, ".\r\n");
}

static void converse(FILE *in, FILE *to)
{
	static bool gone[MESSAGES];
	char line[512];
	int given = 0;
	memset(gone, 0, sizeof gone);
	say(to, "+OK hello\r\n");
	while (fgets(line, sizeof line, in)) {
		int n = atoi(line + 4) - 1;
		pthread_mutex_lock(&lock);
		bool quit = strncmp(line, "QUIT", 4) == 0, good = true;
		for (int i = 0; quit && i < count; i++)
			if (gone[i])
				box[i] = NONE;
		if (strncmp(line, "RETR", 4) == 0) {
			good = give(to, n);
			given++;
			most_in_a_session = given > most_in_a_session ? given : most_in_a_session;
		} else if (strncmp(line, "UIDL", 4) == 0) {
			list(to);
		} else if (strncmp(line, "CAPA", 4) == 0) {
			say(to, "-ERR\r\n");
		} else {
			if (strncmp(line, "DELE", 4) == 0)
				gone[n] = true;
			say(to, "+OK\r\n");
		}
		sessions += quit;
		pthread_mutex_unlock(&lock);
		if (quit || !good)
			break;
	}
}

static void *serve(void *arg)
{
	int fd;
	(void)arg;
	while ((fd = accept(listening, NULL, NULL)) >= 0) {
		FILE *in = fdopen(fd, "r"), *to = fdopen(dup(fd), "w");
		converse(in, to);
		fclose(to);
		fclose(in);
	}
	return NULL;
}

static void begin_server(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof at;
	memset(box, 0, sizeof box);
	count = sessions = most_in_a_session = 0;
	listening = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert(bind(listening, (struct sockaddr *)&at, sizeof at) == 0 && listen(listening, 10) == 0);
	ck_assert_int_eq(getsockname(listening, (struct sockaddr *)&at, &n), 0);
	port = ntohs(at.sin_port);
	ck_assert_int_eq(pthread_create(&server, NULL, serve, NULL), 0);
}

static void put(enum sort sort, int n)
{
	pthread_mutex_lock(&lock);
	while (n-- > 0)
		box[count++] = sort;
	pthread_mutex_unlock(&lock);
}

/* How many of a sort lie there, or sessions that ended well. */
static int left(enum sort sort)
{
	int n = 0;
	pthread_mutex_lock(&lock);
	for (int i = 0; i < count; i++)
		n += box[i] == sort;
	pthread_mutex_unlock(&lock);
	return n;
}

static int over(void)
{
	pthread_mutex_lock(&lock);
	int n = sessions;
	pthread_mutex_unlock(&lock);
	return n;
}

/* ---- the host ---- */

static GAsyncQueue *posts;
static bool away;
static int hard;
static char standing[4096];

struct post {
	nurture_timer_fn *fn;
	void *arg;
};

static void host_post(struct nurture_host_data *data, nurture_timer_fn *fn, void *arg)
{
	struct post *post = g_new(struct post, 1);
	(void)data;
	*post = (struct post){fn, arg};
	g_async_queue_push(posts, post);
}

static void host_log(struct nurture_host_data *data, enum nurture_log_level level, const char *event, const char *message)
{
	(void)data, (void)level, (void)event, (void)message;
}

static void host_returned(struct nurture_host_data *data, const struct nurture_return *what, nurture_returned_fn *fn, void *arg)
{
	(void)data;
	hard += !away && what->kind == NURTURE_RETURN_HARD;
	fn(arg, away ? NURTURE_RETURN_LATER : what->token ? NURTURE_RETURN_RECORDED : NURTURE_RETURN_NOBODY, NULL);
}

static void host_tell(struct nurture_host_data *data, const json_t *said)
{
	char *text = json_dumps(said, JSON_COMPACT);
	(void)data;
	g_strlcpy(standing, text, sizeof standing);
	free(text);
}

static const struct nurture_host host = {.size = sizeof host, .post = host_post, .log = host_log, .returned = host_returned, .tell = host_tell};

static bool ours;
static struct held_timer {
	nurture_timer_fn *fn;
	void *arg;
} asks;

static bool host_held(struct nurture_host_data *data)
{
	(void)data;
	return ours;
}

static struct nurture_timer *host_timer_new(struct nurture_host_data *data, nurture_timer_fn *fn, void *arg)
{
	(void)data;
	asks = (struct held_timer){fn, arg};
	return (struct nurture_timer *)(void *)&asks;
}

static void host_timer_set(struct nurture_timer *timer, int64_t us)
{
	(void)timer;
	(void)us;
}

static void host_timer_free(struct nurture_timer *timer)
{
	(void)timer;
}

/* One whose channel may be another process's. */
static const struct nurture_host host_of_two = {.size = sizeof host, .post = host_post, .log = host_log, .returned = host_returned, .tell = host_tell, .held = host_held,
						.timer_new = host_timer_new, .timer_set = host_timer_set, .timer_free = host_timer_free};

static struct returns_boxes *boxes;
static struct returns_settings settings;
static struct desk desk;
static char url[64], user[] = "u", password[] = "p", folder[] = "";

static void begin(void)
{
	begin_server();
	away = false, hard = 0;
	standing[0] = '\0';
	posts = g_async_queue_new_full(g_free);
	snprintf(url, sizeof url, "pop3://127.0.0.1:%d", port);
	settings = (struct returns_settings){.box_count = 1, .soft_most = 5, .soft_days = 30};
	settings.boxes[0] = (struct box_settings){.url = url, .shown = url, .user = user, .password = password, .folder = folder, .pop3 = true,
						  .plain = true, .after = AFTER_DELETE, .every = 0.01, .patience = 30};
}

static void open_for(const struct nurture_host *of)
{
	desk_init(&desk, of);
	boxes = returns_boxes_new(of, &settings, &desk);
}

static void open_it(void)
{
	open_for(&host);
}

static void end(void)
{
	returns_boxes_free(boxes);
	desk_fini(&desk);
	shutdown(listening, SHUT_RDWR);
	pthread_join(server, NULL);
	close(listening);
	g_async_queue_unref(posts);
}

/* The loop: what is posted, until it is so. */
#define RUN_UNTIL(so) \
	do { \
		gint64 ends = g_get_monotonic_time() + (gint64)WAIT_S * G_USEC_PER_SEC; \
		while (!(so)) { \
			struct post *post = g_async_queue_timeout_pop(posts, 20000); \
			if (post) \
				post->fn(post->arg); \
			g_free(post); \
			ck_assert_msg(g_get_monotonic_time() < ends, "never: %s", #so); \
		} \
	} while (0)

START_TEST(a_flood_of_what_stays_there_hides_nothing_that_comes_after_it)
{
	put(STRANGER, 1200);
	put(BOUNCE, 3);
	open_it();
	RUN_UNTIL(left(BOUNCE) == 0);
	ck_assert_int_eq(hard, 3);
	ck_assert_int_eq(left(STRANGER), 1200);
	RUN_UNTIL(strstr(standing, "1200 messages were set aside for a person"));
	ck_assert_ptr_nonnull(strstr(standing, "3 recorded"));
}
END_TEST

START_TEST(while_the_host_cannot_a_full_mailbox_is_not_fetched_again_and_again)
{
	put(BOUNCE, 1200);
	away = true;
	open_it();
	RUN_UNTIL(over() >= 3);
	ck_assert_int_le(most_in_a_session, 16); /* one batch says enough */
	ck_assert_int_eq(left(BOUNCE), 1200);
	away = false;
	RUN_UNTIL(left(BOUNCE) == 0);
	ck_assert_int_eq(hard, 1200);
}
END_TEST

START_TEST(one_that_the_server_does_not_give_or_breaks_off_at_stands_in_nobody_s_way)
{
	put(REFUSED, 2);
	put(BOUNCE, 1);
	put(BREAKS, 1);
	put(BOUNCE, 20);
	settings.boxes[0].every = 0.001;
	open_it();
	RUN_UNTIL(left(BOUNCE) == 0);
	for (int i = 0; i < 3; i++) { /* it gives others: it is the messages */
		put(BOUNCE, 1);
		RUN_UNTIL(left(BOUNCE) == 0);
	}
	RUN_UNTIL(strstr(standing, "3 set aside for a person"));
	ck_assert_int_ge(hard, 24); /* what was told before it broke off is told again: the host knows it */
}
END_TEST

START_TEST(while_another_process_has_the_channel_nothing_is_read)
{
	put(BOUNCE, 3);
	ours = false;
	open_for(&host_of_two);
	g_usleep(1500000); /* it asks each second */
	pthread_mutex_lock(&lock);
	ck_assert_int_eq(most_in_a_session, 0);
	pthread_mutex_unlock(&lock);
	ours = true;
	asks.fn(asks.arg);
	RUN_UNTIL(left(BOUNCE) == 0);
	ck_assert_int_eq(hard, 3);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(while_another_process_has_the_channel_nothing_is_read),
	UNIT(a_flood_of_what_stays_there_hides_nothing_that_comes_after_it),
	UNIT(while_the_host_cannot_a_full_mailbox_is_not_fetched_again_and_again),
	UNIT(one_that_the_server_does_not_give_or_breaks_off_at_stands_in_nobody_s_way),
};
UNIT_MAIN_EACH("email/mailbox", cases, (void)0, begin, end)

/* Lives and deaths in the http room, in one process so that the sanitizers see them: handles that outlive clients and servers,
 * streams that break off, drains. The raw-socket tests (tests/integration/http_*) look from outside. */
#include "http/http.h"
#include "unit/check_main.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEAD(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"
#define POST(path, length) "POST " path " HTTP/1.1\r\nHost: a\r\nContent-Length: " length "\r\n\r\n"

static struct loop *loop;
static struct http_server *server;
static struct sockaddr_in place;
static struct http_request *held;
static unsigned handled, gone, aborted, drained;
static size_t streamed;
static bool free_in_handler;

static void on_gone(struct http_request *req, void *arg)
{
	ck_assert_ptr_eq(req, held);
	ck_assert(http_is_gone(req));
	(*(unsigned *)arg)++;
}

static void on_request(struct http_request *req, void *arg)
{
	ck_assert_ptr_eq(arg, &place);
	handled++;
	if (free_in_handler) {
		http_server_free(server);
		server = NULL;
	}
	if (str_is(http_path(req), "/hold")) {
		held = req;
		http_on_gone(req, on_gone, &gone);
		return;
	}
	http_reply(req, 200, NULL, http_path(req));
	http_reply(req, 500, NULL, STR("a second reply")); /* logged, and nothing else */
}

static void on_chunk(struct http_request *req, struct str data, void *arg)
{
	(void)req, (void)arg;
	streamed += data.n;
}

static void on_aborted(struct http_request *req, void *arg)
{
	(void)arg;
	aborted++;
	http_reply(req, 200, NULL, STR("nobody hears this"));
}

static void on_begin(struct http_request *req, struct http_plan *plan, void *arg)
{
	(void)arg;
	plan->chunk = on_chunk;
	plan->aborted = on_aborted;
	if (str_is(http_path(req), "/pause")) {
		held = req;
		http_pause(req);
	}
}

static void start(struct http_limits limits)
{
	struct error error = {0};
	socklen_t length = sizeof place;
	int fd = http_listen("127.0.0.1:0", &error);
	ck_assert_msg(fd >= 0, "%s", error.message);
	getsockname(fd, (struct sockaddr *)&place, &length);
	loop = loop_new();
	server = http_server_new(loop, &(struct http_options){.listen_fd = fd, .limits = limits, .handler = on_request,
							      .begin = on_begin, .arg = &place}, &error);
	ck_assert_ptr_nonnull(server);
}

static void stop(void)
{
	http_server_free(server);
	loop_free(loop);
}

/* What was sent over loopback is there at once, or a little later where the kernel has much else to do. */
static void turn(void)
{
	for (int i = 0; i < 10; i++)
		loop_once(loop, 2000);
}

static int client(const char *text)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&place, sizeof place), 0);
	ck_assert_int_eq(send(fd, text, strlen(text), 0), (ssize_t)strlen(text));
	turn();
	return fd;
}

/* What has come: "" nothing yet, NULL when closed. */
static const char *answer(int fd)
{
	static char bytes[8192];
	ssize_t n = recv(fd, bytes, sizeof bytes - 1, MSG_DONTWAIT);
	bytes[n > 0 ? n : 0] = '\0';
	return n == 0 ? NULL : bytes;
}

START_TEST(a_handle_outlives_its_client_and_the_late_reply_is_nothing)
{
	start((struct http_limits){0});
	int fd = client(HEAD("/hold"));
	ck_assert(held && !http_is_gone(held));
	ck_assert_uint_eq(http_counters(server)->busy, 1);
	close(fd);
	turn();
	ck_assert_uint_eq(gone, 1);
	http_reply(held, 200, NULL, STR("late"));
	turn();
	ck_assert_uint_eq(http_counters(server)->busy, 0);
	ck_assert_uint_eq(http_counters(server)->open, 0);
	stop();
}
END_TEST

START_TEST(a_handle_outlives_its_server)
{
	start((struct http_limits){0});
	int fd = client(HEAD("/hold"));
	http_server_free(server);
	turn();
	ck_assert_uint_eq(gone, 1);
	ck_assert_ptr_null(answer(fd));
	http_reply_json(held, 200, NULL, json_object());
	turn();
	server = NULL;
	stop();
	close(fd);
}
END_TEST

START_TEST(a_server_may_be_freed_by_its_own_handler)
{
	start((struct http_limits){0});
	free_in_handler = true;
	int fd = client(HEAD("/a") HEAD("/b"));
	ck_assert_uint_eq(handled, 1);
	ck_assert_ptr_null(answer(fd));
	turn();
	loop_free(loop);
	close(fd);
}
END_TEST

START_TEST(only_the_first_reply_counts)
{
	start((struct http_limits){0});
	int fd = client(HEAD("/a"));
	const char *text = answer(fd);
	ck_assert(strstr(text, "200 OK") && strstr(text, "\r\n\r\n/a") && !strstr(text, "second"));
	close(fd);
	stop();
}
END_TEST

START_TEST(a_stream_that_breaks_off_is_aborted_once)
{
	start((struct http_limits){0});
	int fd = client(POST("/stream", "100") "0123456789");
	ck_assert_uint_eq(streamed, 10);
	close(fd);
	turn();
	ck_assert_uint_eq(aborted, 1);
	fd = client(POST("/pause", "100") "0123456789");
	http_server_free(server);
	turn();
	ck_assert_uint_eq(aborted, 2);
	ck_assert_uint_eq(handled, 0);
	loop_free(loop);
	close(fd);
}
END_TEST

START_TEST(a_paused_stream_goes_on_where_it_stood)
{
	start((struct http_limits){0});
	int fd = client(POST("/pause", "20") "0123456789");
	ck_assert_uint_eq(streamed, 0);
	http_resume(held);
	turn();
	ck_assert_uint_eq(streamed, 10);
	ck_assert_int_eq(send(fd, "0123456789" HEAD("/next"), 10 + strlen(HEAD("/next")), 0), (ssize_t)(10 + strlen(HEAD("/next"))));
	turn();
	ck_assert_uint_eq(streamed, 20);
	ck_assert_uint_eq(handled, 2);
	ck_assert_ptr_nonnull(strstr(answer(fd), "/next"));
	close(fd);
	stop();
}
END_TEST

START_TEST(a_deadline_answers_for_a_handler_and_for_a_client)
{
	start((struct http_limits){.handle_us = 20000, .head_us = 20000, .body_us = 20000});
	int slow = client(HEAD("/hold"));
	int half = client("GET / HT");
	int body = client(POST("/stream", "5") "x");
	for (int i = 0; i < 20; i++)
		turn();
	ck_assert_ptr_nonnull(strstr(answer(slow), " 503 "));
	ck_assert_ptr_nonnull(strstr(answer(half), " 408 "));
	ck_assert_ptr_nonnull(strstr(answer(body), " 408 "));
	ck_assert_uint_eq(gone, 1);
	ck_assert_uint_eq(aborted, 1);
	http_reply(held, 200, NULL, STR("late"));
	close(slow);
	close(half);
	close(body);
	stop();
}
END_TEST

static void on_drained(void *arg)
{
	(void)arg;
	drained++;
	ck_assert_uint_eq(http_counters(server)->open, 0);
	http_server_free(server);
	server = NULL;
}

START_TEST(a_drain_waits_for_what_runs_and_may_free_the_server)
{
	start((struct http_limits){0});
	int idle = client(HEAD("/a")), busy = client(HEAD("/hold") HEAD("/b"));
	answer(idle);
	http_drain(server, on_drained, NULL);
	turn();
	ck_assert_uint_eq(drained, 0);
	ck_assert_int_gt(send(idle, HEAD("/c"), sizeof HEAD("/c") - 1, 0), 0); /* was on its way when the drain began */
	turn();
	const char *last = answer(idle);
	ck_assert(last && strstr(last, "Connection: close") && strstr(last, "/c"));
	ck_assert_ptr_null(answer(idle));
	http_reply(held, 200, NULL, STR("held"));
	turn();
	const char *text = answer(busy);
	ck_assert(strstr(text, "Connection: close") && strstr(text, "held"));
	ck_assert_uint_eq(handled, 3); /* /b was not begun */
	close(busy);
	turn();
	ck_assert_uint_eq(drained, 1);
	close(idle);
	loop_free(loop);
}
END_TEST

START_TEST(an_idle_server_is_drained_at_once)
{
	start((struct http_limits){0});
	http_drain(server, on_drained, NULL);
	turn();
	ck_assert_uint_eq(drained, 1);
	loop_free(loop);
}
END_TEST

static const struct unit_case cases[] = {
	UNIT(a_handle_outlives_its_client_and_the_late_reply_is_nothing),
	UNIT(a_handle_outlives_its_server),
	UNIT(a_server_may_be_freed_by_its_own_handler),
	UNIT(only_the_first_reply_counts),
	UNIT(a_stream_that_breaks_off_is_aborted_once),
	UNIT(a_paused_stream_goes_on_where_it_stood),
	UNIT(a_deadline_answers_for_a_handler_and_for_a_client),
	UNIT(a_drain_waits_for_what_runs_and_may_free_the_server),
	UNIT(an_idle_server_is_drained_at_once),
};
UNIT_MAIN("http/life", cases)

/* libcurl's multi interface on the host's libevent loop: libcurl says which sockets and which moment it waits for, we wait. */
#include "webhook.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Tells every job that libcurl has done with. Never called from inside libcurl. */
static void reap(struct webhook *webhook)
{
	int left;
	for (CURLMsg *message; (message = curl_multi_info_read(webhook->multi, &left));) {
		struct job *job;
		char reason[400];
		if (message->msg != CURLMSG_DONE || curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &job) != CURLE_OK)
			continue;
		struct nurture_result result = verdict(job, message->data.result, reason);
		job_finish(job, &result);
	}
}

static void on_socket(evutil_socket_t fd, short what, void *arg)
{
	struct webhook *webhook = arg;
	int running, bits = (what & EV_READ ? CURL_CSELECT_IN : 0) | (what & EV_WRITE ? CURL_CSELECT_OUT : 0);
	curl_multi_socket_action(webhook->multi, fd, bits, &running);
	reap(webhook);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct webhook *webhook = arg;
	int running;
	(void)fd, (void)what;
	curl_multi_socket_action(webhook->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	reap(webhook);
}

/* libcurl wants another set of events of a socket, or none. */
static int want_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
	struct webhook *webhook = arg;
	struct event *event = known;
	(void)easy;
	if (event)
		event_free(event);
	event = NULL;
	if (what != CURL_POLL_REMOVE) {
		short bits = (short)(EV_PERSIST | (what & CURL_POLL_IN ? EV_READ : 0) | (what & CURL_POLL_OUT ? EV_WRITE : 0));
		event = event_new(webhook->host->loop(webhook->host->data), fd, bits, on_socket, webhook);
		if (!event || event_add(event, NULL))
			abort();
	}
	curl_multi_assign(webhook->multi, fd, event);
	return 0;
}

static int want_timer(CURLM *multi, long ms, void *arg)
{
	struct webhook *webhook = arg;
	struct timeval tv = {ms / 1000, ms % 1000 * 1000};
	(void)multi;
	return ms < 0 ? evtimer_del(webhook->timer) : evtimer_add(webhook->timer, &tv);
}

/* The address that will be connected to, whatever the URL said and DNS answered. */
static curl_socket_t on_open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct job *job = arg;
	(void)purpose;
	if (!job->webhook->settings.allow_private && !address_is_public(&address->addr)) {
		job->forbidden = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t on_body(char *data, size_t one, size_t n, void *arg)
{
	struct job *job = arg;
	size_t room = sizeof job->said - job->said_length, take = n < room ? n : room;
	memcpy(job->said + job->said_length, data, take);
	job->said_length += take;
	return one * n; /* the rest is read and forgotten */
}

static struct curl_slist *headers(const struct job *job)
{
	struct curl_slist *list = NULL, *next;
	char signature[128], line[4][200];
	payload_sign(job->webhook->settings.secret, time(NULL), job->body, job->length, signature);
	snprintf(line[0], sizeof line[0], "Content-Type: application/json");
	snprintf(line[1], sizeof line[1], "Idempotency-Key: %" PRId64, job->touch_id);
	snprintf(line[2], sizeof line[2], "Nurture-Signature: %s", signature);
	snprintf(line[3], sizeof line[3], "Expect:"); /* no waiting for 100 */
	for (size_t i = 0; i < sizeof line / sizeof *line; i++, list = next)
		if (!(next = curl_slist_append(list, line[i]))) {
			curl_slist_free_all(list);
			return NULL;
		}
	return list;
}

bool transfer_begin(struct job *job)
{
	CURL *easy = job->easy = curl_easy_init();
	job->headers = headers(job);
	if (!easy || !job->headers)
		return false;
	curl_easy_setopt(easy, CURLOPT_PRIVATE, job);
	curl_easy_setopt(easy, CURLOPT_URL, job->webhook->settings.url);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_PROXY, ""); /* not what the environment says */
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)job->length);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, job->body);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, job->headers);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "nurture-webhook/1.0");
	curl_easy_setopt(easy, CURLOPT_TIMEOUT, job->webhook->settings.timeout);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, job->error);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, job);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, job);
	/* On a kept connection that the server has closed libcurl would send the request again by itself. */
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	return curl_multi_add_handle(job->webhook->multi, easy) == CURLM_OK;
}

void transfer_end(struct job *job)
{
	if (job->easy) {
		curl_multi_remove_handle(job->webhook->multi, job->easy);
		curl_easy_cleanup(job->easy);
	}
	curl_slist_free_all(job->headers);
	job->easy = NULL;
	job->headers = NULL;
}

int transfer_init(struct webhook *webhook)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		return -1;
	webhook->multi = curl_multi_init();
	webhook->timer = evtimer_new(webhook->host->loop(webhook->host->data), on_timer, webhook);
	if (!webhook->multi || !webhook->timer)
		return -1;
	curl_multi_setopt(webhook->multi, CURLMOPT_SOCKETFUNCTION, want_socket);
	curl_multi_setopt(webhook->multi, CURLMOPT_SOCKETDATA, webhook);
	curl_multi_setopt(webhook->multi, CURLMOPT_TIMERFUNCTION, want_timer);
	curl_multi_setopt(webhook->multi, CURLMOPT_TIMERDATA, webhook);
	return 0;
}

void transfer_fini(struct webhook *webhook)
{
	curl_multi_cleanup(webhook->multi);
	if (webhook->timer)
		event_free(webhook->timer);
	curl_global_cleanup();
}

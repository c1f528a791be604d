/* Lines over a connection that libcurl made: see returns_dialog.h. */
#include "returns_dialog.h"

#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

struct dialog {
	CURL *curl;
	curl_socket_t fd;
	int stop_fd;
	int64_t patience, deadline; /* µs; of the answer that is waited for */
	GByteArray *in;
	size_t at;                  /* read so far, of `in` */
	bool failed;
	char why[DIALOG_WHY];
};

static bool is_stopped(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	return poll(&p, 1, 0) > 0;
}

/* libcurl asks about once a second, also while it connects. */
static int on_progress(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	(void)a, (void)b, (void)c, (void)d;
	return is_stopped(*(const int *)arg);
}

static void set_options(CURL *curl, const struct dialog_to *to, char error[CURL_ERROR_SIZE], const int *stop_fd)
{
	curl_easy_setopt(curl, CURLOPT_URL, to->url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "imap,imaps,pop3,pop3s");
	curl_easy_setopt(curl, CURLOPT_USERNAME, to->user);
	curl_easy_setopt(curl, CURLOPT_PASSWORD, to->password);
	curl_easy_setopt(curl, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)(to->seconds * 1000));
	curl_easy_setopt(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)to->seconds + 1);
	curl_easy_setopt(curl, CURLOPT_USE_SSL, (long)(to->plain ? CURLUSESSL_NONE : CURLUSESSL_ALL));
	if (to->ca)
		curl_easy_setopt(curl, CURLOPT_CAINFO, to->ca);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, stop_fd);
}

struct dialog *dialog_open(const struct dialog_to *to, char why[DIALOG_WHY])
{
	struct dialog *d = g_new0(struct dialog, 1);
	char error[CURL_ERROR_SIZE] = "";
	d->curl = curl_easy_init();
	d->in = g_byte_array_new();
	d->stop_fd = to->stop_fd;
	d->patience = (int64_t)(to->seconds * 1e6);
	if (!d->curl)
		g_error("curl_easy_init failed");
	set_options(d->curl, to, error, &d->stop_fd);
	CURLcode code = curl_easy_perform(d->curl);
	if (!code)
		code = curl_easy_getinfo(d->curl, CURLINFO_ACTIVESOCKET, &d->fd);
	curl_easy_setopt(d->curl, CURLOPT_ERRORBUFFER, NULL);
	if (!code && d->fd != CURL_SOCKET_BAD)
		return d;
	snprintf(why, DIALOG_WHY, "%s", *error ? error : curl_easy_strerror(code));
	dialog_close(d);
	return NULL;
}

void dialog_close(struct dialog *d)
{
	if (!d)
		return;
	curl_easy_cleanup(d->curl);
	g_byte_array_unref(d->in);
	g_free(d);
}

const char *dialog_why(const struct dialog *d)
{
	return d->why;
}

void dialog_fail(struct dialog *d, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	if (!d->failed)
		vsnprintf(d->why, sizeof d->why, fmt, args);
	va_end(args);
	d->failed = true;
}

static bool wait_for(struct dialog *d, short events)
{
	struct pollfd p[2] = {{.fd = d->fd, .events = events}, {.fd = d->stop_fd, .events = POLLIN}};
	int64_t left = d->deadline - g_get_monotonic_time();
	int n = left <= 0 ? 0 : poll(p, 2, (int)(left / 1000 + 1));
	if (n < 0 && errno == EINTR)
		return true;
	if (n <= 0)
		dialog_fail(d, "no answer in %.3g seconds", (double)d->patience / 1e6);
	else if (p[1].revents)
		dialog_fail(d, "the server is closing");
	return !d->failed;
}

bool dialog_say(struct dialog *d, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	char *text = g_strdup_vprintf(fmt, args);
	va_end(args);
	size_t length = strlen(text), done = 0;
	d->deadline = g_get_monotonic_time() + d->patience;
	while (!d->failed && done < length) {
		size_t n = 0;
		CURLcode code = curl_easy_send(d->curl, text + done, length - done, &n);
		done += n;
		if (code == CURLE_AGAIN)
			wait_for(d, POLLOUT);
		else if (code)
			dialog_fail(d, "%s", curl_easy_strerror(code));
	}
	g_free(text);
	return !d->failed;
}

/* What has been read goes; more comes. */
static bool read_more(struct dialog *d)
{
	unsigned char bytes[16384];
	if (d->at) {
		g_byte_array_remove_range(d->in, 0, (guint)d->at);
		d->at = 0;
	}
	while (!d->failed) {
		size_t n = 0;
		CURLcode code = curl_easy_recv(d->curl, bytes, sizeof bytes, &n);
		if (!code && n) {
			g_byte_array_append(d->in, bytes, (guint)n);
			return true;
		}
		if (code == CURLE_AGAIN)
			wait_for(d, POLLIN);
		else
			dialog_fail(d, "%s", code ? curl_easy_strerror(code) : "the server closed the connection");
	}
	return false;
}

const char *dialog_line(struct dialog *d)
{
	d->deadline = g_get_monotonic_time() + d->patience;
	while (!d->failed) {
		unsigned char *from = d->in->data + d->at, *end = d->in->len > d->at ? memchr(from, '\n', d->in->len - d->at) : NULL;
		if (end) {
			size_t n = (size_t)(end - from);
			d->at += n + 1;
			from[n] = '\0';
			if (n && from[n - 1] == '\r')
				from[n - 1] = '\0';
			return (const char *)from;
		}
		if (d->in->len - d->at > DIALOG_LINE)
			dialog_fail(d, "a line of more than %d bytes", (int)DIALOG_LINE);
		else
			read_more(d);
	}
	return NULL;
}

bool dialog_bytes(struct dialog *d, size_t n, size_t most, GByteArray *into)
{
	d->deadline = g_get_monotonic_time() + d->patience;
	while (!d->failed && n) {
		size_t have = d->in->len - d->at, take = have < n ? have : n;
		size_t keep = into->len >= most ? 0 : take < most - into->len ? take : most - into->len;
		g_byte_array_append(into, d->in->data + d->at, (guint)keep);
		d->at += take;
		n -= take;
		if (n)
			read_more(d);
	}
	return !d->failed;
}

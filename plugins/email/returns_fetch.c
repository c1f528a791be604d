/* Fetching beside the loop: see returns_fetch.h. The fetcher lives as long as its last thread; what a thread tells goes through `post`, under the lock and only
 * while the fetcher is open. */
#include "returns_fetch.h"

#include <curl/curl.h>
#include <glib.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

struct fetcher {
	pthread_mutex_t lock;
	int users;     /* the owner, and threads */
	bool closed;
	const struct nurture_host *host;
	char *ca;
	fetched_fn *fn;
	void *arg;
};

struct fetch {
	struct fetcher *fetcher;
	char *url;
	GString *bytes;
	bool good;
	char why[CURL_ERROR_SIZE];
};

static void unref(struct fetcher *f)
{
	pthread_mutex_lock(&f->lock);
	bool last = --f->users == 0;
	pthread_mutex_unlock(&f->lock);
	if (!last)
		return;
	pthread_mutex_destroy(&f->lock);
	g_free(f->ca);
	g_free(f);
}

static void fetch_free(struct fetch *fetch)
{
	unref(fetch->fetcher);
	g_string_free(fetch->bytes, TRUE);
	g_free(fetch->url);
	g_free(fetch);
}

struct fetcher *fetcher_new(const struct nurture_host *host, const char *ca, fetched_fn *fn, void *arg)
{
	struct fetcher *f = g_new0(struct fetcher, 1);
	*f = (struct fetcher){.users = 1, .host = host, .ca = g_strdup(ca), .fn = fn, .arg = arg};
	pthread_mutex_init(&f->lock, NULL);
	return f;
}

void fetcher_free(struct fetcher *f)
{
	if (!f)
		return;
	pthread_mutex_lock(&f->lock);
	f->closed = true;
	pthread_mutex_unlock(&f->lock);
	unref(f);
}

static void on_fetched(void *arg)
{
	struct fetch *fetch = arg;
	struct fetcher *f = fetch->fetcher;
	f->fn(f->arg, fetch->url, fetch->good ? fetch->bytes->str : NULL, fetch->bytes->len, fetch->why);
	fetch_free(fetch);
}

static size_t on_bytes(char *bytes, size_t one, size_t n, void *arg)
{
	GString *out = arg;
	if (out->len + n > FETCH_MOST)
		return 0;
	g_string_append_len(out, bytes, (gssize)n);
	return one * n;
}

static void *run(void *arg)
{
	struct fetch *fetch = arg;
	struct fetcher *f = fetch->fetcher;
	CURL *curl = curl_easy_init();
	if (!curl)
		g_error("curl_easy_init failed");
	curl_easy_setopt(curl, CURLOPT_URL, fetch->url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)FETCH_SECONDS);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, fetch->why);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_bytes);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, fetch->bytes);
	if (f->ca)
		curl_easy_setopt(curl, CURLOPT_CAINFO, f->ca);
	fetch->good = curl_easy_perform(curl) == CURLE_OK;
	curl_easy_cleanup(curl);
	pthread_mutex_lock(&f->lock);
	bool open = !f->closed;
	if (open)
		f->host->post(f->host->data, on_fetched, fetch);
	pthread_mutex_unlock(&f->lock);
	if (!open)
		fetch_free(fetch);
	return NULL;
}

void fetcher_fetch(struct fetcher *f, const char *url)
{
	struct fetch *fetch = g_new0(struct fetch, 1);
	pthread_t thread;
	pthread_attr_t attr;
	*fetch = (struct fetch){.fetcher = f, .url = g_strdup(url), .bytes = g_string_new(NULL)};
	pthread_mutex_lock(&f->lock);
	f->users++;
	pthread_mutex_unlock(&f->lock);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	if (pthread_create(&thread, &attr, run, fetch)) {
		snprintf(fetch->why, sizeof fetch->why, "no thread");
		f->host->post(f->host->data, on_fetched, fetch);
	}
	pthread_attr_destroy(&attr);
}

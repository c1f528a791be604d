/* Web hooks: see returns_hook.h.
 *
 *   taken ──► proven? ──(certificate)──► fetched ──► proven? ──► told ──► all recorded ──► 200
 *                └─► 403                    └─► 503                └─► 503 (later)
 */
#include "returns_hook.h"

#include "returns_fetch.h"
#include "returns_tell.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

struct notice;

enum { WAITING_MOST = 50, CERTIFICATE_SECONDS = 86400 };

/* One of those that a notice tells of. */
struct told {
	struct notice *notice;
	struct came came;
};

struct notice {
	struct returns_hook *hook;
	const struct provider *provider;
	struct nurture_handle handle;
	char *body;
	size_t length;
	char url[512];   /* that it waits for; "" = none */
	bool confirming; /* the fetch is the answer */
	int left;        /* of what was told, not answered */
	bool again;      /* some of it must be told again */
	struct told *told;
	size_t told_count;
};

struct returns_hook {
	const struct nurture_host *host;
	struct desk *desk;
	const struct returns_settings *settings;
	struct fetcher *fetcher;
	GPtrArray *notices;
	char *certificate_url, *certificate; /* the newest one that proved something */
	size_t certificate_length;
	int64_t certificate_at;
};

static void notice_free(void *arg)
{
	struct notice *n = arg;
	for (size_t i = 0; i < n->told_count; i++)
		came_fini(&n->told[i].came);
	g_free(n->told);
	g_free(n->body);
	g_free(n);
}

static void answer(struct notice *n, int status, const char *title)
{
	char body[300];
	const struct nurture_host *host = n->hook->host;
	snprintf(body, sizeof body, "{\"title\": \"%s\", \"status\": %d}", title, status);
	struct nurture_reply reply = {.size = sizeof reply, .status = status, .content_type = status < 300 ? NULL : "application/problem+json", .body = body,
				      .body_length = strlen(body)};
	host->reply(host->data, n->handle, &reply);
	g_ptr_array_remove_fast(n->hook->notices, n);
}

static void one_over(struct notice *n)
{
	if (--n->left == 0)
		answer(n, n->again ? 503 : 200, n->again ? "not recorded: tell it again" : "recorded");
}

static void on_returned(void *arg, enum nurture_return_answer what, const char *sent_to)
{
	struct told *told = arg;
	struct notice *n = told->notice;
	if (what == NURTURE_RETURN_RECORDED)
		came_recorded(n->hook->desk, &told->came, sent_to);
	n->again = n->again || what == NURTURE_RETURN_LATER;
	one_over(n);
}

static void tell(struct notice *n)
{
	struct came came[PROVIDER_CAME];
	const struct returns_settings *s = n->hook->settings;
	n->told_count = n->provider->read(n->body, n->length, came);
	n->told = g_new0(struct told, n->told_count);
	n->left = (int)n->told_count + 1; /* ours: it is not over while we tell */
	for (size_t i = 0; i < n->told_count; i++) {
		n->told[i] = (struct told){n, came[i]};
		if (!came_tell(n->hook->host, &n->told[i].came, s->soft_most, s->soft_days, on_returned, &n->told[i]))
			n->left--;
	}
	one_over(n);
}

static void refuse(struct notice *n, const char *why)
{
	const struct nurture_host *host = n->hook->host;
	char text[300];
	snprintf(text, sizeof text, "a notice to the web hook %s is not believed: %s", n->provider->name, why);
	host->log(host->data, NURTURE_LOG_WARN, "email.hook.refused", text);
	answer(n, 403, why);
}

static void fetch(struct notice *n, const char *url)
{
	g_strlcpy(n->url, url, sizeof n->url);
	fetcher_fetch(n->hook->fetcher, url);
}

static bool has_certificate(const struct returns_hook *hook, const char *url)
{
	return hook->certificate && !strcmp(hook->certificate_url, url) && time(NULL) < hook->certificate_at + CERTIFICATE_SECONDS;
}

static void keep_certificate(struct returns_hook *hook, const char *url, const char *bytes, size_t length)
{
	g_free(hook->certificate_url), g_free(hook->certificate);
	hook->certificate_url = g_strdup(url);
	hook->certificate = g_strndup(bytes, length);
	hook->certificate_length = length;
	hook->certificate_at = time(NULL);
}

/* url: where what was fetched comes from; NULL = it was kept, or nothing was. */
static void look(struct notice *n, const char *url, const char *fetched, size_t length)
{
	struct provider_proof proof = {.fetched = fetched, .fetched_length = length};
	enum proof result = n->provider->prove(n->hook->settings, n->body, n->length, time(NULL), &proof);
	if (result == PROOF_FETCH && !fetched && has_certificate(n->hook, proof.url)) {
		look(n, NULL, n->hook->certificate, n->hook->certificate_length);
		return;
	}
	switch (result) {
	case PROOF_FETCH:
		fetch(n, proof.url);
		return;
	case PROOF_BAD:
		refuse(n, proof.why);
		return;
	case PROOF_GOOD:
		if (url)
			keep_certificate(n->hook, url, fetched, length);
		break;
	}
	n->confirming = proof.confirm;
	if (proof.confirm)
		fetch(n, proof.url);
	else
		tell(n);
}

static void confirmed(struct notice *n)
{
	const struct nurture_host *host = n->hook->host;
	host->log(host->data, NURTURE_LOG_INFO, "email.hook.confirmed", n->provider->name);
	answer(n, 200, "confirmed");
}

static void go_on(struct notice *n, const char *url, const char *bytes, size_t length)
{
	n->url[0] = '\0';
	if (!bytes)
		answer(n, 503, "what proves it could not be fetched");
	else if (n->confirming)
		confirmed(n);
	else
		look(n, url, bytes, length);
}

/* All that wait for the same: a storm fetches one certificate a notice at most while none is kept. */
static void on_fetched(void *arg, const char *url, const char *bytes, size_t length, const char *why)
{
	struct returns_hook *hook = arg;
	char text[800];
	if (!bytes) {
		snprintf(text, sizeof text, "%.400s cannot be fetched: %.300s", url, why);
		hook->host->log(hook->host->data, NURTURE_LOG_WARN, "email.hook.fetch", text);
	}
	for (guint i = 0; i < hook->notices->len;) {
		struct notice *n = hook->notices->pdata[i];
		if (!n->url[0] || strcmp(n->url, url) != 0) {
			i++;
			continue;
		}
		go_on(n, url, bytes, length); /* it may go, and another take its place; or it waits for something else now */
		i = 0;
	}
}

struct returns_hook *returns_hook_new(const struct nurture_host *host, const struct returns_settings *settings, struct desk *desk)
{
	struct returns_hook *hook = g_new0(struct returns_hook, 1);
	hook->host = host;
	hook->desk = desk;
	hook->settings = settings;
	hook->notices = g_ptr_array_new_with_free_func(notice_free);
	hook->fetcher = fetcher_new(host, settings->ses_ca, on_fetched, hook);
	return hook;
}

void returns_hook_free(struct returns_hook *hook)
{
	if (!hook)
		return;
	fetcher_free(hook->fetcher);
	g_ptr_array_free(hook->notices, TRUE);
	g_free(hook->certificate_url), g_free(hook->certificate);
	g_free(hook);
}

void returns_hook_take(struct returns_hook *hook, const struct provider *provider, const struct nurture_request *request)
{
	struct notice *n = g_new0(struct notice, 1);
	*n = (struct notice){.hook = hook, .provider = provider, .handle = request->handle, .body = g_malloc(request->body_length + 1), .length = request->body_length};
	memcpy(n->body, request->body, request->body_length);
	n->body[request->body_length] = '\0';
	g_ptr_array_add(hook->notices, n);
	if (!hook->settings->ses_topic)
		answer(n, 404, "no provider is configured");
	else if (hook->notices->len > WAITING_MOST)
		answer(n, 503, "too many at once");
	else
		look(n, NULL, NULL, 0);
}

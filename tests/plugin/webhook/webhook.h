/* A channel that hands each touch to a web server: POST of a JSON object, signed. What its files share.
 *
 *   deliver ─► asks permission ─► POST ─► answer, or none ─► one outcome
 *
 * What always holds: nothing is sent without permission; a request is made once (libcurl may repeat one on a connection that it kept: none is
 * kept); no address is connected to that `address.c` does not allow. */
#ifndef WEBHOOK_H
#define WEBHOOK_H

#include <nurture/plugin.h>

#include <curl/curl.h>
#include <event2/event.h>
#include <sys/queue.h>

struct settings {
	char *url, *secret;
	bool allow_private; /* addresses that only we can reach */
	long timeout;       /* seconds, until the whole answer is there */
	uint32_t connections;
};

struct job {
	LIST_ENTRY(job) entry;
	struct webhook *webhook;
	struct nurture_handle handle;
	int64_t touch_id;
	char *body;
	size_t length;
	CURL *easy;                 /* NULL until it is permitted */
	struct curl_slist *headers;
	bool forbidden;             /* the URL led to an address that is not allowed */
	char said[200];             /* how the answer's body begins */
	size_t said_length;
	char error[CURL_ERROR_SIZE];
};

struct webhook {
	const struct nurture_host *host;
	struct settings settings;
	CURLM *multi;
	struct event *timer;
	LIST_HEAD(, job) jobs;
	LIST_HEAD(, asking) askings; /* requests that wait for the database: receipts.c */
};

/* settings.c: 0, or -1 with *problem; settings_free takes a zeroed one. */
int settings_read(struct settings *settings, const json_t *object, struct nurture_problem *problem);
void settings_free(struct settings *settings);

/* payload.c: the body of the POST, to be freed; NULL with a reason when the touch cannot be said in JSON. */
char *payload_new(const struct nurture_touch *touch, size_t *length, const char **why);
/* "t=SECONDS,v1=HEX": HMAC-SHA256 over "SECONDS.body". */
void payload_sign(const char *secret, int64_t seconds, const char *body, size_t length, char out[128]);

/* address.c: may a public service be there? */
bool address_is_public(const struct sockaddr *address);

/* transfer.c: libcurl on the host's loop */
int transfer_init(struct webhook *webhook);
void transfer_fini(struct webhook *webhook);
bool transfer_begin(struct job *job); /* false: out of memory */
void transfer_end(struct job *job);   /* gives up what it holds of libcurl's */

/* verdict.c: what an answer, or none, means. `reason` is filled. */
struct nurture_result verdict(const struct job *job, CURLcode code, char reason[400]);

/* receipts.c: what the receiver tells later; a route, a table, its queries */
extern const struct nurture_routes receipt_routes;
extern const struct nurture_migrations receipt_migrations;
void receipts_close(struct webhook *webhook);

/* plugin.c: the job is over */
void job_finish(struct job *job, const struct nurture_result *result);

#endif

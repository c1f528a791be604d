/* A fake of the server's host table, for tests and benchmarks of plugins: it answers permissions as it is told, keeps what
 * is completed, and injects what a real host does seldom (late, refused and forgotten permissions, cancellations). */
#ifndef NURTURE_TESTS_PLUGIN_HOST_H
#define NURTURE_TESTS_PLUGIN_HOST_H

#include <nurture/plugin.h>

#include <event2/event.h>

typedef void host_complete_fn(void *arg, struct nurture_handle handle, const struct nurture_result *result);
/* Microseconds until the answer; < 0 = never; *allowed is true on entry. NULL fn = allowed at once (but not inside permit). */
typedef int64_t host_permit_fn(void *arg, struct nurture_handle handle, bool *allowed);

enum { HOST_KEEPING = 8 };
struct host {
	struct nurture_host table;
	struct event_base *base;
	host_complete_fn *complete;
	host_permit_fn *permit;
	void *arg;         /* of the two */
	int64_t now;       /* domain time; 0 = the real one */
	uint32_t capacity; /* what the plugin said last */
	unsigned permits;  /* asked */
	char held[512];    /* why the plugin wants a person; "" = it does not */
	json_t *told;      /* how it stands, said last */
	json_t *kept;      /* its notes; set before it opens: those of before */
	nurture_kept_fn *keeping_fns[HOST_KEEPING]; /* who waits to hear of them */
	void *keeping_args[HOST_KEEPING];
	int keeping;
	const char *keep_in; /* a file where its notes stand before it hears of it; NULL = none */
	int anew;          /* so many times it said that its limits are others */
	bool quiet;        /* no log on stderr */
	struct nurture_host_data *data;
};

void host_init(struct host *host, host_complete_fn *complete, void *arg);
void host_closed(struct host *host); /* after the plugin's close: what was posted and did not run yet never will */
void host_fini(struct host *host);
const char *host_outcome_name(enum nurture_outcome outcome);

#endif

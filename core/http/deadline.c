/* Absolute deadlines of connections: a list for each state, soonest first, and one timer for all. Within a state the
 * durations are mostly alike, so insertion from the far end is one step; no heap, no timer an object. */
#include "http/server.h"

static void arm(struct http_server *server, mono_t when)
{
	if (when >= server->armed)
		return;
	server->armed = when;
	loop_timer_set(server->deadline_timer, when - mono_now());
}

void deadline_insert(struct conn *conn)
{
	struct conn_list *list = &conn->server->lists[conn->state];
	struct conn *before = list->last;
	while (before && before->deadline > conn->deadline)
		before = before->prev;
	conn->prev = before;
	conn->next = before ? before->next : list->first;
	*(conn->prev ? &conn->prev->next : &list->first) = conn;
	*(conn->next ? &conn->next->prev : &list->last) = conn;
	if (conn->deadline != MOMENT_NEVER && conn->state != CONN_DEAD)
		arm(conn->server, conn->deadline);
}

void deadline_remove(struct conn *conn)
{
	struct conn_list *list = &conn->server->lists[conn->state];
	*(conn->prev ? &conn->prev->next : &list->first) = conn->next;
	*(conn->next ? &conn->next->prev : &list->last) = conn->prev;
	conn->next = conn->prev = NULL;
}

void deadline_hurry(struct conn *conn, int64_t in_us)
{
	deadline_remove(conn);
	conn->deadline = mono_now() + in_us;
	deadline_insert(conn);
}

void deadline_ring(void *arg)
{
	struct http_server *server = arg;
	mono_t now = mono_now(), next = MOMENT_NEVER;
	server->armed = 0; /* nothing arms the timer meanwhile */
	for (int state = 0; state < CONN_DEAD; state++) {
		struct conn_list *list = &server->lists[state];
		while (list->first && list->first->deadline <= now)
			conn_expire(list->first);
	}
	for (int state = 0; state < CONN_DEAD; state++)
		if (server->lists[state].first && server->lists[state].first->deadline < next)
			next = server->lists[state].first->deadline;
	server->armed = MOMENT_NEVER;
	if (next != MOMENT_NEVER)
		arm(server, next);
}

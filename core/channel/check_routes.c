/* The conformance kit's checks of routes: each request has one answer, whatever stands in it, and also while the database is away (queries are answered with
 * an error that may pass). Nothing is known of what a route is for, so any status is good. */
#include "channel/check_kit.h"
#include "channel/routes.h"

#include <stdio.h>

enum { AT_ONCE = 32, LONG_BODY = 200000 };

struct wire { /* what stands in a request */
	const char *parameter, *value, *type, *body;
	size_t length;
};

static const struct wire plain = {"1", "1", "application/json", "{}", 2};

static size_t route_count(const struct kit *kit)
{
	return kit->plugin->routes ? kit->plugin->routes->count : 0;
}

static const struct nurture_route *route_at(const struct kit *kit, size_t i)
{
	return (const struct nurture_route *)((const char *)kit->plugin->routes->routes + i * kit->plugin->routes->route_size);
}

static struct nurture_pair *lend_pairs(struct lent *lent, size_t room)
{
	return lent_take(lent, (room + 1) * sizeof(struct nurture_pair));
}

static size_t lend_parameters(struct lent *lent, const char *path, const char *value, struct nurture_pair *out)
{
	size_t n = 0;
	struct str rest = str_of(path + 1);
	while (rest.p) {
		struct str part = str_cut(&rest, '/');
		char name[100];
		snprintf(name, sizeof name, "%.*s", (int)(part.n ? part.n - 1 : 0), part.n ? part.p + 1 : "");
		if (part.n && part.p[0] == ':')
			out[n++] = (struct nurture_pair){lent_dup(lent, name), lent_dup(lent, value)};
	}
	return n;
}

static size_t lend_headers(struct lent *lent, const char *const *names, const char *value, struct nurture_pair *out)
{
	size_t n = 0;
	for (; names && names[n]; n++)
		out[n] = (struct nurture_pair){lent_dup(lent, names[n]), lent_dup(lent, value)};
	return n;
}

/* Hands it one, in memory that is taken away when its function returns. */
static void request(struct kit *kit, const struct nurture_route *route, const struct wire *wire)
{
	struct lent *lent = lent_new("a request", "the route's function had returned");
	struct nurture_request *r = lent_take(lent, sizeof *r);
	struct nurture_pair *parameters = lend_pairs(lent, NURTURE_PARAMETERS_MOST), *query = lend_pairs(lent, 2), *headers = lend_pairs(lent, 20);
	const char **scopes = lent_take(lent, 5 * sizeof *scopes);
	static const char *const all[] = {"track", "read", "write", "admin", NULL};
	char *body = lent_take(lent, wire->length + 1), doing[CHECK_DOING];
	memcpy(body, wire->body, wire->length);
	body[wire->length] = 0;
	memcpy((void *)(uintptr_t)scopes, all, sizeof all);
	query[0] = (struct nurture_pair){lent_dup(lent, "q"), lent_dup(lent, wire->value)};
	query[1] = (struct nurture_pair){lent_dup(lent, wire->value), lent_dup(lent, "")};
	*r = (struct nurture_request){
		.route = route, .path = lent_dup(lent, "/v1/channels/check"), .parameters = parameters, .query = query, .query_count = 2, .headers = headers,
		.parameter_count = lend_parameters(lent, route->path, wire->parameter, parameters), .header_count = lend_headers(lent, route->headers, wire->value, headers),
		.content_type = lent_dup(lent, wire->type), .body = body, .body_length = wire->length, .asker = lent_dup(lent, "token"), .asker_id = 64,
		.asker_name = lent_dup(lent, "conformance"), .role = lent_dup(lent, ""), .scopes = scopes, .remote = lent_dup(lent, "192.0.2.7"), .now = real_now(), .csrf = lent_dup(lent, "")};
	snprintf(doing, sizeof doing, "route %.10s %.40s", route->method, route->path);
	check_doing(kit, doing);
	kit->requests++;
	(void)channel_request(kit->channel, r, kit);
	lent_away(lent);
	check_doing(kit, "a callback of its own");
}

/* Until all that was asked is answered; then a little, to see second answers. */
static enum verdict wait_answers(struct kit *kit, const struct nurture_route *route)
{
	for (mono_t end = mono_now() + TOUCH_SECONDS * MOMENT_SECOND; kit->replies < kit->requests && mono_now() < end;)
		check_turn(kit, 20000);
	if (kit->replies < kit->requests)
		return check_fail(kit, "%s %s: %d of %d requests had no answer within %d seconds", route->method, route->path, kit->requests - kit->replies,
				  kit->requests, TOUCH_SECONDS);
	check_run(kit, MOMENT_SECOND / 20);
	if (channel_late(kit->channel))
		return check_fail(kit, "%s %s: it answered a request twice", route->method, route->path);
	if (kit->odd_reply)
		return check_fail(kit, "%s %s: what it answered cannot be sent (a status, header or length that may not be)", route->method, route->path);
	return CHECK_OK;
}

static enum verdict begin(struct kit *kit)
{
	enum verdict verdict = check_open(kit);
	if (verdict != CHECK_OK || route_count(kit))
		return verdict;
	check_close(kit);
	return CHECK_OK;
}

/* The same request to each route, `times` at once. */
static enum verdict each(struct kit *kit, const struct wire *wire, int times)
{
	enum verdict verdict = CHECK_OK;
	for (size_t i = 0; i < route_count(kit) && verdict == CHECK_OK; i++) {
		for (int t = 0; t < times; t++)
			request(kit, route_at(kit, i), wire);
		verdict = wait_answers(kit, route_at(kit, i));
	}
	return verdict;
}

static enum verdict answers_each(struct kit *kit)
{
	enum verdict verdict = begin(kit);
	return verdict == CHECK_OK ? each(kit, &plain, 1) : verdict;
}

static enum verdict answers_many(struct kit *kit)
{
	enum verdict verdict = begin(kit);
	return verdict == CHECK_OK ? each(kit, &plain, AT_ONCE) : verdict;
}

static enum verdict answers_hostile(struct kit *kit)
{
	static char deep[LONG_BODY];
	static const char nul[] = "{\"a\":\"\0\",\"b\":1}";
	static const char turned[] = {(char)0xe2, (char)0x80, (char)0xae, '.', '.', 0}; /* text that runs backwards from here */
	memset(deep, '[', sizeof deep);
	const struct wire wires[] = {
		{"", "", "", "", 0},
		{"9223372036854775808", "-1", "application/json", "[]", 2},
		{turned, "a\nb'; drop table x; --", "application/json", deep, sizeof deep},
		{"%00%s%n", "{{ x }}<script>", "multipart/form-data", "\xff\xfe\xc0\x80", 4},
		{"x", "=1+1", "application/json", nul, sizeof nul - 1},
	};
	enum verdict verdict = begin(kit);
	for (size_t i = 0; i < sizeof wires / sizeof *wires && verdict == CHECK_OK; i++)
		verdict = each(kit, &wires[i], 1);
	return verdict;
}

/* The client, and then the channel, does not wait for the answer. */
static enum verdict closes_with_requests(struct kit *kit)
{
	enum verdict verdict = begin(kit);
	if (verdict != CHECK_OK || !route_count(kit))
		return verdict;
	for (size_t i = 0; i < route_count(kit); i++)
		request(kit, route_at(kit, i), &plain);
	size_t timers = check_close(kit);
	check_run(kit, MOMENT_SECOND / 5);
	return timers ? check_fail(kit, "it was closed with requests in hand and left %d timers behind", (int)timers) : CHECK_OK;
}

const struct check check_of_routes[] = {
	{"it answers each of its routes once", answers_each},
	{"it answers many requests at once", answers_many},
	{"it answers requests with hostile texts and bodies", answers_hostile},
	{"it closes with requests in hand", closes_with_requests},
	{0},
};

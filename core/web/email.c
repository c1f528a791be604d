/* POST /v1/playbook/email: the message that a lead would get, as the channel would send it (turn/show.h): {"template": NAME, "lead"?: LEAD, "fields"?, "data"?}, answered
 * with the message itself (message/rfc822). Its links open nothing; nothing is planned, sent or written.
 *
 * The worker reads the active files and the lead; a child of its own loads the playbook, writes the template and asks the plugin, as all of that blocks:
 *
 *   worker ──fork──► child ──► the plugin's own child       worker ◄──'+' message or '-' sentence── child
 *
 * At most AT_ONCE from the first question to the database on: what is refused costs neither a child nor a query. */
#include "web/context.h"
#include "web/web.h"

#include "base/child.h"
#include "base/mem.h"
#include "playbook/edition.h"
#include "playbook/site.h"
#include "store/batch.h"
#include "store/revision.h"
#include "turn/show.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { AT_ONCE = 4, SECONDS = 10 /* http waits one more */, MESSAGE_MOST = 64 << 20, FILES_MOST = 1 << 17 };

struct mailing {
	struct web_request *req;
	json_t *asked;
	struct edition *edition;  /* whose schema the lead is read by */
	struct arena *arena;
	struct playbook_files files;
	int64_t lead_id;
	moment_t now;
	struct batch *batch;
	int fd;
	struct event *readable;
	struct buf said;
};

static web_show_fn *show;
static unsigned running;

void web_set_show(web_show_fn *fn)
{
	show = fn;
}

static void mailing_free(struct mailing *m)
{
	if (m->readable) {
		event_free(m->readable);
		close(m->fd);
	}
	running--;
	json_decref(m->asked);
	edition_unref(m->edition);
	store_batch_free(m->batch);
	arena_free(m->arena);
	buf_fini(&m->said);
	free(m);
}

static void fail(struct mailing *m, const struct error *error)
{
	web_fail(m->req, error);
	mailing_free(m);
}

/* ---- the child ---- */

static int compose(struct mailing *m, struct buf *out, struct error *error)
{
	struct problems problems = {.arena = m->arena, .published = true};
	struct show_ask ask;
	struct shown shown;
	const struct config *config = m->req->web->worker->config;
	struct playbook *playbook = playbook_load(&m->files, playbook_site_of(config, m->arena), &problems);
	const struct problem *first = problems_first_error(&problems);
	if (!playbook)
		return error_set(error, ERROR_SYSTEM, "", "the active playbook does not load: %s", first ? first->message : "");
	if (turn_show_read(playbook, m->asked, m->arena, &ask, error) < 0)
		return -1;
	ask.lead.now = m->now;
	ask.lead.known = m->batch ? &m->batch->leads[0].facts : NULL;
	ask.public_url = config->public_url;
	ask.postal_address = config->postal_address;
	if (turn_show(playbook, &ask, m->arena, &shown, error) < 0)
		return -1;
	const struct message *said = &shown.message;
	struct touch_content content = {.address = said->address, .name = said->name, .unsubscribe_url = said->unsubscribe_url, .postal_address = said->postal_address,
					.reply_code = said->reply_code, .reply_url = said->reply_url,
					.fields = &said->fields, .attempt = 1, .now = m->now};
	return show(config, &shown.touch, &content, m->arena, out, error);
}

static void put(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t done = send(fd, p, n, MSG_NOSIGNAL);
		if (done < 0 && errno != EINTR)
			_exit(1);
		if (done > 0)
			p += done, n -= (size_t)done;
	}
}

/* Clients and the database are the worker's; the folder of the plugins is needed. */
static void close_sockets(int but)
{
	struct rlimit most = {0};
	struct stat st;
	getrlimit(RLIMIT_NOFILE, &most);
	for (int fd = STDERR_FILENO + 1; fd < (int)most.rlim_cur && fd < FILES_MOST; fd++)
		if (fd != but && fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode))
			close(fd);
}

static _Noreturn void child(struct mailing *m, int fd)
{
	struct buf out = {0};
	struct error error = {0};
	close_sockets(fd);
	signal(SIGCHLD, SIG_DFL); /* it waits for its own */
	alarm(SECONDS);
	if (compose(m, &out, &error)) {
		put(fd, "-", 1);
		put(fd, (const char *)&error, sizeof error);
	} else {
		put(fd, "+", 1);
		put(fd, out.p, out.n);
	}
	_exit(0);
}

/* ---- the worker ---- */

static void reply(struct mailing *m)
{
	static const struct http_header headers[] = {{"Content-Type", STR("message/rfc822")}, {"Cache-Control", STR("no-store")}, {0}};
	struct error error = {0};
	struct str said = buf_str(&m->said);
	if (said.n > 1 && said.p[0] == '+') {
		http_reply(m->req->http, 200, headers, (struct str){said.p + 1, said.n - 1});
		mailing_free(m);
		return;
	}
	if (said.n == 1 + sizeof error && said.p[0] == '-')
		memcpy(&error, said.p + 1, sizeof error);
	else
		error_set(&error, ERROR_UNAVAILABLE, "", "the message was not made in %d seconds.", SECONDS);
	fail(m, &error);
}

static void on_said(evutil_socket_t fd, short what, void *arg)
{
	struct mailing *m = arg;
	char chunk[65536];
	(void)what;
	ssize_t n = recv(fd, chunk, sizeof chunk, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0 && m->said.n < MESSAGE_MOST)
		buf_put(&m->said, chunk, (size_t)n);
	else
		reply(m);
}

static void start(struct mailing *m)
{
	int pair[2];
	struct error error = {0};
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) {
		error_errno(&error, "", "cannot make a pipe");
		fail(m, &error);
		return;
	}
	pid_t pid = child_fork(); /* nobody waits for it (web.c): what it has to say comes over the socket */
	if (pid == 0)
		child(m, pair[1]);
	close(pair[1]);
	if (pid < 0) {
		error_errno(&error, "", "cannot make a process");
		close(pair[0]);
		fail(m, &error);
		return;
	}
	m->fd = pair[0];
	m->readable = event_new(loop_base(m->req->web->worker->loop), m->fd, EV_READ | EV_PERSIST, on_said, m);
	if (!m->readable || event_add(m->readable, NULL))
		abort();
}

static void on_facts(void *arg, struct batch *batch, const struct error *error)
{
	struct mailing *m = arg;
	m->batch = batch;
	if (error) {
		fail(m, error);
	} else if (!batch->count) {
		web_refuse(m->req, ERROR_NOT_FOUND, "lead", "there is no such lead.");
		mailing_free(m);
	} else {
		start(m);
	}
}

static void on_files(void *arg, const struct store_revision *revision, const struct error *error)
{
	struct mailing *m = arg;
	if (error || strcmp(revision->revision, m->edition->playbook->revision) != 0) {
		struct error again = {0};
		error_set(&again, ERROR_CONFLICT, "", "another playbook is being published just now: try again.");
		fail(m, error ? error : &again);
		return;
	}
	struct playbook_file *files = arena_array(m->arena, revision->files.count + 1, sizeof *files);
	for (size_t i = 0; i < revision->files.count; i++)
		files[i] = (struct playbook_file){arena_dup(m->arena, revision->files.files[i].path), arena_str(m->arena, revision->files.files[i].bytes)};
	m->files = (struct playbook_files){.files = files, .count = revision->files.count};
	if (m->lead_id)
		store_lead_facts(m->req->web->store, &m->edition->playbook->schema, m->lead_id, m->now, m->edition->longest_cap, on_facts, m);
	else
		start(m);
}

static void on_now(void *arg, moment_t now, const struct error *error)
{
	struct mailing *m = arg;
	m->now = now;
	if (error)
		fail(m, error);
	else
		store_revision_active(m->req->web->store, on_files, m);
}

static void begin(struct web_request *req, json_t *asked, int64_t lead_id)
{
	struct edition *edition = web_edition(req->web);
	if (!edition || running >= AT_ONCE || !show) {
		json_decref(asked);
		if (!edition)
			web_refuse(req, ERROR_CONFLICT, NULL, "no playbook is published: there is no template to show.");
		else
			web_refuse(req, ERROR_UNAVAILABLE, NULL, "%d messages are being made: try again in a moment.", AT_ONCE);
		return;
	}
	struct mailing *m = mem_alloc(sizeof *m);
	*m = (struct mailing){.req = req, .asked = asked, .edition = edition_ref(edition), .arena = arena_new(), .lead_id = lead_id};
	running++;
	web_now(req->web, on_now, m);
}

/* The body is read again: a request keeps nothing while its lead is looked for. */
static void on_lead(struct web_request *req, int64_t lead_id)
{
	json_t *asked = web_json_body(req);
	if (asked)
		begin(req, asked, lead_id);
}

/* Somebody to whom it could go. */
static json_t *invented(json_t *asked)
{
	json_t *fields = json_object_get(asked, "fields");
	if (!fields)
		json_object_set_new(asked, "fields", fields = json_object());
	if (json_is_object(fields) && !json_object_get(fields, "email"))
		json_object_set_new(fields, "email", json_string("invented@example.com"));
	return json_incref(asked);
}

void web_email_post(struct web_request *req)
{
	static const char *const known[] = {"template", "lead", "fields", "data", NULL};
	json_t *asked = web_json_body(req);
	if (!asked)
		return;
	char text[WEB_LEAD_TEXT];
	bool good = web_asked_lead(req, asked, known, text);
	if (good && text[0])
		web_find_living_lead(req, str_of(text), on_lead);
	else if (good)
		begin(req, invented(asked), 0);
	json_decref(asked);
}

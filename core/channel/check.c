/* The conformance kit. A check is a row of the table and a small function; it runs in a child with an alarm, against a fresh
 * instance in an empty data folder, with this file as the host's other side. */
#include "channel/check.h"

#include "base/log.h"
#include "base/mem.h"
#include "channel/channel.h"
#include "channel/plugin.h"
#include "channel/symbols.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHECK_SECONDS = 20, TOUCH_SECONDS = 10, TEXT_MAX = 1500, FIELD_MAX = 40 };

enum verdict { CHECK_OK, CHECK_FAILED, CHECK_SKIPPED };

struct kit {
	const char *path;
	const json_t *settings;
	char dir[64];
	char text[TEXT_MAX];      /* why */
	/* of a check that opens the channel */
	const struct nurture_plugin *plugin;
	struct loop *loop;
	struct channel *channel;
	struct nurture_handle asked;
	bool has_asked, permit;   /* permit: what is answered, at once when answer_now */
	bool answer_now;
	int over;
	enum nurture_outcome outcome;
	bool unpermitted;
};

static enum verdict fail(struct kit *kit, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static enum verdict fail(struct kit *kit, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	vsnprintf(kit->text, sizeof kit->text, fmt, args);
	va_end(args);
	return CHECK_FAILED;
}

/* ---- the host's other side ---- */

static moment_t kit_now(void *arg)
{
	(void)arg;
	return real_now();
}

static void kit_answer(void *arg)
{
	struct kit *kit = arg;
	channel_permitted(kit->channel, kit->asked, kit->permit);
}

static void kit_permit(void *arg, void *cookie, struct nurture_handle handle)
{
	struct kit *kit = arg;
	(void)cookie;
	kit->asked = handle;
	kit->has_asked = true;
	if (kit->answer_now)
		loop_later(kit->loop, kit_answer, kit);
}

static void kit_over(void *arg, void *cookie, const struct channel_result *result)
{
	struct kit *kit = arg;
	(void)cookie;
	kit->over++;
	kit->outcome = result->outcome;
	kit->unpermitted = result->unpermitted;
	snprintf(kit->text, sizeof kit->text, "%s: %.*s", channel_outcome_name(result->outcome), STR_ARG(result->reason));
}

static void kit_news(void *arg, int64_t touch_id, const struct channel_result *result, nurture_news_fn *fn, void *fn_arg)
{
	(void)arg, (void)touch_id, (void)result, (void)fn, (void)fn_arg;
}

static void kit_event(void *arg, int64_t lead_id, struct str verb, struct str subject, double value, struct str data, struct str key)
{
	(void)arg, (void)lead_id, (void)verb, (void)subject, (void)value, (void)data, (void)key;
}

static void kit_capacity(void *arg, uint32_t touches)
{
	(void)arg, (void)touches;
}

static const struct channel_calls kit_calls = {
	.now = kit_now, .permit = kit_permit, .over = kit_over, .news = kit_news, .event = kit_event, .capacity = kit_capacity};

/* ---- opening and delivering ---- */

static bool load(struct kit *kit, struct error *error)
{
	kit->plugin = channel_plugin_load(kit->path, error);
	return kit->plugin != NULL;
}

/* CHECK_OK, or the verdict to return. */
static enum verdict open_channel(struct kit *kit)
{
	struct error error = {0};
	struct nurture_problem problem = {.size = sizeof problem};
	if (!load(kit, &error))
		return fail(kit, "%s", error.message);
	if (kit->plugin->channel->open(NULL, kit->settings, kit->dir, NULL, &problem)) {
		fail(kit, "it does not take these settings (%.200s): give some that it takes", problem.message);
		return CHECK_SKIPPED;
	}
	struct channel_options options = {.name = "check", .settings = kit->settings, .data_dir = kit->dir,
					  .deadline_us = TOUCH_SECONDS * MOMENT_SECOND, .grace_us = MOMENT_SECOND};
	kit->loop = loop_new();
	kit->channel = channel_open(kit->loop, kit->plugin, &options, &kit_calls, kit, &error);
	return kit->channel ? CHECK_OK : fail(kit, "it took the settings and then did not open: %s", error.message);
}

static void deliver(struct kit *kit, const char *address, const char *value)
{
	struct nurture_field fields[FIELD_MAX];
	size_t count = 0;
	for (const char *const *f = kit->plugin->channel->template_fields; *f && count + 2 < FIELD_MAX; f++)
		if (**f == '!') /* the others may have a form of their own, as an address */
			fields[count++] = (struct nurture_field){.name = *f + 1, .value = value, .length = strlen(value)};
	fields[count++] = (struct nurture_field){.name = "text", .value = value, .length = strlen(value)};
	if (strcmp(kit->plugin->channel->body, "markdown") == 0)
		fields[count++] = (struct nurture_field){.name = "html", .value = value, .length = strlen(value)};
	struct nurture_touch touch = {
		.touch_id = 64, .lead_id = 64, .kind = kit->plugin->channel->kind, .template_name = "conformance", .campaign = "conformance",
		.step = "only", .address = address, .name = "Conformance", .purpose = "marketing", .attempt = 1, .now = real_now(),
		.fields = fields, .field_count = count, .unsubscribe_url = "https://example.com/u/x", .postal_address = "1 Road, Town"};
	channel_deliver(kit->channel, &touch, kit);
}

static const char *plain_address(const struct kit *kit)
{
	return strcmp(kit->plugin->channel->kind, "email") == 0    ? "conformance@example.com"
	       : strcmp(kit->plugin->channel->kind, "letter") == 0 ? "Conformance\n1 Road\n12345 Town"
								   : "+12025550101";
}

/* Runs the loop until the touch is over, then a little longer to see a second completion. */
static enum verdict wait_once(struct kit *kit)
{
	mono_t end = mono_now() + TOUCH_SECONDS * MOMENT_SECOND;
	while (!kit->over && mono_now() < end)
		loop_once(kit->loop, 50000);
	if (!kit->over)
		return fail(kit, "the touch was not completed within %d seconds", TOUCH_SECONDS);
	for (mono_t after = mono_now() + 150000; mono_now() < after;)
		loop_once(kit->loop, 50000);
	if (channel_late(kit->channel))
		return fail(kit, "it completed the touch %d times", 1 + (int)channel_late(kit->channel));
	return CHECK_OK;
}

/* ---- the checks ---- */

static enum verdict check_load(struct kit *kit)
{
	struct error error = {0};
	return load(kit, &error) ? CHECK_OK : fail(kit, "%s", error.message);
}

static enum verdict check_symbols(struct kit *kit)
{
	struct error error = {0};
	char other[128];
	int found = channel_symbols(kit->path, "nurture_plugin", other, &error);
	if (found < 0)
		return fail(kit, "%s", error.message);
	return *other || found != 1 ? fail(kit, "it exports %d symbols, one of them is %s; build it with -fvisibility=hidden", found, other) : CHECK_OK;
}

static enum verdict refuses(struct kit *kit, json_t *settings)
{
	struct nurture_problem problem = {.size = sizeof problem};
	int rc = kit->plugin->channel->open(NULL, settings, kit->dir, NULL, &problem);
	char *text = json_dumps(settings, JSON_COMPACT);
	enum verdict verdict = rc == 0              ? fail(kit, "it takes %s without a word", text)
			       : !*problem.message ? fail(kit, "it refuses %s and does not say why", text)
						    : CHECK_OK;
	free(text);
	json_decref(settings);
	return verdict;
}

static enum verdict check_unknown_setting(struct kit *kit)
{
	struct error error = {0};
	if (!load(kit, &error))
		return fail(kit, "%s", error.message);
	json_t *settings = json_deep_copy(kit->settings);
	json_object_set_new(settings, "no_such_setting", json_true());
	return refuses(kit, settings);
}

static enum verdict check_wrong_types(struct kit *kit)
{
	struct error error = {0};
	const char *key;
	json_t *value;
	if (!load(kit, &error))
		return fail(kit, "%s", error.message);
	if (!json_object_size(kit->settings)) {
		fail(kit, "no settings were given");
		return CHECK_SKIPPED;
	}
	json_object_foreach((json_t *)kit->settings, key, value) {
		json_t *settings = json_deep_copy(kit->settings);
		json_object_set_new(settings, key, json_pack("[[n]]"));
		if (refuses(kit, settings) != CHECK_OK)
			return CHECK_FAILED;
	}
	return CHECK_OK;
}

static enum verdict check_completes(struct kit *kit)
{
	enum verdict verdict = open_channel(kit);
	if (verdict != CHECK_OK)
		return verdict;
	kit->permit = kit->answer_now = true;
	deliver(kit, plain_address(kit), "Conformance");
	verdict = wait_once(kit);
	return kit->unpermitted ? fail(kit, "it sent the touch without asking for permission") : verdict;
}

static enum verdict check_refused(struct kit *kit)
{
	enum verdict verdict = open_channel(kit);
	if (verdict != CHECK_OK)
		return verdict;
	kit->answer_now = true;
	deliver(kit, plain_address(kit), "Conformance");
	verdict = wait_once(kit);
	bool went = kit->outcome == NURTURE_SENT || kit->outcome == NURTURE_UNKNOWN;
	return verdict == CHECK_OK && went ? fail(kit, "permission was refused and it says %s", channel_outcome_name(kit->outcome)) : verdict;
}

static enum verdict check_cancel(struct kit *kit)
{
	enum verdict verdict = open_channel(kit);
	if (verdict != CHECK_OK)
		return verdict;
	deliver(kit, plain_address(kit), "Conformance");
	channel_cancel_all(kit->channel);
	return wait_once(kit);
}

static enum verdict check_drain(struct kit *kit)
{
	enum verdict verdict = open_channel(kit);
	if (verdict != CHECK_OK)
		return verdict;
	kit->permit = kit->answer_now = true;
	deliver(kit, plain_address(kit), "Conformance");
	channel_drain(kit->channel);
	verdict = wait_once(kit);
	channel_close(kit->channel);
	return verdict;
}

static enum verdict check_close(struct kit *kit)
{
	enum verdict verdict = open_channel(kit);
	if (verdict != CHECK_OK)
		return verdict;
	for (int i = 0; i < 3; i++)
		deliver(kit, plain_address(kit), "Conformance");
	channel_close(kit->channel);
	for (mono_t after = mono_now() + 150000; mono_now() < after;)
		loop_once(kit->loop, 50000); /* a timer or socket left behind would fire now */
	return CHECK_OK;
}

static enum verdict check_hostile(struct kit *kit)
{
	static const char *const addresses[] = {
		"", "x", "a@b\r\nRCPT TO:<evil@example.com>", "a@example.com\nBcc: evil@example.com", "<script>@example.com", "a@\xff\xfe.example",
		"\"a b\"@example.com", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@example.com"};
	enum verdict verdict = open_channel(kit);
	if (verdict != CHECK_OK)
		return verdict;
	kit->permit = kit->answer_now = true;
	for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
		kit->over = 0;
		deliver(kit, addresses[i], i % 2 ? "line\r\n.\r\nQUIT\r\nX-Evil: 1" : "{{ lead.email }} <b>");
		if (wait_once(kit) != CHECK_OK)
			return CHECK_FAILED;
	}
	return CHECK_OK;
}

static const struct check {
	const char *name;
	enum verdict (*fn)(struct kit *kit);
} checks[] = {
	{"it loads, and its tables are whole", check_load},
	{"it exports one symbol, nurture_plugin", check_symbols},
	{"it refuses a setting that it does not know", check_unknown_setting},
	{"it refuses settings of a wrong type", check_wrong_types},
	{"it completes a touch once", check_completes},
	{"it sends nothing when permission is refused", check_refused},
	{"it gives a touch back when asked", check_cancel},
	{"it finishes what it has when it is drained", check_drain},
	{"it closes with touches in hand and leaves nothing behind", check_close},
	{"it completes touches with hostile addresses and texts", check_hostile},
};

/* ---- running them ---- */

static int remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st, (void)flag, (void)ftw;
	return remove(path);
}

static void child(const struct check *check, struct kit *kit, int fd)
{
	signal(SIGALRM, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	alarm(CHECK_SECONDS);
	log_set_fd(open("/dev/null", O_WRONLY | O_CLOEXEC));
	enum verdict verdict = check->fn(kit);
	size_t n = strlen(kit->text);
	_exit(write(fd, kit->text, n) == (ssize_t)n ? (int)verdict : CHECK_FAILED);
}

static enum verdict run(const struct check *check, struct kit *kit)
{
	int ends[2], status = 0;
	snprintf(kit->dir, sizeof kit->dir, "/tmp/nurture-check-XXXXXX");
	kit->text[0] = 0;
	if (!mkdtemp(kit->dir) || pipe2(ends, O_CLOEXEC))
		return fail(kit, "cannot make a folder or a pipe for the check: %s", strerror(errno));
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0)
		child(check, kit, ends[1]);
	close(ends[1]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	ssize_t n = read(ends[0], kit->text, sizeof kit->text - 1);
	kit->text[n > 0 ? n : 0] = 0;
	close(ends[0]);
	nftw(kit->dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	if (pid < 0)
		return fail(kit, "cannot fork: %s", strerror(errno));
	if (WIFSIGNALED(status))
		return fail(kit, "it ended with %s", WTERMSIG(status) == SIGALRM ? "a hang" : strsignal(WTERMSIG(status)));
	return WEXITSTATUS(status) <= CHECK_SKIPPED ? (enum verdict)WEXITSTATUS(status) : fail(kit, "it ended the process by itself");
}

int channel_plugin_check(const char *path, const json_t *settings, channel_check_fn *fn, void *arg)
{
	static const char *const words[] = {"ok", "FAILED", "skipped"};
	int failed = 0;
	json_t *none = json_object();
	struct kit kit = {.path = path, .settings = settings ? settings : none};
	for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
		enum verdict verdict = run(&checks[i], &kit);
		failed += verdict == CHECK_FAILED;
		fn(arg, words[verdict], checks[i].name, kit.text);
		if (verdict == CHECK_FAILED && i == 0)
			break; /* nothing else can be tried */
	}
	json_decref(none);
	return failed;
}

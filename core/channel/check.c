/* The conformance kit: runs each check in a child of its own, with a deadline, and tells how it ended. The checks are in
 * check_settings.c, check_touch.c, check_routes.c and check_end.c; what they share is in check_kit.c.
 *
 * A child that crashes, hangs or ends by itself fails its check and nothing else. It is the leader of a group of its own: what the plugin
 * has forked ends with it. */
#include "channel/check.h"

#include "base/log.h"
#include "channel/check_kit.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static struct check_page *page; /* for the handler */

/* ---- in the child ---- */

static void on_bad_memory(int number, siginfo_t *info, void *context)
{
	const struct lent *lent = lent_find(info->si_addr);
	(void)context;
	if (lent) { /* snprintf is not said to be safe here; the process ends at once, and the parent looks at the page only then */
		snprintf(page->text, sizeof page->text, "it used memory of %s after %s (in %.60s): copy what you keep", lent_what(lent),
			 lent_when(lent), page->doing);
		_exit(CHECK_FAILED);
	}
	signal(number, SIG_DFL);
	raise(number);
}

static void child(const struct check *check, struct kit *kit, int log_fd)
{
	struct sigaction action = {.sa_sigaction = on_bad_memory, .sa_flags = SA_SIGINFO};
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	log_set_fd(log_fd);
	enum verdict verdict = check->fn(kit);
	_exit((int)verdict);
}

/* ---- in the parent ---- */

static int remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st, (void)flag, (void)ftw;
	return remove(path);
}

/* The message of the last error in the child's log, or "". */
static void last_word(int log_fd, char *out, size_t size)
{
	char text[8192], *line = text;
	out[0] = 0;
	off_t end = lseek(log_fd, 0, SEEK_END);
	ssize_t n = pread(log_fd, text, sizeof text - 1, end > (off_t)sizeof text - 1 ? end - (off_t)sizeof text + 1 : 0);
	text[n > 0 ? n : 0] = 0;
	for (char *next; *line; line = next) {
		next = line + strcspn(line, "\n");
		next += *next ? (*next = 0, 1) : 0;
		const char *message = strstr(line, " error ") ? strstr(line, " message=") : NULL;
		if (message)
			snprintf(out, size, "%s", message + strlen(" message="));
	}
}

/* The child is over its time, or the plugin has kept the thread for longer than anything may. */
static bool is_late(const struct kit *kit, mono_t end)
{
	mono_t now = mono_now();
	return now > end || now - kit->page->beat > HANG_SECONDS * MOMENT_SECOND;
}

/* Waits for the child's end; kills it when it is late. true: it ended by itself. */
static bool wait_for(const struct kit *kit, pid_t pid, int *status)
{
	mono_t end = mono_now() + CHECK_SECONDS * MOMENT_SECOND;
	bool in_time = true;
	siginfo_t info = {0};
	while (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0 && (in_time = !is_late(kit, end)))
		usleep(5000);
	kill(-pid, SIGKILL); /* its group, while the child still has its number: what it has forked, too */
	kill(pid, SIGKILL);
	while (waitpid(pid, status, 0) < 0 && errno == EINTR)
		;
	return in_time;
}

static enum verdict judge(struct kit *kit, int status, bool in_time, int log_fd)
{
	char word[400], doing[CHECK_DOING];
	snprintf(doing, sizeof doing, "%s", kit->page->doing);
	last_word(log_fd, word, sizeof word);
	if (!in_time) {
		kit->page->stalled = kit->page->hung = true;
		return check_fail(kit, "it hung in %s and was ended", doing);
	}
	if (WIFSIGNALED(status))
		return check_fail(kit, "it crashed in %s (%s)%s%s", doing, strsignal(WTERMSIG(status)), *word ? "; last it said: " : "", word);
	if (WEXITSTATUS(status) > CHECK_SKIPPED)
		return check_fail(kit, "it ended the process in %s (exit %d)%s%s", doing, WEXITSTATUS(status), *word ? "; last it said: " : "", word);
	return (enum verdict)WEXITSTATUS(status);
}

static enum verdict run(const struct check *check, struct kit *kit)
{
	int status = 0, log_fd = memfd_create("log", MFD_CLOEXEC);
	*kit->page = (struct check_page){.doing = "loading", .beat = mono_now()};
	snprintf(kit->dir, sizeof kit->dir, "/tmp/nurture-check-XXXXXX");
	if (log_fd < 0 || !mkdtemp(kit->dir))
		return check_fail(kit, "cannot make a folder and a file for the check: %s", strerror(errno));
	fcntl(log_fd, F_SETFL, O_APPEND);
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0)
		child(check, kit, log_fd);
	bool in_time = pid < 0 || wait_for(kit, pid, &status);
	enum verdict verdict = pid < 0 ? check_fail(kit, "cannot fork: %s", strerror(errno)) : judge(kit, status, in_time, log_fd);
	close(log_fd);
	nftw(kit->dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	return verdict;
}

/* The checks of all lists in order. When the plugin hung, or did not complete the very first touch, the others would only wait for the same. */
static int run_all(struct kit *kit, const char *only, channel_check_fn *fn, void *arg)
{
	static const char *const words[] = {"ok", "FAILED", "skipped"};
	static const struct check *const lists[] = {check_of_settings, check_of_touches, check_of_routes, check_of_ends};
	int failed = 0;
	bool stalled = false;
	for (size_t l = 0; l < sizeof lists / sizeof *lists; l++)
		for (const struct check *check = lists[l]; check->name; check++) {
			if (only && !strstr(check->name, only))
				continue;
			enum verdict verdict = stalled ? check_skip(kit, "it cannot be tried") : run(check, kit);
			fn(arg, words[verdict], check->name, page->text);
			failed += verdict == CHECK_FAILED;
			if (verdict == CHECK_FAILED && check == check_of_settings)
				return failed; /* it did not even load */
			stalled |= verdict == CHECK_FAILED && (page->hung || (page->stalled && check == check_of_touches));
		}
	return failed;
}

int channel_plugin_check(const char *path, const json_t *settings, const char *only, channel_check_fn *fn, void *arg)
{
	json_t *none = json_object();
	page = mmap(NULL, sizeof *page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		abort();
	struct kit kit = {.path = path, .settings = settings ? settings : none, .page = page};
	int failed = run_all(&kit, only, fn, arg);
	munmap(page, sizeof *page);
	json_decref(none);
	return failed;
}

/* The thread that looks at passwords, its queue, and the way back to the loop.
 *
 *   waiting ─(the thread is free)─► at work ─► done ─(eventfd wakes the loop)─► answered
 *
 * The lock is held for moments only; passwords are wiped as soon as they were looked at. */
#include "web/hasher.h"

#include "base/mem.h"

#include <pthread.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <sys/resource.h>
#include <unistd.h>

enum { NETWORK = 16, NICE = 10 };

struct work {
	TAILQ_ENTRY(work) entry;
	char network[NETWORK];
	char hash[PASSWORD_HASH], made[PASSWORD_HASH];
	char password[PASSWORD_MOST], new_password[PASSWORD_MOST];
	size_t length, new_length;
	bool is;
	hasher_fn *fn;
	void *arg;
};
TAILQ_HEAD(works, work);

struct hasher {
	struct loop *loop;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct works waiting, done; /* under the lock, as all below */
	size_t count;               /* of those that wait */
	bool over;
	int wake_fd;
	struct event *wake;
};

static void work_free(struct work *work)
{
	sodium_memzero(work, sizeof *work);
	free(work);
}

static void look(struct work *work)
{
	work->is = password_is(work->hash, (struct str){work->password, work->length});
	if (work->is && work->new_length && password_hash((struct str){work->new_password, work->new_length}, work->made))
		work->made[0] = '\0';
	sodium_memzero(work->password, sizeof work->password);
	sodium_memzero(work->new_password, sizeof work->new_password);
}

static void *run(void *arg)
{
	struct hasher *hasher = arg;
	setpriority(PRIO_PROCESS, 0, NICE); /* of this thread alone (sched(7)) */
	pthread_mutex_lock(&hasher->lock);
	while (!hasher->over) {
		struct work *work = TAILQ_FIRST(&hasher->waiting);
		if (!work) {
			pthread_cond_wait(&hasher->more, &hasher->lock);
			continue;
		}
		TAILQ_REMOVE(&hasher->waiting, work, entry);
		hasher->count--;
		pthread_mutex_unlock(&hasher->lock);
		look(work);
		pthread_mutex_lock(&hasher->lock);
		TAILQ_INSERT_TAIL(&hasher->done, work, entry);
		if (eventfd_write(hasher->wake_fd, 1)) {
			/* the counter is full: the loop is awake anyway */
		}
	}
	pthread_mutex_unlock(&hasher->lock);
	return NULL;
}

static void on_wake(evutil_socket_t fd, short what, void *arg)
{
	struct hasher *hasher = arg;
	struct works done = TAILQ_HEAD_INITIALIZER(done);
	eventfd_t count;
	(void)what;
	(void)eventfd_read(fd, &count);
	pthread_mutex_lock(&hasher->lock);
	TAILQ_CONCAT(&done, &hasher->done, entry);
	pthread_mutex_unlock(&hasher->lock);
	for (struct work *work; (work = TAILQ_FIRST(&done));) {
		TAILQ_REMOVE(&done, work, entry);
		work->fn(work->arg, work->is, work->made);
		work_free(work);
	}
}

/* Signals are for the loop's thread. */
static void begin(struct hasher *hasher)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (pthread_create(&hasher->thread, NULL, run, hasher))
		abort();
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

struct hasher *hasher_new(struct loop *loop)
{
	struct hasher *hasher = mem_alloc(sizeof *hasher);
	hasher->loop = loop;
	TAILQ_INIT(&hasher->waiting);
	TAILQ_INIT(&hasher->done);
	pthread_mutex_init(&hasher->lock, NULL);
	pthread_cond_init(&hasher->more, NULL);
	hasher->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (hasher->wake_fd < 0)
		abort();
	hasher->wake = event_new(loop_base(loop), hasher->wake_fd, EV_READ | EV_PERSIST, on_wake, hasher);
	if (!hasher->wake || event_add(hasher->wake, NULL))
		abort();
	begin(hasher);
	return hasher;
}

static void drop_all(struct works *works)
{
	for (struct work *work; (work = TAILQ_FIRST(works));) {
		TAILQ_REMOVE(works, work, entry);
		work_free(work);
	}
}

void hasher_free(struct hasher *hasher)
{
	if (!hasher)
		return;
	pthread_mutex_lock(&hasher->lock);
	hasher->over = true;
	pthread_cond_signal(&hasher->more);
	pthread_mutex_unlock(&hasher->lock);
	pthread_join(hasher->thread, NULL); /* at most as long as one password */
	drop_all(&hasher->waiting);
	drop_all(&hasher->done);
	event_free(hasher->wake);
	close(hasher->wake_fd);
	pthread_cond_destroy(&hasher->more);
	pthread_mutex_destroy(&hasher->lock);
	free(hasher);
}

static size_t waiting_of(const struct hasher *hasher, const char *network)
{
	size_t n = 0;
	const struct work *work;
	TAILQ_FOREACH (work, &hasher->waiting, entry)
		n += memcmp(work->network, network, NETWORK) == 0;
	return n;
}

bool hasher_take(struct hasher *hasher, const struct hasher_work *asked)
{
	struct work *work = mem_alloc(sizeof *work);
	memcpy(work->network, asked->network.p, asked->network.n < NETWORK ? asked->network.n : NETWORK);
	if (asked->hash && strlen(asked->hash) < sizeof work->hash)
		memcpy(work->hash, asked->hash, strlen(asked->hash) + 1);
	/* What is longer than any password is none: the first bytes of it are looked at, of nobody. */
	if (asked->password.n > PASSWORD_MOST || asked->new_password.n > PASSWORD_MOST)
		work->hash[0] = '\0';
	work->length = asked->password.n > PASSWORD_MOST ? PASSWORD_MOST : asked->password.n;
	work->new_length = asked->new_password.n > PASSWORD_MOST ? 0 : asked->new_password.n;
	if (work->length)
		memcpy(work->password, asked->password.p, work->length);
	if (work->new_length)
		memcpy(work->new_password, asked->new_password.p, work->new_length);
	work->fn = asked->fn;
	work->arg = asked->arg;
	pthread_mutex_lock(&hasher->lock);
	bool taken = hasher->count < HASHER_WAIT && waiting_of(hasher, work->network) < HASHER_OF_ONE;
	if (taken) {
		TAILQ_INSERT_TAIL(&hasher->waiting, work, entry);
		hasher->count++;
		pthread_cond_signal(&hasher->more);
	}
	pthread_mutex_unlock(&hasher->lock);
	if (!taken)
		work_free(work);
	return taken;
}

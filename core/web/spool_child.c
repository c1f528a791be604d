/* May block: that is what it is for. Holds nothing of its parent's but the socket and the folder, and always leaves through end(). */
#include "web/spool_child.h"

#include "base/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 64 * 1024 };

struct writing {
	int socket, folder, file;
	char part[40];
	crypto_hash_sha256_state hash;
};

/* Nothing of the file stays; error 0: nobody is there who would hear why. */
static _Noreturn void end(struct writing *w, int error)
{
	struct spool_verdict verdict = {.error = error};
	if (w->file >= 0)
		unlinkat(w->folder, w->part, 0);
	if (error)
		(void)!send(w->socket, &verdict, sizeof verdict, MSG_NOSIGNAL);
	_exit(error != 0);
}

/* A locked file of its own. Who clears the folder takes parts that nobody has locked for left over: one that it took before our lock is made anew. */
static void make_part(struct writing *w)
{
	unsigned char random[16];
	char hex[2 * sizeof random + 1];
	struct stat made;
	for (;;) {
		hash_random(random, sizeof random);
		snprintf(w->part, sizeof w->part, "%s.part", hash_hex(random, sizeof random, hex));
		w->file = openat(w->folder, w->part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (w->file < 0 || flock(w->file, LOCK_EX) || fstat(w->file, &made))
			end(w, errno);
		if (made.st_nlink > 0)
			return;
		close(w->file);
	}
}

static void open_part(struct writing *w, uint64_t length)
{
	make_part(w);
	/* a full disk is told before the file has been sent; where this cannot be asked, writing tells */
	if (fallocate(w->file, 0, 0, (off_t)length) && (errno == ENOSPC || errno == EDQUOT || errno == EFBIG))
		end(w, errno);
}

static void write_all(struct writing *w, const char *bytes, size_t n)
{
	while (n) {
		ssize_t done = write(w->file, bytes, n);
		if (done < 0 && errno != EINTR)
			end(w, errno);
		if (done > 0)
			bytes += done, n -= (size_t)done;
	}
}

static void take_bytes(struct writing *w, uint64_t length)
{
	static char chunk[CHUNK];
	while (length) {
		ssize_t n = recv(w->socket, chunk, length < CHUNK ? (size_t)length : CHUNK, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			end(w, 0);
		crypto_hash_sha256_update(&w->hash, (const unsigned char *)chunk, (unsigned long long)n);
		write_all(w, chunk, (size_t)n);
		length -= (uint64_t)n;
	}
}

/* Files are imported in the order in which they came (jobs/upload_queue.c). The kernel's own moment of a write is good for some milliseconds
 * only, in which two small files may come. */
static int say_when(const struct writing *w)
{
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}};
	return clock_gettime(CLOCK_REALTIME, &times[1]) || futimens(w->file, times) ? -1 : 0;
}

/* On disk, then under its last name, with the folder locked from before that. */
static void give_name(struct writing *w, struct spool_verdict *verdict)
{
	unsigned char digest[HASH_SHA256];
	char hex[HASH_HEX], name[SPOOL_KEY + 4];
	crypto_hash_sha256_final(&w->hash, digest);
	snprintf(verdict->key, sizeof verdict->key, "%.*s", SPOOL_KEY - 1, hash_hex(digest, sizeof digest, hex));
	snprintf(name, sizeof name, "%s.csv", verdict->key);
	if (fsync(w->file) || flock(w->folder, LOCK_EX) || say_when(w) || fsync(w->file) || renameat(w->folder, w->part, w->folder, name))
		end(w, errno);
	snprintf(w->part, sizeof w->part, "%s", name);
	if (fsync(w->folder))
		end(w, errno);
}

static void close_all_but(int low, int high)
{
	const int ranges[3][2] = {{STDERR_FILENO + 1, low - 1}, {low + 1, high - 1}, {high + 1, INT_MAX}};
	for (int i = 0; i < 3; i++)
		if (ranges[i][0] <= ranges[i][1])
			close_range((unsigned)ranges[i][0], (unsigned)ranges[i][1], 0);
}

_Noreturn void spool_child(int fd, int folder, uint64_t length, struct str seed)
{
	struct writing w = {.socket = fd, .folder = folder, .file = -1};
	struct spool_verdict verdict = {0};
	char byte;
	close_all_but(fd < folder ? fd : folder, fd < folder ? folder : fd);
	prctl(PR_SET_NAME, "nurture: upload");
	crypto_hash_sha256_init(&w.hash);
	crypto_hash_sha256_update(&w.hash, (const unsigned char *)seed.p, seed.n);
	open_part(&w, length);
	take_bytes(&w, length);
	give_name(&w, &verdict);
	if (send(w.socket, &verdict, sizeof verdict, MSG_NOSIGNAL) == sizeof verdict)
		while (recv(w.socket, &byte, 1, 0) < 0 && errno == EINTR)
			;
	_exit(0);
}

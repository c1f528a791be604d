/* See out.h. */
#include "out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void fail(struct out *out)
{
	if (!out->failed)
		out->why = errno;
	out->failed = true;
}

static void flush(struct out *out)
{
	size_t done = 0;
	while (!out->failed && done < out->n) {
		ssize_t n = write(out->fd, out->buffer + done, out->n - done);
		if (n < 0 && errno != EINTR)
			fail(out);
		else if (n > 0)
			done += (size_t)n;
	}
	out->n = 0;
}

struct out *out_open(int folder, const char *name)
{
	struct out *out = calloc(1, sizeof *out);
	if (!out)
		abort();
	out->folder = folder;
	snprintf(out->name, sizeof out->name, "%s", name);
	crypto_hash_sha256_init(&out->hash);
	out->fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
	if (out->fd < 0)
		fail(out);
	return out;
}

bool out_put(struct out *out, const void *bytes, size_t n)
{
	const char *p = bytes;
	out->bytes += (int64_t)n;
	crypto_hash_sha256_update(&out->hash, bytes, n);
	while (n && !out->failed) {
		size_t room = OUT_BUFFER - out->n, some = n < room ? n : room;
		memcpy(out->buffer + out->n, p, some);
		out->n += some;
		p += some;
		n -= some;
		if (out->n == OUT_BUFFER)
			flush(out);
	}
	return !out->failed;
}

void out_hash_text(const unsigned char hash[crypto_hash_sha256_BYTES], char text[OUT_HASH_TEXT])
{
	sodium_bin2hex(text, OUT_HASH_TEXT, hash, crypto_hash_sha256_BYTES);
}

int out_close(struct out *out, struct nurture_problem *problem)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	flush(out);
	if (!out->failed && fsync(out->fd))
		fail(out);
	if (out->fd >= 0 && close(out->fd) && !out->failed)
		fail(out);
	out->fd = -1;
	crypto_hash_sha256_final(&out->hash, hash);
	out_hash_text(hash, out->sum);
	if (!out->failed)
		return 0;
	snprintf(problem->where, sizeof problem->where, "%s", out->name);
	snprintf(problem->message, sizeof problem->message, "cannot be written: %s", strerror(out->why));
	return -1;
}

void out_free(struct out *out)
{
	if (!out)
		return;
	if (out->fd >= 0) {
		close(out->fd);
		unlinkat(out->folder, out->name, 0);
	}
	free(out);
}

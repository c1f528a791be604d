/* A file of a job while it is written: buffered, hashed as it goes, on the disk when it is closed. Its name is new: what is there already is an error. Used in the thread only. */
#ifndef DIRECTMAIL_OUT_H
#define DIRECTMAIL_OUT_H

#include <nurture/plugin.h>

#include <sodium.h>

enum { OUT_BUFFER = 1 << 16, OUT_HASH_TEXT = 65 };

struct out {
	int folder, fd;
	char name[80];
	bool failed;
	int why;                 /* errno */
	int64_t bytes;
	crypto_hash_sha256_state hash;
	char sum[OUT_HASH_TEXT]; /* of a closed file */
	size_t n;
	char buffer[OUT_BUFFER];
};

/* folder: a descriptor. What cannot be done is told by out_close, and by out_failed. */
struct out *out_open(int folder, const char *name);
bool out_put(struct out *out, const void *bytes, size_t n); /* false: failed */
/* Writes the rest, fsyncs, closes; leaves sum and bytes. 0, or -1 with the problem. */
int out_close(struct out *out, struct nurture_problem *problem);
/* NULL is taken; one that is not closed is removed. */
void out_free(struct out *out);
void out_hash_text(const unsigned char hash[crypto_hash_sha256_BYTES], char text[OUT_HASH_TEXT]);

#endif

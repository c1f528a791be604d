/* The name of a revision: one hash over every file of the playbook in the order of their paths. Whatever changes a
 * path, a byte or a border between two files changes the hash. Called by playbook_load and by whoever stores a
 * revision. */
#include "playbook/files.h"

#include "base/buf.h"

void playbook_files_revision(const struct playbook_files *files, char out[HASH_HEX])
{
	struct buf all = {0};
	unsigned char digest[HASH_SHA256];
	for (size_t i = 0; i < files->count; i++) {
		const struct playbook_file *file = &files->files[i];
		unsigned char length[8];
		for (int b = 0; b < 8; b++)
			length[b] = (unsigned char)((uint64_t)file->bytes.n >> (56 - 8 * b));
		buf_put(&all, file->path, strlen(file->path) + 1);
		buf_put(&all, length, sizeof length);
		buf_put(&all, file->bytes.p, file->bytes.n);
	}
	hash_sha256(buf_str(&all), digest);
	hash_hex(digest, sizeof digest, out);
	buf_fini(&all);
}

const struct playbook_file *playbook_files_find(const struct playbook_files *files, struct str path)
{
	size_t low = 0, high = files->count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = str_compare(str_of(files->files[middle].path), path);
		if (order == 0)
			return &files->files[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

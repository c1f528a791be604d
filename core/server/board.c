/* The shared board: a memory file, mapped by everybody. */
#include "server/board.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct board *board_open(int fd)
{
	void *p = mmap(NULL, sizeof(struct board), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	return p == MAP_FAILED ? NULL : p;
}

struct board *board_new(int *fd, struct error *error)
{
	*fd = memfd_create("nurture-board", MFD_CLOEXEC);
	struct board *board = *fd >= 0 && ftruncate(*fd, sizeof(struct board)) == 0 ? board_open(*fd) : NULL;
	if (!board)
		error_errno(error, NULL, "cannot make the memory that workers share");
	return board;
}

int64_t board_note_lead(const char note[WORKER_NOTE])
{
	char copy[WORKER_NOTE];
	memcpy(copy, note, sizeof copy);
	copy[sizeof copy - 1] = '\0';
	const char *at = strstr(copy, "lead ");
	if (!at || (at != copy && at[-1] != ' '))
		return 0;
	char *end = NULL;
	long long id = strtoll(at + 5, &end, 10);
	return end != at + 5 && id > 0 ? id : 0;
}

bool board_note_place(const char note[WORKER_NOTE])
{
	const char *end = memchr(note, '\0', WORKER_NOTE);
	return end && strstr(note, " in ") != NULL;
}

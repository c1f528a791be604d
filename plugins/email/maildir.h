/* The disk side of the Maildir outbox: blocking calls, for maildir.c's thread (and tests) only; maildir_look for the moment of opening.
 *
 * What always holds: what is in new/ is whole and was fsynced before it came there; a name that is in new/ or cur/ is
 * never written again; nothing of a failed write is left in tmp/ (but by a crash: swept after an hour). */
#ifndef NURTURE_EMAIL_MAILDIR_H
#define NURTURE_EMAIL_MAILDIR_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct maildir_disk;

enum maildir_result {
	MAILDIR_DONE,
	MAILDIR_THERE,  /* this name is in new/ or cur/ already */
	MAILDIR_FAILED, /* *why; nothing is in new/ */
	MAILDIR_DOUBT,  /* *why; it is in new/, but perhaps not durably */
};

enum { MAILDIR_NAME = 64, MAILDIR_WHY = 512 };

/* One mail on its way: filled by maildir_write, finished by maildir_move or maildir_drop. */
struct maildir_mail {
	char name[MAILDIR_NAME];     /* for good, from touch_id */
	char tmp[MAILDIR_NAME + 32]; /* its name in tmp/ */
	int fd;                      /* between maildir_write and maildir_sync; -1 otherwise */
	char why[MAILDIR_WHY];
};

struct maildir_disk *maildir_disk_new(const char *path);
void maildir_disk_free(struct maildir_disk *disk);

/* Whether mails can be written there, for whoever opens the channel: makes the folders, writes a file and takes it away. false: *why. */
bool maildir_look(const char *path, char why[MAILDIR_WHY]);

void maildir_name(char name[MAILDIR_NAME], int64_t touch_id);
/* Writes a mail into tmp/ without waiting for the disk; then maildir_sync makes it durable. Writing several before
 * syncing them lets the file system commit them together. */
enum maildir_result maildir_write(struct maildir_disk *disk, struct maildir_mail *mail, const GString *message);
enum maildir_result maildir_sync(struct maildir_disk *disk, struct maildir_mail *mail);
/* The irrevocable act: tmp/ to new/. Durable only after maildir_settle. MAILDIR_THERE again where maildir_write said it. */
enum maildir_result maildir_move(struct maildir_disk *disk, struct maildir_mail *mail);
/* Makes all moves durable: MAILDIR_DONE or MAILDIR_DOUBT with *why. */
enum maildir_result maildir_settle(struct maildir_disk *disk, char why[MAILDIR_WHY]);
void maildir_drop(struct maildir_disk *disk, struct maildir_mail *mail);

#endif

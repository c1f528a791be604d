/* What the two kinds of mailbox have in common: a session lists what is there, reads one after the other, and says at the end what is to become of each.
 * For the mailbox's own thread: it blocks, with deadlines. */
#ifndef NURTURE_EMAIL_RETURNS_BOX_H
#define NURTURE_EMAIL_RETURNS_BOX_H

#include "returns_dialog.h"

enum {
	BOX_LIST = 1000,              /* looked at in one session, the oldest; the others in the next */
	BOX_MESSAGE = 1024 * 1024,    /* bytes that are read of a message: reports come first, what they bring back is behind */
};

struct box_item {
	uint64_t number;  /* IMAP's UID, POP3's number in this session */
	char name[80];    /* the same in each session: the UID, POP3's UIDL */
};

/* What becomes of a message that was looked at. */
enum box_fate {
	BOX_LEFT,  /* it is looked at again */
	BOX_DONE,  /* what it says is recorded: moved, marked or deleted, as `after` says */
	BOX_ASIDE, /* it stays for a person: marked (IMAP: \Flagged), or left (POP3); and passed over by its name for as long as this process lives */
};

enum box_after { AFTER_MOVE, AFTER_SEEN, AFTER_DELETE };

enum box_got {
	BOX_GOT,     /* *into stays empty: it is gone */
	BOX_REFUSED, /* the server does not give this one */
	BOX_BROKEN,  /* dialog_why */
};

struct box_kind {
	/* What is there to be looked at, but those that are named in `aside`. items has room for BOX_LIST. -1: dialog_why. */
	int (*list)(struct dialog *dialog, const char *folder, enum box_after after, GHashTable *aside, struct box_item *items);
	/* Its first BOX_MESSAGE bytes, into the empty *into. */
	enum box_got (*read)(struct dialog *dialog, const struct box_item *item, GByteArray *into);
	/* to: the folder of AFTER_MOVE. */
	bool (*settle)(struct dialog *dialog, const struct box_item *item, enum box_fate fate, enum box_after after, const char *to);
	/* Says good-bye. Only then what was deleted is gone (POP3). */
	bool (*end)(struct dialog *dialog);
};
extern const struct box_kind box_imap, box_pop3;

#endif

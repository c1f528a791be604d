/* The order in which posted files are imported: as they were posted, one after the other; a file that could not be imported for a reason of its
 * own rests, and those behind it go on. Called by uploads.c. */
#ifndef NURTURE_JOBS_UPLOAD_QUEUE_H
#define NURTURE_JOBS_UPLOAD_QUEUE_H

#include "base/clock.h"

enum { UPLOAD_NAME = 64 };

struct upload_queue;

struct upload_queue *upload_queue_new(void);
void upload_queue_free(struct upload_queue *queue); /* takes NULL */
/* Reads the open folder anew; those who rest beyond now are not in it. On the way NAME.part whose writer is dead (its lock is free) goes. */
void upload_queue_read(struct upload_queue *queue, int folder, mono_t now);
/* The next one, KEY.csv; NULL = no more until it is read again. Borrowed until then. */
const char *upload_queue_next(struct upload_queue *queue);
/* It rests from now on: 1 second, the next time 3, 7 … at most 60. */
void upload_queue_rest(struct upload_queue *queue, const char *name, mono_t now);
void upload_queue_forget(struct upload_queue *queue, const char *name); /* it is over: how often it rested counts no more */

#endif

/* Playbooks that came over HTTP: checked, published and rolled back as jobs of kind "playbook" (web/playbook_post.c writes them). */
#ifndef NURTURE_JOBS_POSTED_H
#define NURTURE_JOBS_POSTED_H

#include "base/worker.h"
#include "store/store.h"

struct posted;

struct posted *posted_new(struct worker *worker, struct store *store);
void posted_stop(struct posted *posted);          /* begins nothing more */
bool posted_is_busy(const struct posted *posted);
void posted_free(struct posted *posted);          /* takes NULL */

#endif

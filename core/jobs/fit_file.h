/* What fit learned, as the file of a playbook: its text with other points, and words beside each rule. Called by `nurture fit` and the job of that
 * name. Writes nothing to disk and activates nothing. */
#ifndef NURTURE_JOBS_FIT_FILE_H
#define NURTURE_JOBS_FIT_FILE_H

#include "base/config.h"
#include "playbook/playbook.h"
#include "report/fit.h"

struct fit_file {
	const char *path;  /* in the playbook's folder */
	struct str text;
	struct problems problems; /* of the whole playbook with this file in it: of its tests too, which may expect other points */
};

/* playbook: what the dataset was made by, of these files. All of *out lives in arena. ERROR_INVALID with the line when the points of a rule are not
 * plainly written. */
int fit_file(const struct config *config, const struct playbook *playbook, const struct playbook_files *files, const struct dataset *dataset, const struct fit *fit,
	     struct arena *arena, struct fit_file *out, struct error *error) MUST_USE;

#endif

/* What only libphonenumber knows of telephone numbers: a module of its own (phone.so), loaded when the first number is asked about. Called by the engine for
 * turns, and by web for names of leads. Without the module nothing is known, and the log says so once. */
#ifndef NURTURE_BASE_PHONE_H
#define NURTURE_BASE_PHONE_H

#include "base/str.h"

enum { PHONE_MAX = 17 };

/* "030 123456", "DE" → "+4930123456"; false when it is no number there, has an extension, or nothing is known. */
bool phone_national(struct str text, struct str country, char out[PHONE_MAX]);

enum phone_sense { PHONE_UNKNOWN, PHONE_POSSIBLE, PHONE_IMPOSSIBLE };
/* Of a number in E.164's spelling: may there be one of this length in its country? UNKNOWN: the module is not there. */
enum phone_sense phone_sense(struct str number);
/* The country where a number in E.164's spelling rings ("US"); false: it tells none, or nothing is known. */
bool phone_country(struct str number, char out[3]);

#endif

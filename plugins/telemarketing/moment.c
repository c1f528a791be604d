/* See moment.h. */
#include "moment.h"

#include <time.h>

json_t *moment_json(int64_t moment)
{
	char text[40];
	struct tm tm;
	time_t seconds = (time_t)(moment / 1000000);
	if (!moment || !gmtime_r(&seconds, &tm) || !strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm))
		return json_null();
	return json_string(text);
}

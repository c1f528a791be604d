/* What PostgreSQL's error codes mean for us. Called for every failed statement; never for lost connections, which are always
 * ERROR_UNAVAILABLE. */
#include "store/private.h"

#include <string.h>

static const struct {
	const char *begins; /* of the SQLSTATE (PostgreSQL manual, appendix A) */
	enum error_code code;
	const char *advice;
} meanings[] = {
	{"08", ERROR_UNAVAILABLE, NULL},           /* connection */
	{"57", ERROR_UNAVAILABLE, NULL},           /* shutdown, cancelled, crash */
	{"53", ERROR_UNAVAILABLE, NULL},           /* disk full, out of memory, too many connections */
	{"40", ERROR_UNAVAILABLE, NULL},           /* deadlock, serialisation */
	{"55", ERROR_UNAVAILABLE, NULL},           /* lock not available */
	{"25006", ERROR_UNAVAILABLE, NULL},        /* read-only: a standby */
	{"25P03", ERROR_UNAVAILABLE, NULL},        /* idle in transaction for too long */
	{"58", ERROR_UNAVAILABLE, NULL},           /* input or output error */
	{"23505", ERROR_CONFLICT, NULL},           /* unique */
	{"23", ERROR_INVALID, NULL},               /* other constraints */
	{"22", ERROR_INVALID, NULL},               /* data */
	{"42501", ERROR_DENIED, NULL},
	{"42P01", ERROR_SYSTEM, " The database is not of this version: run nurture db migrate."},
	{"42703", ERROR_SYSTEM, " The database is not of this version: run nurture db migrate."},
	{"42883", ERROR_SYSTEM, " The database is not of this version: run nurture db migrate."},
};

static const char *field(const PGresult *result, int code)
{
	const char *s = PQresultErrorField(result, code);
	return s ? s : "";
}

void sqlstate_error(struct error *error, const char *place, const PGresult *result)
{
	const char *state = field(result, PG_DIAG_SQLSTATE);
	enum error_code code = ERROR_SYSTEM;
	const char *advice = NULL;
	for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++) {
		if (strncmp(state, meanings[i].begins, strlen(meanings[i].begins)) != 0)
			continue;
		code = meanings[i].code;
		advice = meanings[i].advice;
		break;
	}
	const char *constraint = field(result, PG_DIAG_CONSTRAINT_NAME);
	error_set(error, code, *constraint ? constraint : place, "%s (%s).%s", field(result, PG_DIAG_MESSAGE_PRIMARY), state,
		  advice ? advice : "");
}

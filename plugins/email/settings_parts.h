/* What settings.c and settings_server.c share. */
#ifndef NURTURE_EMAIL_SETTINGS_PARTS_H
#define NURTURE_EMAIL_SETTINGS_PARTS_H

#include "settings.h"

/* Fills *problem and returns -1. */
int problem_set(struct nurture_problem *problem, const char *where, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* What stands behind smtp:// or smtps://; settings->scheme is set already. 0, or -1 with *problem. */
int settings_read_server(struct settings *settings, const char *text, struct nurture_problem *problem);

/* settings_returns.c: a row of the options' table each. */
int settings_read_bounces(struct settings *s, const char *name, const json_t *value, struct nurture_problem *problem);
int settings_read_box(struct settings *s, const char *name, const json_t *value, struct nurture_problem *problem);
int settings_read_soft(struct settings *s, const char *name, const json_t *value, struct nurture_problem *problem);

/* settings_dkim.c */
int settings_read_dkim(struct settings *s, const char *name, const json_t *value, struct nurture_problem *problem);

#endif

/* What settings.c and settings_server.c share. */
#ifndef NURTURE_EMAIL_SETTINGS_PARTS_H
#define NURTURE_EMAIL_SETTINGS_PARTS_H

#include "settings.h"

/* Fills *problem and returns -1. */
int problem_set(struct nurture_problem *problem, const char *where, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The text of a setting: one line of UTF-8, not empty; borrowed. 0, or -1 with *problem, as for all that follow. */
int settings_text(const char **out, const char *name, const json_t *value, struct nurture_problem *problem);
/* A relative path is under data_dir; to be freed. */
char *settings_path(const struct settings *s, const char *path);
/* "there is no NAME; did you mean …": `names` ends with NULL. */
int settings_unknown(const char *where, const char *key, const char *const names[], struct nurture_problem *problem);
int settings_tls(enum tls_policy *out, const char *name, const json_t *value, struct nurture_problem *problem);
int settings_tls_ca(char **out, const struct settings *s, const char *name, const json_t *value, struct nurture_problem *problem);
/* A whole number from `least` to `most`. */
int settings_number(uint32_t *out, const char *name, const json_t *value, uint32_t least, uint32_t most, struct nurture_problem *problem);

/* settings_server.c: smtp://[USER:PASSWORD@]HOST[:PORT]. What is wrong is said without repeating any of it. */
int settings_read_server(struct server *server, const char *name, const char *text, struct nurture_problem *problem);
void server_fini(struct server *server);

/* settings_relays.c: "relay" and "relays", when all else is read. */
int settings_relays(struct settings *s, const json_t *object, struct nurture_problem *problem);

/* settings_limits.c */
int settings_warm_up(struct warm_up *out, const char *name, const json_t *value, struct nurture_problem *problem);
int settings_domains(struct settings *s, const char *name, const json_t *value, struct nurture_problem *problem);
int settings_retries(struct settings *s, const char *name, const json_t *value, struct nurture_problem *problem);
int settings_brake(struct settings *s, const char *name, const json_t *value, struct nurture_problem *problem);

/* settings_returns.c: a row of the options' table each. */
int settings_read_bounces(struct settings *s, const char *name, const json_t *value, struct nurture_problem *problem);
int settings_read_boxes(struct settings *s, const char *name, const json_t *value, struct nurture_problem *problem);
int settings_read_ses(struct settings *s, const char *name, const json_t *value, struct nurture_problem *problem);
int settings_read_soft(struct settings *s, const char *name, const json_t *value, struct nurture_problem *problem);

/* settings_dkim.c */
int settings_read_dkim(struct settings *s, const char *name, const json_t *value, struct nurture_problem *problem);

#endif

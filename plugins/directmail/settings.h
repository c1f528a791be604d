/* The settings of channel "letters" in nurture.conf: one row of a table each, and what is not there is refused by name. */
#ifndef DIRECTMAIL_SETTINGS_H
#define DIRECTMAIL_SETTINGS_H

#include <nurture/plugin.h>

enum { COLUMNS_MOST = 60, SEEDS_MOST = 50 };

enum letters_as { LETTERS_NONE, LETTERS_ONE, LETTERS_EACH };

struct settings {
	char *spool;             /* the whole path of the folder of jobs */
	char *zone;              /* of days and hours here */
	int weekday;             /* 0 = Sunday: letters without a drop of their own; -1 = none */
	int minute;              /* of the day: when jobs are cut */
	int64_t gather_us;       /* a letter is not cut so soon after it came: others may follow */
	int64_t count;           /* cut as soon as so many wait; 0 = never */
	bool by_hand;            /* nothing is cut by itself */
	bool approval;           /* a job waits for its release */
	int keep_days;           /* folders, after they were sent */
	enum letters_as letters; /* PDF */
	char *charset;
	char separator;
	bool head;               /* a first line with the columns' names */
	json_t *columns;         /* [[head, source]] */
	int lines;               /* the last line of an address that they name; 0 = they name none */
	json_t *layout;          /* of pages; an object */
	json_t *sender;          /* the parts of the sender's address; an object */
	json_t *seeds;           /* [parts of an address] */
	double cost_job, cost_page;
	json_t *cost_piece;      /* country or "otherwise" → number */
	char *currency;
	json_t *upload;          /* NULL = none */
	json_t *required;        /* [{country, list, days}]: letters there go only with a list that is no older */
};

/* 0, or -1 with the problem; what was filled is freed by settings_fini in both cases. */
int settings_read(struct settings *out, const json_t *object, const char *data_dir, struct nurture_problem *problem);
void settings_fini(struct settings *settings);
double settings_cost(const struct settings *settings, const char *country, int pages);

#endif

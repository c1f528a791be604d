/* What forecast.c counts and forecast_json.c tells. Private to them. */
#ifndef NURTURE_TURN_FORECAST_INSIDE_H
#define NURTURE_TURN_FORECAST_INSIDE_H

#include "turn/forecast.h"

enum { FORECAST_CHANNELS = 8, FORECAST_REASONS = 64, FORECAST_ODDS = 64 };

struct odds { /* of one step; no answers = it makes no contact, or its contact simply is made */
	const struct step *step;
	struct str answers[FORECAST_ODDS];
	int64_t weights[FORECAST_ODDS];
	size_t count;
	int64_t total, measured; /* measured 0 = even odds */
};
struct sums {
	double sum, squares; /* of contacts a lead */
};
struct channel {
	struct str kind;
	int *today;                           /* of the lead in hand, by day */
	struct sums *sums[FORECAST_GROUPS];   /* by day; [0] = all days together */
};
struct held {
	struct str kind, reason;
	int64_t count[FORECAST_GROUPS];
};
struct forecast {
	struct playbook *playbook;
	const struct campaign *campaign;
	const struct forecast_rate *rates; size_t rate_count;
	int days;
	moment_t now;
	struct arena *arena;
	struct odds *odds;                    /* of each step */
	bool luck;                            /* some answer is drawn: other dice, another number */
	struct channel channels[FORECAST_CHANNELS]; size_t channel_count;
	struct held held[FORECAST_REASONS]; size_t held_count;
	int64_t walked[FORECAST_GROUPS];
	int64_t failures;                     /* leads with a step or rule that failed */
};

#endif

/* Settings of what may go when: warm_up, domains, retries, brake. Called by settings.c and settings_relays.c. */
#include "providers.h"
#include "settings_parts.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* "2027-01-01": that day's begin, UTC. */
static int read_date(int64_t *out, const char *name, const json_t *value, struct nurture_problem *problem)
{
	struct tm tm = {0};
	const char *text = json_string_value(value), *end = text && strlen(text) == 10 ? strptime(text, "%Y-%m-%d", &tm) : NULL;
	int day = tm.tm_mday;
	time_t at = end && !*end ? timegm(&tm) : -1;
	if (at <= 0 || tm.tm_mday != day)
		return problem_set(problem, name, "%s must be a day like \"2027-01-31\"", name);
	*out = (int64_t)at * 1000000;
	return 0;
}

static int read_factor(double *out, const char *name, const json_t *value, double least, double most, struct nurture_problem *problem)
{
	double n = json_number_value(value);
	if (!json_is_number(value) || !(n >= least && n <= most))
		return problem_set(problem, name, "%s must be a number from %g to %g", name, least, most);
	*out = n;
	return 0;
}

int settings_warm_up(struct warm_up *out, const char *name, const json_t *value, struct nurture_problem *problem)
{
	static const char *const names[] = {"from", "first_day", "grows", "most", NULL};
	const char *key;
	json_t *each;
	*out = (struct warm_up){.first_day = 50, .grows = 1.5, .most = 100000};
	if (!json_is_object(value))
		return problem_set(problem, name, "%s must be a table like { from = \"2027-01-31\", first_day = 50, grows = 1.5 }", name);
	json_object_foreach((json_t *)value, key, each) {
		char where[160];
		snprintf(where, sizeof where, "%s.%.40s", name, key);
		int wrong = !strcmp(key, "from")        ? read_date(&out->from, where, each, problem)
			    : !strcmp(key, "first_day") ? settings_number(&out->first_day, where, each, 1, 1000000, problem)
			    : !strcmp(key, "grows")     ? read_factor(&out->grows, where, each, 1.01, 10, problem)
			    : !strcmp(key, "most")      ? settings_number(&out->most, where, each, 1, 100000000, problem)
							: settings_unknown(where, key, names, problem);
		if (wrong)
			return -1;
	}
	if (out->most < out->first_day)
		return problem_set(problem, name, "%s: most (%u) is less than first_day (%u): there would be no limit from the first day on. Write most = %u or more, or leave it out", name,
				   out->most, out->first_day, out->first_day);
	return out->from ? 0 : problem_set(problem, name, "%s: say the sender's first day: from = \"2027-01-31\"", name);
}

static int read_domain(struct domain_limit *out, const char *pattern, const json_t *value, struct nurture_problem *problem)
{
	static const char *const names[] = {"per_minute", "connections", NULL};
	const char *key, *why = domain_pattern_problem(pattern);
	char where[200];
	json_t *each;
	snprintf(where, sizeof where, "domains[\"%.100s\"]", pattern);
	if (why)
		return problem_set(problem, where, "%s", why);
	if (!json_is_object(value) || !json_object_size(value))
		return problem_set(problem, where, "%s must be a table like { per_minute = 60, connections = 2 }", where);
	out->pattern = g_strdup(pattern);
	json_object_foreach((json_t *)value, key, each) {
		int wrong = !strcmp(key, "per_minute")    ? settings_number(&out->per_minute, where, each, 1, 10000000, problem)
			    : !strcmp(key, "connections") ? settings_number(&out->connections, where, each, 1, 1000, problem)
							  : settings_unknown(where, key, names, problem);
		if (wrong)
			return -1;
	}
	return 0;
}

/* A table has no order: what is said most closely counts first: a domain, then patterns by their length, then providers. */
static int closer(const void *a, const void *b)
{
	const struct domain_limit *x = a, *y = b;
	bool x_word = !strchr(x->pattern, '.'), y_word = !strchr(y->pattern, '.');
	bool x_star = strchr(x->pattern, '*'), y_star = strchr(y->pattern, '*');
	if (x_word != y_word)
		return x_word ? 1 : -1;
	if (x_star != y_star)
		return x_star ? 1 : -1;
	size_t n = strlen(x->pattern), m = strlen(y->pattern);
	return n != m ? (n > m ? -1 : 1) : strcmp(x->pattern, y->pattern);
}

int settings_domains(struct settings *s, const char *name, const json_t *value, struct nurture_problem *problem)
{
	const char *pattern;
	json_t *each;
	if (!json_is_object(value))
		return problem_set(problem, name, "domains must be a table like { [\"gmail.com\"] = { per_minute = 60, connections = 2 } }");
	if (json_object_size(value) > DOMAINS_MAX)
		return problem_set(problem, name, "there are more than %d domains", DOMAINS_MAX);
	s->domains = g_new0(struct domain_limit, json_object_size(value) + 1);
	json_object_foreach((json_t *)value, pattern, each)
		if (read_domain(&s->domains[s->domain_count++], pattern, each, problem))
			return -1;
	qsort(s->domains, s->domain_count, sizeof *s->domains, closer);
	return 0;
}

static int read_waits(struct retry *retry, const char *name, const json_t *list, struct nurture_problem *problem)
{
	size_t i;
	json_t *each;
	if (!json_is_array(list) || !json_array_size(list) || json_array_size(list) > RETRY_WAITS)
		return problem_set(problem, name, "%s must be a list of 1 to %d numbers of minutes", name, RETRY_WAITS);
	retry->count = 0;
	json_array_foreach((json_t *)list, i, each) {
		double minutes = 0;
		if (read_factor(&minutes, name, each, 0.01, 1440, problem))
			return -1;
		retry->waits[retry->count++] = (uint32_t)(minutes * 60 + 0.5) ? (uint32_t)(minutes * 60 + 0.5) : 1;
		if (i && retry->waits[i] < retry->waits[i - 1])
			return problem_set(problem, name, "%s: the waits must not shrink: each as long as the one before, or longer, like { 5, 15, 30, 60 }", name);
	}
	return 0;
}

int settings_retries(struct settings *s, const char *name, const json_t *value, struct nurture_problem *problem)
{
	static const char *const names[] = {"minutes", "days", NULL};
	const char *key;
	json_t *each;
	if (!json_is_object(value))
		return problem_set(problem, name, "retries must be a table like { minutes = { 5, 15, 30, 60 }, days = 3 }");
	json_object_foreach((json_t *)value, key, each) {
		double days = 0;
		char where[80];
		snprintf(where, sizeof where, "retries.%.40s", key);
		int wrong = !strcmp(key, "minutes") ? read_waits(&s->retry, where, each, problem)
			    : !strcmp(key, "days")  ? read_factor(&days, where, each, 0.001, 5, problem)
						    : settings_unknown(where, key, names, problem);
		if (wrong)
			return -1;
		if (days > 0)
			s->retry.in_all = (uint32_t)(days * 86400);
	}
	return 0;
}

int settings_brake(struct settings *s, const char *name, const json_t *value, struct nurture_problem *problem)
{
	static const char *const names[] = {"warn", "slow", "stop", NULL};
	const char *key;
	json_t *each;
	if (!json_is_object(value))
		return problem_set(problem, name, "brake must be a table like { warn = 0.1, slow = 0.2, stop = 0.3 }, in per cent of complaints");
	json_object_foreach((json_t *)value, key, each) {
		double *share = !strcmp(key, "warn") ? &s->brake.warn : !strcmp(key, "slow") ? &s->brake.slow : !strcmp(key, "stop") ? &s->brake.stop : NULL;
		char where[80];
		snprintf(where, sizeof where, "brake.%.40s", key);
		if (!share)
			return settings_unknown(where, key, names, problem);
		if (read_factor(share, where, each, 0.001, 100, problem))
			return -1;
		*share /= 100;
	}
	if (s->brake.warn > s->brake.slow || s->brake.slow > s->brake.stop)
		return problem_set(problem, name, "brake: warn, slow and stop must grow");
	return 0;
}

/* nurture.conf: Lua syntax without power (DESIGN section 5). Every option is one row of the table in config.c: name, type,
 * default, whether SIGHUP changes it. Unknown options are errors with file:line and the nearest name. */
#ifndef NURTURE_BASE_CONFIG_H
#define NURTURE_BASE_CONFIG_H

#include "base/error.h"
#include "base/str.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct config_channel {
	const char *name;   /* "email" */
	const char *plugin; /* "email" */
	const char *in_doubt; /* "hold" or "resend" */
	int patience;       /* seconds that the plugin may keep a touch before it is asked back; 1 to 3600, default 900 */
	int memory;         /* MB that its process may have (RLIMIT_DATA); 64 to 1,000,000, default 2048 */
	json_t *settings;   /* object: every option of the channel but the above; borrowed */
	const char *where;  /* file:line */
	/* What its plugin says of itself: {"kind", "body", "template_fields": […]}; set by channel_describe (room channel) before
	 * workers start, NULL until then; dropped by config_free. */
	json_t *says;
};

/* A rule of `retention`: who has done nothing for so long is erased, daily (jobs/retention.h). */
struct config_retention {
	const char *segment; /* NULL = everybody */
	const char *older;   /* "24 months": duration_parse_days, at least 30 days */
};

struct config {
	const char *path;       /* the file, or NULL when there is none (all defaults) */
	const char *listen;     /* "127.0.0.1:8080", "[::1]:8080", "unix:/path" */
	const char *public_url; /* without a slash at the end */
	const char *const *trusted_proxies; /* addresses or CIDR, NULL-ended */
	const char *const *machine_networks; /* files, absolute, NULL-ended: no person follows links or fetches pictures from the networks in them (web/networks.h) */
	const char *const *proxy_networks;   /* the same: pictures fetched from there say nothing of a reader */
	const char *data_dir;   /* absolute */
	const char *database;   /* libpq connection string or NULL = private cluster under data_dir */
	const char *database_owner; /* for migrations; NULL = database. Only with database */
	bool auto_migrate;
	const char *playbook;   /* absolute folder or NULL */
	bool watch;
	int workers_web, workers_engine; /* 1..64 */
	int connections_per_address; /* of one client address, for each web worker; trusted proxies have no such limit. 256 */
	int import_limit;       /* megabytes that one file posted to /v1/imports may have. 1024 */
	int session_idle;       /* minutes that a signed-in person may do nothing; 1 to 1440, default 120 */
	int session_life;       /* hours after which a person signs in again, whatever was done; 1 to 720, default 12 */
	int drain;              /* seconds that an old generation has to finish */
	int watchdog;           /* seconds after which a worker without a heartbeat is killed */
	const struct config_retention *retention; /* retention = { { segment = "…", older = "…" }, { everybody = true, older = "…" }, anonymous = "90 days" } */
	size_t retention_count;
	int anonymous_days;     /* how long anonymous visitors are kept after they were last seen; 90 */
	const char *postal_address; /* or NULL */
	const char *user;       /* whom workers run as when started as root */
	const char *plugin_dir; /* where NAME.so lies */
	const char *log_level;
	const struct config_channel *channels;
	size_t channel_count;
	json_t *env;            /* object: what env() read, by name */
};

/* Reads FILE; relative paths in it are taken from the working directory of the process. path NULL: no file, all defaults. */
struct config *config_load(const char *path, struct error *error) MUST_USE;
/* The same from text that was read before; path names it in errors. */
struct config *config_parse(const char *path, struct str text, struct error *error) MUST_USE;
/* The same where env() reads from `env` of the configuration that another process parsed from this text: workers have no such environment. */
struct config *config_parse_again(const char *path, struct str text, const json_t *env, struct error *error) MUST_USE;
/* Replaces an option that is a text or a path, as if it stood in the file: for options of the command line. */
void config_override(struct config *config, const char *option, const char *value);
/* The name of an option that a running server cannot change and that differs, or NULL. */
const char *config_fixed_difference(const struct config *running, const struct config *wanted);
/* A channel of this name is configured. The database knows those of before, too. */
bool config_has_channel(const struct config *config, const char *name);
void config_free(struct config *config); /* takes NULL */
/* Writes the configuration as it is understood, secrets (anything from env(), passwords in URLs) as "***". Caller frees. */
char *config_describe(const struct config *config);

#endif

/* See upload.h. */
#include "upload.h"

#include "folder.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { SUMS_MOST = 1 << 24, PATH_MOST = 1200, CONNECT_S = 30, SLOW_S = 60 };

struct transfer {
	const struct settings *settings;
	const char *name;
	struct hand *hand;
	CURL *curl;
	struct curl_slist *headers;
	char base[600];          /* ends with a slash */
	bool sftp;
	char *sums;              /* SHA256SUMS as it lies here */
	char error[CURL_ERROR_SIZE];
	struct nurture_problem *problem;
};

struct text {
	char *p;
	size_t n;
};

static const char *setting(const struct transfer *t, const char *name)
{
	return json_string_value(json_object_get(t->settings->upload, name));
}

static int fail(struct transfer *t, const char *what, const char *why)
{
	snprintf(t->problem->where, sizeof t->problem->where, "upload");
	snprintf(t->problem->message, sizeof t->problem->message, "%s: %s", what, why);
	return -1;
}

/* ---- one transfer ---- */

static int on_progress(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	(void)a, (void)b, (void)c, (void)d;
	return hand_stopping(((struct transfer *)arg)->hand);
}

static size_t take(char *bytes, size_t size, size_t n, void *arg)
{
	struct text *text = arg;
	size_t some = size * n;
	char *more = text->n + some < SUMS_MOST ? realloc(text->p, text->n + some + 1) : NULL;
	if (!more)
		return 0;
	text->p = more;
	memcpy(more + text->n, bytes, some);
	text->n += some;
	more[text->n] = 0;
	return some;
}

static void set_who(struct transfer *t)
{
	const struct { const char *name; CURLoption option; } texts[] = {
		{"user", CURLOPT_USERNAME}, {"password", CURLOPT_PASSWORD}, {"key", CURLOPT_SSH_PRIVATE_KEYFILE}, {"key_password", CURLOPT_KEYPASSWD},
		{"known_hosts", CURLOPT_SSH_KNOWNHOSTS}, {"host_key", CURLOPT_SSH_HOST_PUBLIC_KEY_SHA256}, {"ca", CURLOPT_CAINFO}};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (setting(t, texts[i].name))
			curl_easy_setopt(t->curl, texts[i].option, setting(t, texts[i].name));
	curl_easy_setopt(t->curl, CURLOPT_SSH_AUTH_TYPES, (long)(setting(t, "key") ? CURLSSH_AUTH_PUBLICKEY : CURLSSH_AUTH_PASSWORD));
	if (t->headers)
		curl_easy_setopt(t->curl, CURLOPT_HTTPHEADER, t->headers);
}

/* The handle, as for a new transfer; its connection stays. */
static void begin(struct transfer *t, const char *folder, const char *file)
{
	char url[PATH_MOST];
	curl_easy_reset(t->curl);
	*t->error = 0;
	snprintf(url, sizeof url, "%s%s%s%s", t->base, folder, *folder ? "/" : "", file);
	curl_easy_setopt(t->curl, CURLOPT_URL, url);
	curl_easy_setopt(t->curl, CURLOPT_PROTOCOLS_STR, t->sftp ? "sftp" : "https");
	curl_easy_setopt(t->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(t->curl, CURLOPT_FAILONERROR, 1L);
	curl_easy_setopt(t->curl, CURLOPT_ERRORBUFFER, t->error);
	curl_easy_setopt(t->curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
	curl_easy_setopt(t->curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(t->curl, CURLOPT_LOW_SPEED_TIME, (long)SLOW_S);
	curl_easy_setopt(t->curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(t->curl, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(t->curl, CURLOPT_XFERINFODATA, t);
	set_who(t);
}

static int perform(struct transfer *t, const char *what)
{
	CURLcode code = curl_easy_perform(t->curl);
	return code == CURLE_OK ? 0 : fail(t, what, *t->error ? t->error : curl_easy_strerror(code));
}

static int put_file(struct transfer *t, const char *folder, const char *file)
{
	char path[PATH_MOST];
	struct stat about;
	snprintf(path, sizeof path, "%s/%s/%s", t->settings->spool, t->name, file);
	FILE *from = fopen(path, "re");
	if (!from || fstat(fileno(from), &about)) {
		if (from)
			fclose(from);
		return fail(t, file, strerror(errno));
	}
	begin(t, folder, file);
	curl_easy_setopt(t->curl, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(t->curl, CURLOPT_READDATA, from);
	curl_easy_setopt(t->curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)about.st_size);
	curl_easy_setopt(t->curl, CURLOPT_FTP_CREATE_MISSING_DIRS, (long)CURLFTP_CREATE_DIR_RETRY);
	struct text answer = {0}; /* of the server, to nobody */
	curl_easy_setopt(t->curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(t->curl, CURLOPT_WRITEDATA, &answer);
	int result = perform(t, file);
	free(answer.p);
	fclose(from);
	return result;
}

/* Whether the same job lies there, whole. */
static bool is_there(struct transfer *t)
{
	struct text there = {0};
	begin(t, t->name, "SHA256SUMS");
	curl_easy_setopt(t->curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(t->curl, CURLOPT_WRITEDATA, &there);
	bool same = curl_easy_perform(t->curl) == CURLE_OK && there.p && strcmp(there.p, t->sums) == 0;
	free(there.p);
	return same;
}

/* ---- all of it ---- */

static void open_transfer(struct transfer *t)
{
	const char *url = setting(t, "url"), *token = setting(t, "token");
	char header[2100];
	t->curl = curl_easy_init();
	snprintf(t->base, sizeof t->base, "%s%s", url, url[strlen(url) - 1] == '/' ? "" : "/");
	t->sftp = strncmp(url, "sftp:", 5) == 0;
	snprintf(header, sizeof header, "Authorization: Bearer %s", token ? token : "");
	if (token)
		t->headers = curl_slist_append(NULL, header);
}

static void close_transfer(struct transfer *t)
{
	curl_slist_free_all(t->headers);
	curl_easy_cleanup(t->curl);
	free(t->sums);
}

/* Every file that SHA256SUMS names, and itself last. */
static int put_files(struct transfer *t, const char *folder)
{
	int result = 0;
	for (const char *line = t->sums; !result && *line; line = strchr(line, '\n') + 1) {
		char file[300];
		snprintf(file, sizeof file, "%.*s", (int)strcspn(line + 66, "\n"), line + 66);
		result = put_file(t, folder, file);
	}
	return result ? result : put_file(t, folder, "SHA256SUMS");
}

static int rename_there(struct transfer *t, const char *part)
{
	char command[2 * PATH_MOST];
	const char *path = strchr(t->base + strlen("sftp://"), '/');
	snprintf(command, sizeof command, "rename \"%s%s\" \"%s%s\"", path, part, path, t->name);
	struct curl_slist *quote = curl_slist_append(NULL, command);
	begin(t, "", "");
	curl_easy_setopt(t->curl, CURLOPT_NOBODY, 1L);
	curl_easy_setopt(t->curl, CURLOPT_QUOTE, quote);
	int result = perform(t, "the rename there");
	curl_slist_free_all(quote);
	return result;
}

static int bring(struct transfer *t)
{
	char part[FOLDER_NAME + 8];
	snprintf(part, sizeof part, "%s%s", t->name, t->sftp ? ".part" : "");
	if (is_there(t))
		return 0;
	if (put_files(t, part))
		return -1;
	if (!t->sftp)
		return 0;
	if (rename_there(t, part))
		return is_there(t) ? 0 : -1; /* its answer was lost */
	return is_there(t) ? 0 : fail(t, "SHA256SUMS", "what lies there is not what was sent");
}

static char *read_sums(const struct transfer *t)
{
	char path[PATH_MOST];
	struct stat about;
	snprintf(path, sizeof path, "%s/%s/SHA256SUMS", t->settings->spool, t->name);
	FILE *file = fopen(path, "re");
	bool good = file && fstat(fileno(file), &about) == 0 && about.st_size < SUMS_MOST;
	char *text = good ? calloc(1, (size_t)about.st_size + 1) : NULL;
	if (text && fread(text, 1, (size_t)about.st_size, file) != (size_t)about.st_size) {
		free(text);
		text = NULL;
	}
	if (file)
		fclose(file);
	return text;
}

int upload_job(const struct settings *settings, const char *name, struct hand *hand, char *remote, size_t room, struct nurture_problem *problem)
{
	struct transfer t = {.settings = settings, .name = name, .hand = hand, .problem = problem};
	open_transfer(&t);
	t.sums = read_sums(&t);
	int result = !t.curl ? fail(&t, "libcurl", "no memory") : !t.sums ? fail(&t, "SHA256SUMS", "cannot be read") : bring(&t);
	snprintf(remote, room, "%s%s", t.base, name);
	close_transfer(&t);
	return result;
}

/* SHA256SUMS is what makes a job whole there; its name is this job's alone. */
static int find_sums(struct transfer *t)
{
	struct text there = {0};
	long status = 0;
	begin(t, t->name, "SHA256SUMS");
	curl_easy_setopt(t->curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(t->curl, CURLOPT_WRITEDATA, &there);
	CURLcode code = curl_easy_perform(t->curl);
	free(there.p);
	curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &status);
	if (code == CURLE_REMOTE_FILE_NOT_FOUND || (code == CURLE_HTTP_RETURNED_ERROR && (status == 404 || status == 410)))
		return 0;
	return code == CURLE_OK ? 1 : fail(t, "whether the print house has it", *t->error ? t->error : curl_easy_strerror(code));
}

int upload_find(const struct settings *settings, const char *name, struct hand *hand, struct nurture_problem *problem)
{
	struct transfer t = {.settings = settings, .name = name, .hand = hand, .problem = problem};
	open_transfer(&t);
	int found = t.curl ? find_sums(&t) : fail(&t, "libcurl", "no memory");
	close_transfer(&t);
	return found;
}

/* Loads phone.so once, from beside the program or where it was installed. */
#include "base/phone.h"

#include "base/e164.h"
#include "base/log.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct {
	bool tried;
	e164_fn *national;
	e164_possible_fn *possible;
	e164_country_fn *country;
} module;

static void *load_from(const char *folder, const char *name)
{
	char path[4200];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	return access(path, R_OK) == 0 ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
}

static void *find(void)
{
	char folder[4096];
	ssize_t n = readlink("/proc/self/exe", folder, sizeof folder - 1);
	folder[n > 0 ? n : 0] = '\0';
	char *slash = strrchr(folder, '/');
	if (!slash)
		return NULL;
	*slash = '\0';
	void *found = load_from(folder, "phone.so");
	return found ? found : load_from(folder, "../" NURTURE_LIBDIR "/nurture/phone.so");
}

static void load(void)
{
	if (module.tried)
		return;
	module.tried = true;
	void *found = find();
	if (found) {
		module.national = (e164_fn *)dlsym(found, "nurture_e164");
		module.possible = (e164_possible_fn *)dlsym(found, "nurture_e164_possible");
		module.country = (e164_country_fn *)dlsym(found, "nurture_e164_country");
	} else {
		log_warn("phone.module", log_str("message", "phone.so is not there, or cannot be loaded: numbers without a country code stay as they are written."));
	}
}

static bool copy(struct str text, char *out, size_t size)
{
	if (text.n >= size || memchr(text.p, '\0', text.n))
		return false;
	memcpy(out, text.p, text.n);
	out[text.n] = '\0';
	return true;
}

bool phone_national(struct str text, struct str country, char out[PHONE_MAX])
{
	char written[64], region[3];
	if (country.n != 2 || !copy(text, written, sizeof written) || !copy(country, region, sizeof region))
		return false;
	load();
	return module.national && module.national(written, region, out) == 0;
}

enum phone_sense phone_sense(struct str number)
{
	char written[PHONE_MAX];
	if (!copy(number, written, sizeof written))
		return PHONE_IMPOSSIBLE;
	load();
	return !module.possible ? PHONE_UNKNOWN : module.possible(written) ? PHONE_POSSIBLE : PHONE_IMPOSSIBLE;
}

bool phone_country(struct str number, char out[3])
{
	char written[PHONE_MAX];
	if (!copy(number, written, sizeof written))
		return false;
	load();
	return module.country && module.country(written, out) == 0;
}

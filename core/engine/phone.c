/* Telephone numbers without their country code, by the rules of the lead's country: loads the module phone.so when the first one is met. It lies beside the
 * program, or where it was installed. Called by turns through turn_facts.e164. Without the module numbers stay as they were written, and the log says so once. */
#include "base/log.h"
#include "engine/e164.h"
#include "engine/parts.h"

#include <dlfcn.h>
#include <stdio.h>
#include <unistd.h>

static e164_fn *load_from(const char *folder, const char *name)
{
	char path[4200];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	void *module = access(path, R_OK) == 0 ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
	return module ? (e164_fn *)dlsym(module, "nurture_e164") : NULL;
}

static e164_fn *load(void)
{
	char folder[4096];
	ssize_t n = readlink("/proc/self/exe", folder, sizeof folder - 1);
	folder[n > 0 ? n : 0] = '\0';
	char *slash = strrchr(folder, '/');
	if (!slash)
		return NULL;
	*slash = '\0';
	e164_fn *fn = load_from(folder, "phone.so");
	return fn ? fn : load_from(folder, "../" NURTURE_LIBDIR "/nurture/phone.so");
}

bool engine_e164(struct str text, struct str country, char out[PHONE_MAX])
{
	static e164_fn *fn;
	static bool tried;
	char written[64], region[3] = {0};
	if (!tried) {
		tried = true;
		fn = load();
		if (!fn)
			log_warn("phone.module", log_str("message", "phone.so is not there, or cannot be loaded: numbers without a country code stay as they are written."));
	}
	if (!fn || text.n >= sizeof written || country.n != 2 || memchr(text.p, '\0', text.n))
		return false;
	memcpy(written, text.p, text.n);
	written[text.n] = '\0';
	memcpy(region, country.p, 2);
	return fn(written, region, out) == 0;
}

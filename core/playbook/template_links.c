/* What is wrong with the fixed addresses of a mail's links, found when the playbook is loaded: one that leads nowhere is seen by thousands before it is seen by who
 * wrote it. Called by template_html.c. Addresses that are made of data are finished when the mail is written (liquid_escape.c). */
#include "playbook/template_parts.h"
#include "playbook/template_store.h"

#include <stdarg.h>
#include <stdio.h>

void template_note(const struct liquid_site *site, int line, const char *fmt, ...)
{
	char message[900];
	va_list args;
	if (!site->problems)
		return;
	va_start(args, fmt);
	vsnprintf(message, sizeof message, fmt, args);
	va_end(args);
	problems_add(site->problems, PROBLEM_NOTE, (struct place){site->file, line}, site->context, "%s", message);
}

static struct str host_of(struct str address)
{
	const char *from = memmem(address.p, address.n, "://", 3);
	if (!from)
		return (struct str){NULL, 0};
	struct str rest = {from + 3, (size_t)(address.p + address.n - from) - 3};
	size_t n = 0;
	while (n < rest.n && !strchr("/?#:", rest.p[n]))
		n++;
	const char *at = memrchr(rest.p, '@', n);
	return at ? (struct str){at + 1, (size_t)(rest.p + n - at) - 1} : (struct str){rest.p, n};
}

static bool has_scheme(struct str address)
{
	size_t n = 0;
	while (n < address.n && !strchr(":/?#", address.p[n]))
		n++;
	return n && n < address.n && address.p[n] == ':';
}

/* /z/PAGE and /f/FORM are ours: they are there or not. Other paths are those of the site that lies behind public_url. */
static void look_at_ours(struct markdown *markdown, struct str path, int line)
{
	struct str name = {path.p + 3, path.n > 3 ? path.n - 3 : 0};
	const char *end = name.n ? name.p : NULL;
	while (end && end < name.p + name.n && !strchr("/?#", *end))
		end++;
	name.n = end ? (size_t)(end - name.p) : 0;
	if (str_starts(path, STR("/z/")) && markdown->bag) {
		const char *file = arena_printf(markdown->arena, "templates/page/%.*s.html", STR_ARG(name));
		if (!playbook_files_find(markdown->bag->templates->files, str_of(file)))
			liquid_problem(markdown->site, line, "there is no page %.*s: %s is not there.", STR_ARG(path), file);
	}
	if (str_starts(path, STR("/f/")) && !playbook_form(markdown->site->playbook, name))
		liquid_problem(markdown->site, line, "there is no form \"%.*s\" at %.*s.", STR_ARG(name), STR_ARG(path));
}

void template_link(struct markdown *markdown, struct str address, int line)
{
	struct str host = host_of(address);
	if (!address.n)
		liquid_problem(markdown->site, line, "this link has no address. Write [words](https://…).");
	else if (address.p[0] == '#')
		template_note(markdown->site, line, "the link \"%.*s\" goes nowhere in a mail.", STR_ARG(address));
	else if (address.p[0] == '/')
		look_at_ours(markdown, address, line);
	else if (!has_scheme(address))
		liquid_problem(markdown->site, line, "the link \"%.*s\" is no address that a mail can have. Write https://%.*s, or /%.*s for a page of public_url.",
			       STR_ARG(address), STR_ARG(address), STR_ARG(address));
	else if (host.p && !host.n)
		liquid_problem(markdown->site, line, "the link \"%.*s\" names no host. Write https://example.com/….", STR_ARG(address));
	else if (host.p && (!memchr(host.p, '.', host.n) || str_is(host, "127.0.0.1")) && !(host.n && host.p[0] == '['))
		template_note(markdown->site, line, "the link \"%.*s\" works on this machine or network only, if at all.", STR_ARG(address));
}

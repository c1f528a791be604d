/* What is wrong with the fixed addresses of a mail's links, found when the playbook is loaded: one that leads nowhere is seen by thousands before it is seen by who
 * wrote it. Called by template_html.c. Addresses that are made of data are finished when the mail is written (liquid_escape.c). */
#include "playbook/template_parts.h"
#include "playbook/template_store.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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

/* ---- what is no link, and no table ---- */

static struct str text_of(cmark_node *node)
{
	bool is_text = node && cmark_node_get_type(node) == CMARK_NODE_TEXT;
	const char *text = is_text ? cmark_node_get_literal(node) : NULL;
	return str_of(text ? text : "");
}

/* "[words](https://example.com/a b)": the reader would see just that. */
void template_no_link(struct markdown *markdown, cmark_node *node)
{
	struct str text = text_of(node);
	const char *from = text.n ? memmem(text.p, text.n, "](", 2) : NULL;
	struct str rest = from ? (struct str){from + 2, (size_t)(text.p + text.n - from) - 2} : (struct str){NULL, 0};
	struct str inside = rest.n && memchr(rest.p, ')', rest.n) ? str_cut(&rest, ')') : (struct str){"", 0};
	bool address = inside.n && (inside.p[0] == '/' || memmem(inside.p, inside.n, "://", 3));
	if (address && memchr(inside.p, ' ', inside.n))
		liquid_problem(markdown->site, markdown_line(markdown, node), "\"%.*s\" is no address, as it has a blank, so this is no link. Write %%20 for the blank.", STR_ARG(inside));
}

void template_no_table(struct markdown *markdown, cmark_node *node)
{
	cmark_node *before = cmark_node_previous(node);
	if (before && cmark_node_get_type(before) == CMARK_NODE_SOFTBREAK && markdown_is_rule(text_of(node)))
		template_note(markdown->site, markdown_line(markdown, node), "this is no table, as its head has another number of cells than the line below: it comes out as one line, with its bars.");
}

/* Where whoever answers a letter is led: `page:` of its front matter, the name of an asset, a page or a form of ours (/z/NAME, /f/NAME), or an address of the web. It is
 * fixed when the playbook is loaded, as /r/CODE goes there and nowhere else: neither Liquid nor a request has a say. Read off the front matter alone, for web loads no
 * letters; who checks a playbook says with file and line what is none. */
#include "playbook/template_parts.h"

#include "base/map.h"

enum { URL_MOST = 1000 };

static bool is_plain(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] <= ' ' || (unsigned char)text.p[i] >= 0x7f || strchr("\\\"<>{}", text.p[i]))
			return false;
	return text.n && text.n <= URL_MOST;
}

/* https, a host with a dot, and nobody's name before it. */
static bool is_web_address(struct str page)
{
	struct str rest = {page.p + 8, page.n > 8 ? page.n - 8 : 0}, host = rest;
	host.n = 0;
	while (host.n < rest.n && !strchr("/?#", rest.p[host.n]))
		host.n++;
	return str_starts(page, STR("https://")) && is_plain(page) && host.n && memchr(host.p, '.', host.n) && !memchr(host.p, '@', host.n);
}

static bool is_there(const struct liquid_site *site, const struct playbook_files *files, struct str page)
{
	struct str name = {page.p + 3, page.n > 3 ? page.n - 3 : 0};
	char path[300];
	if (!str_starts(page, STR("/z/")))
		return str_starts(page, STR("/f/")) && playbook_form(site->playbook, name);
	snprintf(path, sizeof path, "templates/page/%.*s.html", (int)(name.n < 200 ? name.n : 200), name.p);
	return playbook_files_find(files, str_of(path)) != NULL;
}

static void check_asset(struct liquid_site *site, struct str page, int line)
{
	const struct playbook *playbook = site->playbook;
	const struct asset *asset = playbook_asset(playbook, page);
	const char *names[200], *nearest;
	size_t count = 0;
	if (asset && !asset->file && !asset->url)
		liquid_problem(site, line, "asset \"%s\" has neither file nor url: nobody could be led there.", asset->name);
	if (asset)
		return;
	for (; count < playbook->asset_count && count < sizeof names / sizeof *names; count++)
		names[count] = playbook->assets[count].name;
	nearest = str_nearest(page, names, count);
	if (nearest)
		liquid_problem(site, line, "page: there is no asset \"%.*s\". Did you mean \"%s\"?", STR_ARG(page), nearest);
	else
		liquid_problem(site, line, "page: \"%.*s\" is none. It is the name of an asset, a page or form of ours (/z/NAME, /f/NAME), or https://….", STR_ARG(page));
}

void template_reply_check(struct liquid_site *site, const struct playbook_files *files, struct str page, int line)
{
	if (memmem(page.p, page.n, "{{", 2) || memmem(page.p, page.n, "{%", 2))
		liquid_problem(site, line, "page is fixed, the same for everybody: it holds no Liquid.");
	else if (str_starts(page, STR("/")) && !is_there(site, files, page))
		liquid_problem(site, line, "page: there is no %.*s. Ours are /z/NAME (templates/page/NAME.html) and /f/NAME (form \"NAME\").", STR_ARG(page));
	else if (memmem(page.p, page.n, "://", 3) && !is_web_address(page))
		liquid_problem(site, line, "page: \"%.*s\" is no address to lead somebody to. Write https://host/path, without blanks.", STR_ARG(page));
	else if (!str_starts(page, STR("/")) && !memmem(page.p, page.n, "://", 3))
		check_asset(site, page, line);
}

struct map *template_replies(const struct playbook_files *files, struct arena *arena)
{
	const struct str before = STR("templates/letter/"), behind = STR(".md");
	struct map *replies = map_new();
	for (size_t i = 0; i < files->count; i++) {
		struct str path = str_of(files->files[i].path);
		if (!str_starts(path, before) || !str_ends(path, behind))
			continue;
		struct str page = template_front(files->files[i].bytes, "page"), name = {path.p + before.n, path.n - before.n - behind.n};
		if (is_plain(page))
			map_put(replies, arena_str(arena, name), arena_dup_n(arena, page.p, page.n));
	}
	return replies;
}

const char *playbook_letter_page(const struct playbook *playbook, struct str name)
{
	return playbook->reply_of ? map_get(playbook->reply_of, name) : NULL;
}

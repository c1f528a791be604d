/* Files that go with a mail or a letter: pictures that it shows, and attachments of mails. They lie beside the templates (templates/email/logo.png, also in folders below), or in
 * the library, as the file of an asset. Called while a template is compiled; Liquid has no say in it: what goes along is fixed when the playbook is loaded.
 *
 * A picture is what its bytes say, whatever its name says; other types are told by the name, and by the bytes where those have a mark. Bounded: a mail that
 * mailboxes would refuse for its size is refused here. */
#include "playbook/template_parts.h"
#include "playbook/template_store.h"

#include "base/hash.h"

#include <stdio.h>

enum { ALL_MOST = 10 * 1024 * 1024, PICTURE_LARGE = 300 * 1024 };

struct kind_of_file {
	const char *mark;      /* how the bytes begin; NULL = told by the name alone, and then it is text if `text` */
	size_t at;             /* where the mark stands */
	const char *endings;   /* " png ": of names */
	const char *type;
	bool picture, text;
};
static const struct kind_of_file kinds[] = {
	{"\x89PNG\r\n\x1a\n", 0, " png ", "image/png", true, false},
	{"\xff\xd8\xff", 0, " jpg jpeg ", "image/jpeg", true, false},
	{"GIF8", 0, " gif ", "image/gif", true, false},
	{"WEBP", 8, " webp ", "image/webp", true, false},
	{"%PDF-", 0, " pdf ", "application/pdf", false, false},
	{"PK\x03\x04", 0, " docx ", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", false, false},
	{"PK\x03\x04", 0, " xlsx ", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", false, false},
	{"PK\x03\x04", 0, " pptx ", "application/vnd.openxmlformats-officedocument.presentationml.presentation", false, false},
	{"PK\x03\x04", 0, " zip ", "application/zip", false, false},
	{"BEGIN:VCALENDAR", 0, " ics ", "text/calendar; charset=utf-8", false, true},
	{"BEGIN:VCARD", 0, " vcf ", "text/vcard; charset=utf-8", false, true},
	{NULL, 0, " txt ", "text/plain; charset=utf-8", false, true},
	{NULL, 0, " csv ", "text/csv; charset=utf-8", false, true},
};

static struct str ending_of(struct str name)
{
	const char *dot = memrchr(name.p, '.', name.n);
	return dot ? (struct str){dot + 1, (size_t)(name.p + name.n - dot) - 1} : (struct str){"", 0};
}

static bool named(const struct kind_of_file *kind, struct str ending)
{
	char word[16];
	if (ending.n > 8)
		return false;
	int n = snprintf(word, sizeof word, " %.*s ", STR_ARG(ending));
	for (int i = 0; i < n; i++)
		word[i] = (char)(word[i] >= 'A' && word[i] <= 'Z' ? word[i] | 0x20 : word[i]);
	return strstr(kind->endings, word) != NULL;
}

static bool marked(const struct kind_of_file *kind, struct str bytes)
{
	if (!kind->mark)
		return str_is_text(bytes);
	size_t n = strlen(kind->mark);
	return bytes.n >= kind->at + n && memcmp(bytes.p + kind->at, kind->mark, n) == 0 && (!kind->text || str_is_text(bytes));
}

bool template_is_file(struct str path)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (named(&kinds[i], ending_of(path)))
			return true;
	return false;
}

/* Pictures by their bytes alone. */
static const struct kind_of_file *kind_of(struct str path, struct str bytes, bool picture)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (kinds[i].picture == picture && marked(&kinds[i], bytes) && (picture || named(&kinds[i], ending_of(path))))
			return &kinds[i];
	return picture ? NULL : kind_of(path, bytes, true);
}

/* ---- the files of one template ---- */

static const char *make_id(struct arena *arena, struct str bytes)
{
	unsigned char digest[HASH_SHA256];
	char hex[HASH_HEX];
	hash_sha256(bytes, digest);
	hash_hex(digest, sizeof digest, hex);
	return arena_printf(arena, "%.24s@nurture", hex);
}

/* Kept once for all templates that use it in the same way. */
static const struct template_file *keep(struct template_bag *bag, const struct playbook_file *source, const struct kind_of_file *kind, bool shown)
{
	struct templates *templates = bag->templates;
	const char *key = arena_printf(templates->arena, "%c%s", shown ? 'i' : 'a', source->path), *slash = strrchr(source->path, '/');
	struct template_file *file = map_get(templates->kept, str_of(key));
	if (file)
		return file;
	file = arena_alloc(templates->arena, sizeof *file);
	struct str bytes = arena_str(templates->arena, source->bytes);
	*file = (struct template_file){.name = arena_dup(templates->arena, slash ? slash + 1 : source->path), .type = kind->type, .bytes = bytes,
				       .content_id = shown ? make_id(templates->arena, bytes) : NULL};
	map_put(templates->kept, str_of(key), file);
	map_put(templates->used, str_of(arena_dup(templates->arena, source->path)), file);
	return file;
}

static const struct template_file *add(struct template_bag *bag, struct liquid_site *site, int line, const struct template_file *file)
{
	for (size_t i = 0; i < bag->count; i++)
		if (bag->items[i] == file)
			return file;
	if (bag->count == TEMPLATE_FILES_MOST) {
		liquid_problem(site, line, "more than %d files go with this %s.", TEMPLATE_FILES_MOST, site->letter ? "letter" : "mail");
		return NULL;
	}
	bag->items[bag->count++] = file;
	bag->bytes += file->bytes.n;
	if (bag->bytes > ALL_MOST && bag->bytes - file->bytes.n <= ALL_MOST && site->letter)
		liquid_problem(site, line, "the pictures of this letter are %.1f MB together: 10 MB are the most.", (double)bag->bytes / (1024 * 1024));
	else if (bag->bytes > ALL_MOST && bag->bytes - file->bytes.n <= ALL_MOST)
		liquid_problem(site, line, "the files of this mail are %.1f MB together: 10 MB are the most, as mailboxes refuse what is larger. Link to it instead.",
			       (double)bag->bytes / (1024 * 1024));
	return file;
}

static const struct playbook_file *beside(const struct template_bag *bag, struct str name, char path[500])
{
	if (str_starts(name, STR("./")))
		name = (struct str){name.p + 2, name.n - 2};
	snprintf(path, 500, "templates/%.*s/%.*s", STR_ARG(bag->kind), name.n > 400 ? 400 : (int)name.n, name.p);
	return playbook_files_find(bag->templates->files, str_of(path));
}

static bool is_relative(struct str address)
{
	size_t end = 0;
	while (end < address.n && address.p[end] != '/' && address.p[end] != ':' && address.p[end] != '?')
		end++;
	return address.n && address.p[0] != '/' && address.p[0] != '#' && !(end < address.n && address.p[end] == ':');
}

/* Paper takes PNG alone, and whole. */
static const struct template_file *letter_picture(struct markdown *markdown, const struct playbook_file *source, const char *path, int line)
{
	struct template_bag *bag = markdown->bag;
	struct liquid_site *site = markdown->site;
	const struct kind_of_file *kind = source ? kind_of(str_of(path), source->bytes, true) : NULL;
	const char *trouble = source ? template_png_trouble(source->bytes) : NULL;
	if (!source)
		liquid_problem(site, line, "there is no picture %s. Put it beside the template.", path);
	else if (kind && strcmp(kind->type, "image/png") != 0)
		liquid_problem(site, line, "%s is %s: letters take PNG. Save it as PNG, with 300 dots an inch of paper.", path, kind->type + strlen("image/"));
	else if (trouble)
		liquid_judge(site, line, "%s %s. Save it anew.", path, trouble);
	return !kind || (trouble && !site->problems->published) ? NULL : add(bag, site, line, keep(bag, source, kind, true));
}

const struct template_file *template_picture(struct markdown *markdown, struct str address, int line)
{
	struct template_bag *bag = markdown->bag;
	struct liquid_site *site = markdown->site;
	char path[500];
	bool fixed = bag && is_relative(address) && !memmem(address.p, address.n, markdown->mark, strlen(markdown->mark));
	if (site->letter && !fixed)
		liquid_problem(site, line, "a picture of a letter is a file of the playbook, and the same for all: put a PNG beside the template and write ![what it shows](FILE.png).");
	if (!fixed)
		return NULL;
	const struct playbook_file *source = beside(bag, address, path);
	if (site->letter)
		return letter_picture(markdown, source, path, line);
	const struct kind_of_file *kind = source ? kind_of(str_of(path), source->bytes, true) : NULL;
	if (!source)
		liquid_problem(site, line, "there is no picture %s. Put it beside the template, or write an address with https:.", path);
	else if (!kind)
		liquid_problem(site, line, "%s is no picture: by its bytes it is neither PNG, JPEG, GIF nor WebP, which mail programs show.", path);
	if (!kind)
		return NULL;
	if (source->bytes.n > PICTURE_LARGE)
		template_note(site, line, "the picture %s has %zu KB, which each mail carries: 300 KB are much.", path, source->bytes.n / 1024);
	return add(bag, site, line, keep(bag, source, kind, true));
}

static const struct playbook_file *of_asset(struct template_bag *bag, struct liquid_site *site, int line, struct str name, char path[500])
{
	const struct playbook *playbook = site->playbook;
	for (size_t i = 0; i < playbook->asset_count; i++) {
		const struct asset *asset = &playbook->assets[i];
		if (!str_is(name, asset->name))
			continue;
		if (!asset->file) {
			liquid_problem(site, line, "asset \"%s\" has no file that could be attached.", asset->name);
			return NULL;
		}
		snprintf(path, 500, "library/%s", asset->file);
		return playbook_files_find(bag->templates->files, str_of(path));
	}
	liquid_problem(site, line, "there is no asset \"%.*s\" to attach.", STR_ARG(name));
	return NULL;
}

static void attach_kept(struct template_bag *bag, struct liquid_site *site, int line, const struct template_file *file)
{
	size_t before = bag->count;
	if (add(bag, site, line, file) && bag->count == before)
		template_note(site, line, "%s is attached twice: it goes once.", file->name);
}

static void attach_one(struct template_bag *bag, struct liquid_site *site, int line, struct str name)
{
	char path[500] = "";
	bool asset = str_starts(name, STR("asset:"));
	size_t errors = site->errors;
	const struct playbook_file *source = asset ? of_asset(bag, site, line, str_trim((struct str){name.p + 6, name.n - 6}), path) : beside(bag, name, path);
	if (!source) {
		if (site->errors == errors)
			liquid_problem(site, line, "there is no file %s to attach.", path);
		return;
	}
	const struct kind_of_file *kind = kind_of(str_of(path), source->bytes, false);
	if (!kind)
		liquid_problem(site, line, "%s cannot be attached: its name and its bytes say no kind of file that we know (pdf, png, jpg, gif, ics, vcf, txt, csv, docx, xlsx, pptx, zip).", path);
	else
		attach_kept(bag, site, line, keep(bag, source, kind, false));
}

void template_attach(struct template_bag *bag, struct liquid_site *site, int line, struct str names)
{
	if (memmem(names.p, names.n, "{{", 2) || memmem(names.p, names.n, "{%", 2)) {
		liquid_problem(site, line, "what is attached is fixed: attach holds names of files, with commas between, and no Liquid.");
		return;
	}
	while (names.p) {
		struct str name = str_trim(str_cut(&names, ','));
		if (name.n)
			attach_one(bag, site, line, name);
		else
			liquid_problem(site, line, "attach: write names of files, with commas between, like attach: agenda.pdf, asset:security-guide.");
	}
}

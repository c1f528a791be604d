/* Links that tell of a click, while a mail is rendered. Called by message.c when consent lets clicks be recorded.
 *
 * The address stands in the link itself, sealed (base/token.h): no row is written for it when a mail goes out, none is asked for when it is
 * followed, and it works as long as the key is there, whatever becomes of template and touch. Sealing costs some microseconds a link; a
 * table of addresses would cost a round trip before rendering, and personal addresses a row each. */
#include "turn/links.h"

#include "base/hash.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

struct link {
	struct str url;
	const char *text; /* what stands for it until the end */
	size_t length;    /* of its token */
};

enum { MARK = 16, NUMBER = 4 };
static const char OUR_PATHS[] = "ucoy"; /* /u/… and so on: each carries a token of its own, and to come there is no click of a reader's that counts */

/* Nobody outside can know it, so no data that is printed can look like one of ours. It begins with what stands in few texts and in no token: so it is soon found. */
static const char RARE = '~';
static const char *marker(void)
{
	static char text[HASH_HEX];
	unsigned char random[MARK / 2];
	if (!*text) {
		hash_random(random, sizeof random);
		hash_hex(random, sizeof random, text);
		*text = RARE;
	}
	return text;
}

static bool is_web(struct str url)
{
	return (url.n > 7 && str_same_nocase((struct str){url.p, 7}, STR("http://"))) ||
	       (url.n > 8 && str_same_nocase((struct str){url.p, 8}, STR("https://")));
}

static bool is_ours(const struct links *links, struct str url)
{
	size_t n = strlen(links->public_url);
	return str_starts(url, str_of(links->public_url)) && url.n > n + 3 && url.p[n] == '/' && strchr(OUR_PATHS, url.p[n + 1]) && url.p[n + 2] == '/';
}

static struct link *find(struct links *links, struct str url)
{
	for (size_t i = 0; i < links->count; i++)
		if (str_same(links->items[i].url, url))
			return &links->items[i];
	return NULL;
}

/* public_url/c/MARKER0007xxxx…, as long as the token will be. */
static const char *stand_in(const struct links *links, size_t number, size_t length)
{
	size_t base = strlen(links->public_url);
	char *text = arena_alloc(links->arena, base + 3 + length + 1), *p = text;
	memcpy(p, links->public_url, base);
	memcpy(p += base, "/c/", 3);
	memcpy(p += 3, marker(), MARK);
	p += MARK;
	for (int i = NUMBER - 1; i >= 0; i--, number /= 10)
		p[i] = (char)('0' + number % 10);
	memset(p + NUMBER, 'x', length - MARK - NUMBER);
	p[length - MARK] = '\0';
	return text;
}

const char *links_put(void *arg, struct str url)
{
	struct links *links = arg;
	size_t length = token_link_length(url.n);
	struct link *known = find(links, url); /* each stands in the text and in the HTML */
	if (known)
		return known->text;
	if (!length || !is_web(url) || is_ours(links, url) || links->count == LINKS_MOST)
		return NULL;
	struct link *link = arena_push(links->arena, &links->items, links->count, &links->room, sizeof *link);
	*link = (struct link){arena_str(links->arena, url), stand_in(links, links->count, length), length};
	links->count++;
	return link->text;
}

static char *find_marker(char *from, const char *end)
{
	while ((from = memchr(from, RARE, (size_t)(end - from))) && ((size_t)(end - from) < MARK || memcmp(from, marker(), MARK) != 0))
		from++;
	return from;
}

/* The number that stand_in wrote behind the marker. */
static size_t number_behind(const char *marked)
{
	size_t number = 0;
	for (const char *p = marked + MARK; p < marked + MARK + NUMBER; p++) {
		if (*p < '0' || *p > '9')
			return SIZE_MAX;
		number = number * 10 + (size_t)(*p - '0');
	}
	return number;
}

static void finish_one(const struct links *links, char *const *tokens, struct str text)
{
	char *from = (char *)text.p, *end = from + text.n;
	while (from && (from = find_marker(from, end))) {
		size_t number = (size_t)(end - from) < MARK + NUMBER ? links->count : number_behind(from);
		if (number >= links->count || (size_t)(end - from) < links->items[number].length)
			return;
		memcpy(from, tokens[number], links->items[number].length);
		from += links->items[number].length;
	}
}

void links_finish(struct links *links, const struct touch *touch, struct template_fields *fields)
{
	if (!links->count)
		return;
	char **tokens = arena_array(links->arena, links->count, sizeof *tokens);
	struct str *urls = arena_array(links->arena, links->count, sizeof *urls);
	for (size_t i = 0; i < links->count; i++) {
		urls[i] = links->items[i].url;
		tokens[i] = arena_alloc(links->arena, links->items[i].length + 1);
	}
	token_links_write(links->keys, &(struct token){.purpose = TOKEN_CLICK, .touch_id = touch->id, .lead_id = touch->lead_id}, urls, links->count, tokens);
	for (size_t i = 0; links->preview && i < links->count; i++)
		memcpy(tokens[i], LINKS_PREVIEW, strlen(LINKS_PREVIEW));
	for (size_t i = 0; i < fields->count; i++)
		finish_one(links, tokens, fields->items[i].value);
}

void links_token(const struct links *links, const struct token *token, char text[TOKEN_TEXT])
{
	token_write(links->keys, token, text);
	if (links->preview)
		memcpy(text, LINKS_PREVIEW, strlen(LINKS_PREVIEW));
}

const char *links_pixel(const struct links *links, const struct touch *touch)
{
	char text[TOKEN_TEXT];
	links_token(links, &(struct token){.purpose = TOKEN_OPEN, .touch_id = touch->id, .lead_id = touch->lead_id}, text);
	return arena_printf(links->arena, "%s/o/%s.gif", links->public_url, text);
}

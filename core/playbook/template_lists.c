/* Lists that a for repeats. A line with a tag ends a list for cmark, so
 *
 *     {% for … %}        gives  tag, list of one item, tag:  one list for each round, each beginning with 1.
 *     1. {{ item }}
 *     {% endfor %}
 *
 * Here such runs (nothing but lists of one kind and tags between a for and its end) become one list, with the tags as
 * items between; a list of the same kind just before or after joins it. Called once for each body, before any walk. */
#include "playbook/template_parts.h"

/* What the tags of a node do to the depth of fors; *lowest is the depth they reach on the way. */
static int for_balance(const struct markdown *markdown, cmark_node *node, int *lowest)
{
	struct str s = markdown_tag_line(markdown, node);
	int depth = 0;
	*lowest = 0;
	for (const char *p = s.p; p && p < s.p + s.n;) {
		size_t token = 0, n = markdown_word(markdown, p, s.p + s.n, &token);
		if (n) {
			depth += str_is(markdown->tokens[token].word, "for") -
				 str_is(markdown->tokens[token].word, "endfor");
			*lowest = depth < *lowest ? depth : *lowest;
		}
		p += n ? n : 1;
	}
	return depth;
}

static bool is_list_like(cmark_node *node, cmark_node *list)
{
	return cmark_node_get_type(node) == CMARK_NODE_LIST &&
	       (!list || cmark_node_get_list_type(node) == cmark_node_get_list_type(list));
}

/* The node where the for that opens at `first` ends, if all between are lists of one kind and tags; else NULL. */
static cmark_node *end_of_run(const struct markdown *markdown, cmark_node *first, cmark_node **list)
{
	int lowest = 0, depth = for_balance(markdown, first, &lowest);
	*list = NULL;
	if (depth <= 0 || lowest < 0)
		return NULL;
	for (cmark_node *node = cmark_node_next(first); node; node = cmark_node_next(node)) {
		if (is_list_like(node, *list)) {
			*list = *list ? *list : node;
			continue;
		}
		if (!markdown_tag_line(markdown, node).p)
			return NULL;
		depth += for_balance(markdown, node, &lowest);
		if (depth == 0)
			return *list ? node : NULL;
		if (depth < 0)
			return NULL;
	}
	return NULL;
}

static void move_items(struct markdown *markdown, cmark_node *from, cmark_node *to)
{
	if (cmark_node_get_type(from) == CMARK_NODE_LIST) {
		for (cmark_node *item; (item = cmark_node_first_child(from));) {
			cmark_node_unlink(item);
			cmark_node_append_child(to, item);
		}
		if (!cmark_node_get_list_tight(from))
			cmark_node_set_list_tight(to, 0);
	} else {
		cmark_node *item = cmark_node_new(CMARK_NODE_ITEM);
		cmark_node_set_user_data(item, arena_dup(markdown->arena, cmark_node_get_literal(from)));
		cmark_node_append_child(to, item);
	}
}

static void join_run(struct markdown *markdown, cmark_node *first, cmark_node *last, cmark_node *list)
{
	cmark_node *whole = cmark_node_new(CMARK_NODE_LIST);
	cmark_node_set_list_type(whole, cmark_node_get_list_type(list));
	cmark_node_set_list_tight(whole, 1);
	if (is_list_like(cmark_node_previous(first) ? cmark_node_previous(first) : first, list))
		first = cmark_node_previous(first);
	if (cmark_node_next(last) && is_list_like(cmark_node_next(last), list))
		last = cmark_node_next(last);
	if (cmark_node_get_list_type(list) == CMARK_ORDERED_LIST)
		cmark_node_set_list_start(whole, cmark_node_get_list_start(is_list_like(first, NULL) ? first : list));
	cmark_node_insert_before(first, whole);
	for (cmark_node *node = first, *next = NULL; node; node = next) {
		next = node == last ? NULL : cmark_node_next(node);
		move_items(markdown, node, whole);
		cmark_node_unlink(node);
		cmark_node_free(node);
	}
}

void markdown_join_lists(struct markdown *markdown, cmark_node *parent, int depth)
{
	for (cmark_node *node = cmark_node_first_child(parent); node; node = cmark_node_next(node)) {
		cmark_node *list = NULL, *last = end_of_run(markdown, node, &list);
		if (last) {
			cmark_node *before = cmark_node_previous(node);
			if (before && is_list_like(before, list))
				before = cmark_node_previous(before);
			join_run(markdown, node, last, list);
			node = before ? cmark_node_next(before) : cmark_node_first_child(parent);
		}
		if (depth < MARKDOWN_DEEPEST)
			markdown_join_lists(markdown, node, depth + 1);
	}
}

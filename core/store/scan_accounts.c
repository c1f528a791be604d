/* All accounts, page after page (scan.h), for who compares playbooks: their fields and what they know of their people. Reads only; the loop runs here until
 * a page is there. Rows are read by facts.c, as for the accounts' turns. */
#include "store/accounts.h"
#include "store/facts.h"
#include "store/scan.h"

#include "store/scan_accounts.sql.h"

struct accounts_scan {
	struct loop *loop;
	struct store *store;
	const struct schema *schema;
	int shard;
	int64_t after;
	bool done;
	struct account_batch *page;
	struct error error;
};
struct accounts_page {
	struct op op;
	struct accounts_scan *scan;
	struct facts facts;
	struct account_batch *page;
};

static enum op_more page_segment(struct op *op, int number)
{
	const struct accounts_page *self = (const struct accounts_page *)op;
	struct params *p = op_params(op);
	(void)number;
	param_int4(p, self->scan->shard);
	param_int8(p, self->scan->after);
	op_send(op, STATEMENT(scan_accounts), 0);
	return OP_LAST;
}

static void page_rows(struct op *op, int tag, const PGresult *rows)
{
	struct accounts_page *self = (struct accounts_page *)op;
	struct account_batch *page = self->page;
	(void)tag;
	page->count = (size_t)PQntuples(rows);
	page->rows = arena_array(page->arena, page->count + 1, sizeof *page->rows);
	for (size_t i = 0; i < page->count; i++)
		page->rows[i].account = facts_account_row(&self->facts, rows, (int)i);
}

static void page_done(struct op *op, const struct error *error)
{
	struct accounts_page *self = (struct accounts_page *)op;
	self->scan->done = true;
	self->scan->page = self->page;
	if (!error)
		return;
	self->scan->error = *error;
	store_accounts_free(self->page);
	self->scan->page = NULL;
}

static struct account_batch *read_page(struct accounts_scan *scan)
{
	static const struct op_class class = {.kind = OP_READ, .segment = page_segment, .rows = page_rows, .done = page_done};
	struct accounts_page *self = op_new(scan->store, &class, sizeof *self);
	struct arena *arena = arena_new();
	self->scan = scan;
	self->page = arena_alloc(arena, sizeof *self->page);
	*self->page = (struct account_batch){.arena = arena, .shard = scan->shard};
	self->facts = (struct facts){.arena = arena, .schema = scan->schema};
	scan->done = false;
	op_submit(&self->op);
	while (!store_wait(scan->loop, &scan->done, MOMENT_HOUR))
		continue;
	return scan->page;
}

int store_scan_accounts(struct loop *loop, struct store *store, const struct schema *schema, store_scan_accounts_fn *fn, void *arg, struct error *error)
{
	struct accounts_scan scan = {.loop = loop, .store = store, .schema = schema};
	int rc = 0;
	while (scan.shard < SHARD_COUNT && rc == 0) {
		struct account_batch *page = read_page(&scan);
		if (!page) {
			*error = scan.error;
			return -1;
		}
		rc = page->count ? fn(arg, page, error) : 0;
		if (page->count)
			scan.after = page->rows[page->count - 1].account->id;
		else
			scan.shard++, scan.after = 0;
		store_accounts_free(page);
	}
	return rc;
}

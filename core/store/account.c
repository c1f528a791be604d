/* Accounts. A lead's company is the registered domain of its e-mail address; with an address of a free-mail provider, or none, it is the company
 * that the lead names. Nobody is moved out of an account by losing its address. */
#include "store/account.h"

#include "store/fence.h"

#include "base/hash.h"
#include "model/quality.h"

#include <libpsl.h>

#include "store/account.sql.h"

enum { DOMAIN_MAX = 256 };

/* The part of a domain that its owner has registered ("mail.acme.co.uk" → "acme.co.uk"), by the public suffix list that libpsl carries; "" when it says
 * nothing of a company: a public suffix itself, a provider of private mailboxes or of addresses for minutes. */
static struct str company_domain(struct str domain, char copy[DOMAIN_MAX])
{
	if (!domain.n || domain.n >= DOMAIN_MAX || quality_is_free_mail(domain) || quality_is_disposable(domain))
		return (struct str){"", 0};
	memcpy(copy, domain.p, domain.n);
	copy[domain.n] = '\0';
	const char *own = psl_registrable_domain(psl_builtin(), copy);
	struct str found = own ? (struct str){domain.p + (own - copy), domain.n - (size_t)(own - copy)} : (struct str){"", 0};
	return quality_is_free_mail(found) ? (struct str){"", 0} : found;
}

static struct str text_of(const struct value *v)
{
	return v->type == VALUE_TEXT ? v->text : (struct str){"", 0};
}

struct company {
	struct str domain, name; /* domain "" = known by its name */
};

static struct company company_of(const struct value *fields)
{
	struct str email = text_of(&fields[LEAD_EMAIL]);
	const char *at = email.n ? memrchr(email.p, '@', email.n) : NULL;
	struct company company = {.name = text_of(&fields[LEAD_COMPANY])};
	char copy[DOMAIN_MAX];
	if (at)
		company.domain = company_domain((struct str){at + 1, email.n - (size_t)(at + 1 - email.p)}, copy);
	return company;
}

static bool is_needed(const struct save_lead *lead, struct company *company)
{
	const struct value *fields = lead->lead ? lead->lead->fields : lead->before->facts.lead.fields;
	const struct value *stored = lead->before->stored;
	*company = company_of(fields);
	if (lead->failure || lead->move || lead->erase || (!company->domain.n && !company->name.n))
		return false;
	return !lead->before->facts.lead.account_id || !value_same(&fields[LEAD_EMAIL], &stored[LEAD_EMAIL]) ||
	       !value_same(&fields[LEAD_COMPANY], &stored[LEAD_COMPANY]);
}

static void send_new(struct op *op, const struct batch_save *save)
{
	struct params *p = op_params(op);
	param_time(p, save->batch->now);
	struct param *shard = param_array(p, PARAM_INT2), *domain = param_array(p, PARAM_TEXT), *name = param_array(p, PARAM_TEXT);
	for (size_t i = 0; i < save->count; i++) {
		struct company company;
		if (!is_needed(&save->leads[i], &company))
			continue;
		array_int2(shard, (int)(hash_stable(company.domain.n ? company.domain : company.name) % SHARD_COUNT));
		array_text_or_null(domain, company.domain);
		array_text_or_null(name, company.name);
	}
	op_send(op, STATEMENT(account_new), 0);
}

static void send_join(struct op *op, const struct batch_save *save)
{
	struct params *p = op_params(op);
	param_int4(p, save->batch->shard);
	struct param *lead = param_array(p, PARAM_INT8), *domain = param_array(p, PARAM_TEXT), *name = param_array(p, PARAM_TEXT);
	for (size_t i = 0; i < save->count; i++) {
		struct company company;
		if (!is_needed(&save->leads[i], &company))
			continue;
		array_int8(lead, save->leads[i].before->facts.lead.id);
		array_text_or_null(domain, company.domain);
		array_text_or_null(name, company.name);
	}
	op_send(op, STATEMENT(account_join), 0);
}

void account_send(struct op *op, const struct batch_save *save)
{
	struct company company;
	bool any = false;
	for (size_t i = 0; i < save->count && !any; i++)
		any = is_needed(&save->leads[i], &company);
	if (!any)
		return;
	send_new(op, save);
	send_join(op, save);
}

/* ---- the account's own turn ---- */

struct accounts_op {
	struct op op;
	const char *owner;
	int shard;
	moment_t now;
	store_done_fn *fn;
	void *arg;
};

static enum op_more accounts_segment(struct op *op, int number)
{
	struct accounts_op *self = (struct accounts_op *)op;
	(void)number;
	fence_send(op, "engine", self->shard, self->owner);
	struct params *p = op_params(op);
	param_int4(p, self->shard);
	param_time(p, self->now);
	op_send(op, STATEMENT(account_turn), 0);
	return OP_LAST;
}

static void accounts_rows(struct op *op, int tag, const PGresult *rows)
{
	if (tag == TAG_FENCE)
		fence_rows(op, rows);
}

static void accounts_done(struct op *op, const struct error *error)
{
	struct accounts_op *self = (struct accounts_op *)op;
	self->fn(self->arg, error);
}

void store_accounts_turn(struct store *store, const char *owner, int shard, moment_t now, store_done_fn *fn, void *arg)
{
	static const struct op_class class = {.kind = OP_WRITE, .by_key = true, .segment = accounts_segment, .rows = accounts_rows, .done = accounts_done};
	struct accounts_op *self = op_new(store, &class, sizeof *self);
	self->owner = arena_dup(self->op.arena, owner);
	self->shard = shard;
	self->now = now;
	self->fn = fn;
	self->arg = arg;
	op_submit(&self->op);
}

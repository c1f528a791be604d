/* Accounts. A lead's company is the registered domain of its e-mail address; with an address of a free-mail provider, or none, it is the company
 * that the lead names. Whom somebody of a company named as one of theirs (referral.receive) belongs to that one, as long as no address says otherwise. Nobody is moved out of an
 * account by losing its address. */
#include "store/account.h"

#include "store/fence.h"

#include "base/hash.h"
#include "model/quality.h"

#include <jansson.h>
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
	int64_t colleague;       /* whose company it is, where no domain says; 0 = nobody's */
};

/* Who named it, in this very turn. Where the link was a stranger's the event says claimed_by, and nothing follows from it. */
static int64_t named_by(const struct lead_facts *facts)
{
	for (size_t i = facts->event_count; i-- > 0;) {
		const struct event *event = &facts->events[i];
		if (!str_is(event->verb, "referral.receive") || !event->data.n)
			continue;
		json_t *data = json_loadb(event->data.p, event->data.n, 0, NULL);
		int64_t by = json_integer_value(json_object_get(data, "by"));
		json_decref(data);
		return by > 0 && by != facts->lead.id ? by : 0;
	}
	return 0;
}

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

bool account_is_said(const struct value *fields)
{
	struct company company = company_of(fields);
	return company.domain.n || company.name.n;
}

static bool is_needed(const struct save_lead *lead, struct company *company)
{
	const struct value *fields = lead->lead ? lead->lead->fields : lead->before->facts.lead.fields;
	const struct value *stored = lead->before->stored;
	*company = company_of(fields);
	if (!company->domain.n && !lead->before->facts.lead.account_id)
		company->colleague = named_by(&lead->before->facts);
	if (lead->failure || lead->move || lead->erase || (!company->domain.n && !company->name.n && !company->colleague))
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
		if (!is_needed(&save->leads[i], &company) || company.colleague)
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
	struct param *lead = param_array(p, PARAM_INT8), *domain = param_array(p, PARAM_TEXT), *name = param_array(p, PARAM_TEXT),
		     *had = param_array(p, PARAM_BOOL), *colleague = param_array(p, PARAM_INT8);
	for (size_t i = 0; i < save->count; i++) {
		struct company company;
		if (!is_needed(&save->leads[i], &company))
			continue;
		array_int8(lead, save->leads[i].before->facts.lead.id);
		array_text_or_null(domain, company.domain);
		array_text_or_null(name, company.name);
		array_bool(had, save->leads[i].before->facts.lead.account_id != 0);
		array_int8(colleague, company.colleague);
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

/* ---- what a lead adds ---- */

static bool is_told(const struct save_lead *lead)
{
	struct company company;
	if (!lead->member.belongs || lead->failure || lead->move || lead->erase)
		return false;
	return (lead->before->facts.lead.account_id && lead->member.changed) || is_needed(lead, &company);
}

void account_send_members(struct op *op, const struct batch_save *save)
{
	struct params *p = op_params(op);
	param_int4(p, save->batch->shard);
	struct param *lead = param_array(p, PARAM_INT8), *role = param_array(p, PARAM_INT2), *packed = param_array(p, PARAM_TEXT),
		     *seen = param_array(p, PARAM_TEXT), *cause = param_array(p, PARAM_TEXT), *acted = param_array(p, PARAM_TIME);
	for (size_t i = 0; i < save->count; i++) {
		const struct save_member *member = &save->leads[i].member;
		if (!is_told(&save->leads[i]))
			continue;
		array_int8(lead, save->leads[i].before->facts.lead.id);
		array_int2(role, member->role);
		array_text(packed, member->packed);
		array_text(seen, member->seen);
		array_text(cause, member->cause);
		array_time_or_null(acted, member->acted);
	}
	if (lead->count)
		op_send(op, STATEMENT(account_members), 0);
}

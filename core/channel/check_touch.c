/* The conformance kit's checks of single touches: each is over once, however it goes. */
#include "channel/check_kit.h"

enum { AT_ONCE_MOST = 32 };

static const char plain[] = "Conformance";

static enum verdict completes(struct kit *kit)
{
	enum verdict verdict = check_open(kit);
	if (verdict != CHECK_OK)
		return verdict;
	kit->permit = kit->answer = true;
	check_deliver(kit, 64, NULL, plain);
	verdict = check_wait_over(kit, 1);
	if (verdict == CHECK_OK)
		check_note(kit, kit->said);
	return verdict;
}

static enum verdict waits_for_permission(struct kit *kit)
{
	enum verdict verdict = check_open(kit);
	if (verdict != CHECK_OK)
		return verdict;
	check_deliver(kit, 64, NULL, plain);
	if ((verdict = check_wait_asked(kit)) != CHECK_OK)
		return verdict;
	check_run(kit, MOMENT_SECOND / 2);
	if (kit->over)
		return check_fail(kit, "it did not wait for the answer: %s", kit->said);
	kit->permit = kit->answer = true;
	check_answer(kit, true);
	return check_wait_over(kit, 1);
}

static enum verdict takes_a_refusal(struct kit *kit)
{
	enum verdict verdict = check_open(kit);
	if (verdict != CHECK_OK)
		return verdict;
	check_deliver(kit, 64, NULL, plain);
	if ((verdict = check_wait_asked(kit)) != CHECK_OK)
		return verdict;
	kit->answer = true;
	check_answer(kit, false);
	verdict = check_wait_over(kit, 1);
	if (verdict == CHECK_OK && kit->outcome != NURTURE_CANCELLED)
		return check_fail(kit, "permission was refused and it says %s; cancelled is the word", kit->said);
	return verdict;
}

static enum verdict gives_back_at_once(struct kit *kit)
{
	enum verdict verdict = check_open(kit);
	if (verdict != CHECK_OK)
		return verdict;
	check_deliver(kit, 64, NULL, plain);
	check_cancel_all(kit);
	return check_wait_over(kit, 1);
}

static enum verdict gives_back_while_it_asks(struct kit *kit)
{
	enum verdict verdict = check_open(kit);
	if (verdict != CHECK_OK)
		return verdict;
	check_deliver(kit, 64, NULL, plain);
	if ((verdict = check_wait_asked(kit)) != CHECK_OK)
		return verdict;
	check_cancel_all(kit);
	verdict = check_wait_over(kit, 1);
	check_answer(kit, true); /* comes too late: the host keeps it back */
	return verdict == CHECK_OK ? check_wait_over(kit, 1) : verdict;
}

/* The host's answer and its wish to have the touch back in one breath. */
static enum verdict ends_once_when_answers_cross(struct kit *kit)
{
	enum verdict verdict = check_open(kit);
	if (verdict != CHECK_OK)
		return verdict;
	kit->permit = true;
	check_deliver(kit, 64, NULL, plain);
	if ((verdict = check_wait_asked(kit)) != CHECK_OK)
		return verdict;
	struct nurture_handle handle = kit->asked[0];
	check_answer(kit, true);
	check_doing(kit, "cancel");
	if (channel_cookie(kit->channel, handle))
		kit->plugin->channel->cancel(channel_self(kit->channel), handle);
	check_doing(kit, "a callback of its own");
	return check_wait_over(kit, 1);
}

static enum verdict gives_back_at_its_deadline(struct kit *kit)
{
	kit->deadline_us = MOMENT_SECOND / 2;
	enum verdict verdict = check_open(kit);
	if (verdict != CHECK_OK)
		return verdict;
	check_deliver(kit, 64, NULL, plain);
	if ((verdict = check_wait_asked(kit)) != CHECK_OK)
		return verdict;
	return check_wait_over(kit, 1); /* nobody answers: the host's deadline asks for it back */
}

static enum verdict takes_as_many_as_it_says(struct kit *kit)
{
	enum verdict verdict = check_open(kit);
	if (verdict != CHECK_OK)
		return verdict;
	int count = kit->capacity < AT_ONCE_MOST ? (int)kit->capacity : AT_ONCE_MOST;
	kit->permit = kit->answer = true;
	for (int i = 0; i < count; i++)
		check_deliver(kit, 64 * (i + 1), NULL, plain);
	return check_wait_over(kit, count);
}

static enum verdict bears_hostile_data(struct kit *kit)
{
	static const char *const addresses[] = {
		"", "x", "a@b\r\nRCPT TO:<evil@example.com>", "a@example.com\nBcc: evil@example.com", "<script>@example.com", "a@\xff\xfe.example",
		"\"a b\"@example.com", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@example.com"};
	static const char *const values[] = {"{{ lead.email }} <b>", "line\r\n.\r\nQUIT\r\nX-Evil: 1", "\xff\xfe\xc0\x80", "", "%s%n%d\"\\}]"};
	enum verdict verdict = check_open(kit);
	if (verdict != CHECK_OK)
		return verdict;
	kit->permit = kit->answer = true;
	for (int i = 0; i < (int)(sizeof addresses / sizeof *addresses); i++) {
		check_deliver(kit, 64 * (i + 1), addresses[i], values[i % (int)(sizeof values / sizeof *values)]);
		if ((verdict = check_wait_over(kit, i + 1)) != CHECK_OK)
			return verdict;
	}
	return CHECK_OK;
}

const struct check check_of_touches[] = {
	{"it completes a touch once", completes},
	{"it waits for permission before it sends", waits_for_permission},
	{"it sends nothing when permission is refused", takes_a_refusal},
	{"it gives a touch back when asked", gives_back_at_once},
	{"it gives a touch back that waits for permission", gives_back_while_it_asks},
	{"it completes once when permission and cancel cross", ends_once_when_answers_cross},
	{"it gives a touch back when its time is over", gives_back_at_its_deadline},
	{"it takes as many touches at once as it says", takes_as_many_as_it_says},
	{"it completes touches with hostile addresses and texts", bears_hostile_data},
	{0},
};

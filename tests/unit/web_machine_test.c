/* Who names itself a machine, and whom nobody may take for one. */
#include "unit/check_main.h"
#include "web/hits.h"

static const char *const machines[] = {
	"", "Mozilla/5.0", "curl/7.88.1", "python-requests/2.31.0", "Go-http-client/2.0", "Java/17.0.2", "Barracuda Sentinel (EE)",
	"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Microsoft Office Existence Discovery", "Slackbot-LinkExpanding 1.0",
	"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/128.0.0.0 Safari/537.36", "WhatsApp/2.23 A",
	"Mozilla/5.0 (Windows NT 10.0) SkypeUriPreview Preview/0.5",
};
static const char *const people[] = {
	"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36 Edg/128.0.0.0",
	"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15",
	"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
	"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Mozilla/5.0 (Android 14; Mobile; rv:128.0) Gecko/128.0 Firefox/128.0",
	"Mozilla/4.0 (compatible; ms-office; MSOffice 16)", "Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Thunderbird/115.9.0",
	"Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
};

START_TEST(machines_name_themselves_and_people_are_not_taken_for_them)
{
	for (size_t i = 0; i < sizeof machines / sizeof *machines; i++)
		ck_assert_msg(web_agent_is_machine(str_of(machines[i])), "%s", machines[i]);
	for (size_t i = 0; i < sizeof people / sizeof *people; i++)
		ck_assert_msg(!web_agent_is_machine(str_of(people[i])), "%s", people[i]);
}
END_TEST

START_TEST(what_is_fetched_ahead_says_so)
{
	static const char *const ahead[] = {"prefetch", "prefetch;prerender", "prefetch;anonymous-client-ip", " Prefetch", "preview", "prerender"};
	static const char *const asked[] = {"", "pre", "navigate", "no prefetch"};
	for (size_t i = 0; i < sizeof ahead / sizeof *ahead; i++)
		ck_assert_msg(web_value_is_ahead(str_of(ahead[i])), "%s", ahead[i]);
	for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
		ck_assert_msg(!web_value_is_ahead(str_of(asked[i])), "%s", asked[i]);
}
END_TEST

static const struct unit_case cases[] = {UNIT(what_is_fetched_ahead_says_so), UNIT(machines_name_themselves_and_people_are_not_taken_for_them)};
UNIT_MAIN("web/machine", cases)

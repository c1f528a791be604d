/* Who is no person. Link scanners of mail gateways, previews of messengers, and mail programs that fetch pictures before anybody looks name
 * themselves more often than not; others are known by where they are (networks.h), or by what they do (store/hits.h: all links at once, too soon). Called for every open and click. */
#include "web/hits.h"
#include "web/networks.h"

/* Parts of a User-Agent, in small letters. */
static const char *const agents[] = {
	/* programs and libraries */
	"bot", "crawl", "spider", "curl/", "wget/", "python", "go-http-client", "java/", "okhttp", "apache-httpclient", "libwww", "node-fetch", "axios",
	"ruby", "perl", "php/", "scrapy", "headless", "phantomjs", "winhttp", "powershell",
	/* gateways that follow links before the reader does */
	"barracuda", "proofpoint", "mimecast", "symantec", "messagelabs", "safelinks", "fortigate", "fortiguard", "trend micro", "trendmicro", "zscaler",
	"ironport", "sophos", "forcepoint", "cloudmark", "bitdefender", "kaspersky", "checkpoint", "avanan", "urlscan", "scanner", "scanning",
	"existence discovery",
	/* previews */
	"preview", "facebookexternalhit", "whatsapp", "slack", "skypeuri", "embedly", "prefetch", "monitor",
};

static char small(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool web_agent_is_machine(struct str user_agent)
{
	char text[512];
	size_t n = user_agent.n < sizeof text - 1 ? user_agent.n : sizeof text - 1;
	for (size_t i = 0; i < n; i++)
		text[i] = small(user_agent.p[i]);
	text[n] = '\0';
	if (!n || strcmp(text, "mozilla/5.0") == 0) /* the second: Apple's Mail Privacy Protection, which fetches everything */
		return true;
	for (size_t i = 0; i < sizeof agents / sizeof *agents; i++)
		if (strstr(text, agents[i]))
			return true;
	return false;
}

bool web_value_is_ahead(struct str value)
{
	static const char *const words[] = {"prefetch", "preview", "prerender"};
	value = str_trim(value);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		size_t n = strlen(words[i]);
		if (value.n >= n && str_same_nocase((struct str){value.p, n}, (struct str){words[i], n}))
			return true;
	}
	return false;
}

const char *web_machine_why(const struct web_request *req, bool picture)
{
	static const char *const ahead[] = {"Purpose", "Sec-Purpose", "X-Purpose", "X-Moz"};
	if (http_method(req->http) == HTTP_HEAD)
		return "HEAD";
	for (size_t i = 0; i < sizeof ahead / sizeof *ahead; i++)
		if (web_value_is_ahead(http_header(req->http, ahead[i])))
			return "prefetch";
	if (web_agent_is_machine(http_header(req->http, "User-Agent")))
		return "user agent";
	enum network_use use = web_networks_use(req->web->networks, http_client(req->http));
	if (use == NETWORK_MACHINE)
		return "network";
	return use == NETWORK_PROXY && picture ? "proxy" : NULL;
}

/* Who is no person. Link scanners of mail gateways, previews of messengers, and mail programs that fetch pictures before anybody looks name
 * themselves more often than not; those that do not are known by what they do (store/hits.h: all links at once). Called for every open and click. */
#include "web/hits.h"

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

bool web_is_machine(const struct web_request *req)
{
	static const char *const ahead[] = {"Purpose", "Sec-Purpose", "X-Purpose", "X-Moz"};
	for (size_t i = 0; i < sizeof ahead / sizeof *ahead; i++) {
		struct str value = http_header(req->http, ahead[i]);
		if (str_starts(value, STR("prefetch")) || str_starts(value, STR("preview")))
			return true;
	}
	return http_method(req->http) == HTTP_HEAD || web_agent_is_machine(http_header(req->http, "User-Agent"));
}

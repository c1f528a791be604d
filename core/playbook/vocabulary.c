/* The table of words. What is not in it is refused by name, never ignored. Read by the loader (script_words.c), the check of properties
 * (details.c) and scope.c. */
#include "playbook/vocabulary.h"

#define PROPERTIES(...) (const struct property[]){__VA_ARGS__ {NULL, PROPERTY_ANY}}
#define T(n) {n, PROPERTY_TEXT},
#define TT(n) {n, PROPERTY_TEXTS},
#define N(n) {n, PROPERTY_NUMBER},
#define Y(n) {n, PROPERTY_YES},
#define L(n) {n, PROPERTY_LENGTH},
#define C(n) {n, PROPERTY_CONDITION},
#define M(n) {n, PROPERTY_TABLE},
#define A(n) {n, PROPERTY_ANY},

#define NAMED (FORM_NAME | FORM_DETAILS)
#define WORD(n, r, f, p, ...) {.name = n, .roles = r, .forms = f, .parts = p, .properties = PROPERTIES(__VA_ARGS__)}
#define DECLARES(n, p, ...) WORD(n, ROLE_DECLARATION, NAMED, p, __VA_ARGS__)

#define EVENT_PROPERTIES                                                                                               \
	TT("subject") A("value") TT("kind") TT("topic") TT("buying_stage") T("step") T("campaign") T("reason")         \
	M("data") N("at_least") N("at_most") L("within")

const struct word vocabulary[] = {
	/* declarations */
	DECLARES("playbook", 0, T("title") T("time_zone") T("language") A("holidays") T("postal_address")
	     T("country") TT("competitors") TT("disposable") TT("role_addresses") A("same_person")),
	DECLARES("hours", 0, T("days") T("from") T("to") T("zone") A("holidays") M("countries")),
	DECLARES("cap", 0, N("at_most") L("within") TT("except")),
	DECLARES("topic", 0, T("label")),
	DECLARES("consent", 0, T("purpose") T("default") T("unknown") M("countries")),
	DECLARES("field", 0, T("type") T("label") TT("choices") T("of") Y("personal")),
	DECLARES("verb", 0, T("label") T("by") T("value") TT("fields")),
	DECLARES("asset", 0, T("title") T("kind") T("topic") T("buying_stage") T("file") T("url") T("at")
	     L("lasts") TT("next")),
	DECLARES("form", 0, T("title") T("intro") A("ask") TT("needed") N("ask_at_most") M("consent") M("preset") T("thanks")
	     T("gives") T("button")),
	DECLARES("script", ROLE_QUESTION | ROLE_RESULT, T("title") T("opening") T("closing")),
	DECLARES("disposition", 0, T("label") T("means") A("retry")),
	DECLARES("person", 0, T("name") T("email") T("phone") T("hours")),
	DECLARES("team", PART_TEXT, T("by")),
	DECLARES("route", ROLE_GIVE, T("title") L("within") T("otherwise")),
	DECLARES("model", ROLE_RULE, T("title") T("of") N("from") N("to")),
	DECLARES("grades", ROLE_BAND, M("axes") T("model") N("A") N("B") N("C") N("D")),
	DECLARES("campaign", ROLE_STEP, T("title") A("enter") T("again") Y("existing") C("leave") C("goal")
	     T("at_goal") A("holdout") T("priority") T("once_per") T("late")),
	DECLARES("test", ROLE_STORY, TT("channels")),
	WORD("segment", ROLE_DECLARATION | ROLE_CONDITION, NAMED, 0, T("title") C("who") T("contact")),
	/* members */
	WORD("rule", ROLE_RULE, NAMED, ROLE_CONDITION | PART_FUNCTION, A("points") A("each") N("max") T("fades")),
	WORD("band", ROLE_BAND | ROLE_CONDITION, NAMED, 0, N("from") TT("grades") T("stage")),
	WORD("question", ROLE_QUESTION, NAMED, 0, T("ask") T("sets") Y("needed") N("longest") A("next") T("creates")),
	WORD("give", ROLE_GIVE, NAMED, ROLE_CONDITION | PART_FUNCTION, ),
	WORD("result", ROLE_RESULT, NAMED, 0, C("when")),
	WORD("step", ROLE_STEP, NAMED, ROLE_TIMING | ROLE_ACT | PART_FUNCTION, C("when") T("otherwise")
	     M("answers") TT("was") T("late")),
	/* conditions */
	WORD("on", ROLE_CONDITION, NAMED, 0, EVENT_PROPERTIES),
	WORD("any", ROLE_CONDITION, FORM_BRACES, ROLE_CONDITION | PART_FUNCTION, ),
	WORD("all", ROLE_CONDITION, FORM_BRACES, ROLE_CONDITION | PART_FUNCTION, ),
	WORD("none", ROLE_CONDITION, FORM_BRACES | NAMED, ROLE_CONDITION | PART_FUNCTION, EVENT_PROPERTIES),
	{.name = "lead", .roles = ROLE_CONDITION | ROLE_STORY, .forms = FORM_BRACES},
	{.name = "account", .roles = ROLE_CONDITION | ROLE_STORY, .forms = FORM_BRACES},
	{.name = "people", .roles = ROLE_CONDITION, .forms = FORM_BRACES, .parts = ROLE_CONDITION | PART_FUNCTION},
	{.name = "score", .roles = ROLE_CONDITION, .forms = FORM_BRACES},
	WORD("grade", ROLE_CONDITION, FORM_NAME | FORM_BRACES, PART_TEXT, ),
	WORD("stage", ROLE_CONDITION | ROLE_ACT, FORM_NAME | FORM_BRACES, PART_TEXT, ),
	{.name = "withdrew", .roles = ROLE_CONDITION, .forms = FORM_NAME},
	{.name = "allowed", .roles = ROLE_CONDITION, .forms = FORM_NAME},
	{.name = "asked", .roles = ROLE_CONDITION, .forms = FORM_NAME},
	/* timing */
	{.name = "day", .roles = ROLE_TIMING | ROLE_STORY, .forms = FORM_NUMBER},
	{.name = "wait", .roles = ROLE_TIMING | ROLE_STORY, .forms = FORM_NAME},
	WORD("every", ROLE_TIMING, NAMED, 0, N("times")),
	{.name = "before", .roles = ROLE_TIMING | ROLE_CONDITION, .forms = FORM_TEXTS},
	{.name = "after", .roles = ROLE_TIMING | ROLE_CONDITION, .forms = FORM_TEXTS},
	WORD("wait_for", ROLE_TIMING, FORM_BRACES, ROLE_CONDITION | PART_FUNCTION, L("within") T("since")),
	/* acts */
	WORD("email", ROLE_ACT, NAMED, 0, T("hours") T("purpose") T("offer") T("start")),
	WORD("call", ROLE_ACT, NAMED, 0, T("hours") T("purpose") L("within") T("priority") T("skill")),
	WORD("letter", ROLE_ACT, NAMED, 0, T("hours") T("purpose") T("offer") T("start") T("drop") T("once_per")),
	WORD("handoff", ROLE_ACT, NAMED, 0, L("within")),
	WORD("alert", ROLE_ACT, NAMED, 0, T("to")),
	{.name = "set", .roles = ROLE_ACT, .forms = FORM_BRACES},
	{.name = "enroll", .roles = ROLE_ACT, .forms = FORM_NAME},
	WORD("suppress", ROLE_ACT, NAMED, 0, T("reason") C("ends")),
	WORD("split", ROLE_ACT, FORM_BRACES, ROLE_ACT, M("weights") A("first") C("winner") L("after")),
	{.name = "go", .roles = ROLE_ACT, .forms = FORM_NAME},
	{.name = "leave", .roles = ROLE_ACT, .forms = FORM_NAME},
	/* values */
	{.name = "at_least", .roles = ROLE_VALUE, .forms = FORM_NUMBER},
	{.name = "at_most", .roles = ROLE_VALUE, .forms = FORM_NUMBER},
	{.name = "above", .roles = ROLE_VALUE, .forms = FORM_NUMBER},
	{.name = "below", .roles = ROLE_VALUE, .forms = FORM_NUMBER},
	{.name = "between", .roles = ROLE_VALUE, .forms = FORM_NUMBERS},
	{.name = "known", .roles = ROLE_VALUE, .forms = FORM_BARE},
	{.name = "empty", .roles = ROLE_VALUE, .forms = FORM_BARE},
	{.name = "choose", .roles = ROLE_VALUE | ROLE_ACT, .forms = FORM_DETAILS},
	WORD("retry", ROLE_VALUE, FORM_BRACES, 0, N("times") L("every") Y("other_time") T("otherwise")),
	/* stories */
	WORD("event", ROLE_STORY, NAMED, 0, T("subject") N("value") T("step") T("campaign") T("reason") M("data")),
	{.name = "answer", .roles = ROLE_STORY, .forms = FORM_BRACES | NAMED},
	{.name = "colleague", .roles = ROLE_STORY, .forms = FORM_BRACES | NAMED, .parts = ROLE_STORY},
	WORD("expect", ROLE_STORY, FORM_BRACES, 0, M("score") T("grade") T("band") T("stage") TT("segment")
	     T("email") T("call") T("letter") T("handoff") T("held") TT("left")),
	{.name = NULL},
};

const struct word *vocabulary_find(struct str name)
{
	for (const struct word *word = vocabulary; word->name; word++)
		if (str_is(name, word->name))
			return word;
	return NULL;
}

const char *vocabulary_nearest(struct str name)
{
	const char *names[sizeof vocabulary / sizeof *vocabulary];
	size_t count = 0;
	for (const struct word *word = vocabulary; word->name; word++)
		names[count++] = word->name;
	return str_nearest(name, names, count);
}

bool vocabulary_is_property(struct str name)
{
	for (const struct word *word = vocabulary; word->name; word++)
		if (word_property(word, name))
			return true;
	return false;
}

const struct property *word_property(const struct word *word, struct str name)
{
	for (const struct property *p = word->properties; p && p->name; p++)
		if (str_is(name, p->name))
			return p;
	return NULL;
}

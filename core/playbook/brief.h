/* The mail that tells sales of a lead, where a playbook has no templates/email/handoff.md of its own. Its data: turn/brief.c. */
#ifndef NURTURE_PLAYBOOK_BRIEF_H
#define NURTURE_PLAYBOOK_BRIEF_H

#define BRIEF_NAME "handoff"
#define BRIEF_PATH "templates/email/handoff.md"
#define BRIEF_TEXT                                                                                                     \
	"---\n"                                                                                                        \
	"subject: 'Yours: {{ lead.first_name }} {{ lead.last_name }}, {{ account.name | default: lead.company | default: \"no company\" }}'\n" \
	"---\n"                                                                                                        \
	"**{{ lead.first_name }} {{ lead.last_name }}**, {{ account.name | default: lead.company | default: \"no company\" }}, is handed over to you.\n" \
	"{% if data.due %}Please accept or return it until {{ data.due }}.{% endif %}\n\n"        \
	"- E-mail: {{ lead.email | default: \"not known\" }}\n"                                                          \
	"- Telephone: {{ lead.phone | default: \"not known\" }}\n\n"                                                     \
	"## Why now\n\n"                                                                                               \
	"{% for reason in data.reasons %}\n- {{ reason }}\n{% endfor %}\n\n"                                                \
	"## Scores\n\n"                                                                                                \
	"{% for receipt in data.receipts %}\n- {{ receipt.model }}: {{ receipt.score }}{% for rule in receipt.rules %}; {{ rule.rule }} {{ rule.points }} ({{ rule.because }}){% endfor %}\n{% endfor %}\n\n" \
	"## What they did\n\n"                                                                                         \
	"{% for event in data.timeline %}\n- {{ event.at | date: \"%e %b %Y\" }}: {{ event.what }} {{ event.subject }}\n{% endfor %}\n"

#endif

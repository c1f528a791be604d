/* The layout of a mail where a playbook has no templates/email/layout.html of its own (`nurture email --layout` prints it, to begin from). A page of Liquid;
 * what it may name besides what every template may: content, footer, subject, preheader, language (template_layout.c).
 *
 * Tables, as Outlook lays out nothing else; one column that is as narrow as the screen; dark where the reader's programs say so. Styles that matter stand in the
 * elements, as some programs drop the head. */
#ifndef NURTURE_PLAYBOOK_LAYOUT_H
#define NURTURE_PLAYBOOK_LAYOUT_H

#define LAYOUT_NAME "layout"
#define LAYOUT_FONT "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;"
#define LAYOUT_TEXT \
	"<!DOCTYPE html>\n" \
	"<html lang=\"{{ language }}\">\n" \
	"<head>\n" \
	"<meta charset=\"utf-8\">\n" \
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n" \
	"<meta name=\"x-apple-disable-message-reformatting\">\n" \
	"<meta name=\"color-scheme\" content=\"light dark\">\n" \
	"<meta name=\"supported-color-schemes\" content=\"light dark\">\n" \
	"<title>{{ subject }}</title>\n" \
	"<style>\n" \
	":root { color-scheme: light dark; supported-color-schemes: light dark; }\n" \
	"@media (max-width: 480px) { .pad { padding-left: 20px !important; padding-right: 20px !important; } }\n" \
	"@media (prefers-color-scheme: dark) {\n" \
	"  .page { background: #111827 !important; }\n" \
	"  .sheet { background: #1f2937 !important; }\n" \
	"  .text, .text blockquote { color: #f3f4f6 !important; }\n" \
	"  .text a { color: #93c5fd !important; }\n" \
	"  .text pre { background: #111827 !important; }\n" \
	"  .foot, .foot a { color: #9ca3af !important; border-color: #374151 !important; }\n" \
	"}\n" \
	"</style>\n" \
	"</head>\n" \
	"<body class=\"page\" style=\"margin:0;padding:0;background:#f3f4f6;\">\n" \
	"{% if preheader %}<div style=\"display:none;max-height:0;overflow:hidden;\">{{ preheader }}</div>\n" \
	"{% endif %}<table role=\"presentation\" class=\"page\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" style=\"background:#f3f4f6;\">\n" \
	"<tr><td align=\"center\" style=\"padding:24px 12px;\">\n" \
	"<table role=\"presentation\" class=\"sheet\" width=\"600\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" " \
	"style=\"width:100%;max-width:600px;background:#ffffff;\">\n" \
	"<tr><td class=\"pad text\" style=\"padding:32px 32px 16px;" LAYOUT_FONT "font-size:16px;line-height:24px;color:#111827;\">\n" \
	"{{ content }}</td></tr>\n" \
	"{% if footer %}<tr><td class=\"pad foot\" style=\"padding:16px 32px 24px;border-top:1px solid #e5e7eb;" LAYOUT_FONT \
	"font-size:12px;line-height:18px;color:#6b7280;\">\n" \
	"{{ footer }}</td></tr>\n" \
	"{% endif %}</table>\n" \
	"</td></tr>\n" \
	"</table>\n" \
	"</body>\n" \
	"</html>\n"

#endif

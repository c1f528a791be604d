/* The sections, in the order in which they are told. A new table that holds what is known of people gets a row here. */
#include "report/person.h"

const struct report_section report_person[REPORT_PERSON_SECTIONS] = {
	{"leads", "person_leads", false},         {"account", "person_account", false},
	{"identities", "person_identities", false}, {"consent", "person_consent", false},
	{"suppressions", "person_suppressions", false}, {"scores", "person_scores", false},
	{"events", "person_events", true},        {"score_changes", "person_score_changes", true},
	{"enrollments", "person_enrollments", false}, {"campaign_log", "person_campaign_log", true},
	{"touches", "person_touches", true},      {"handoffs", "person_handoffs", false},
	{"opportunities", "person_opportunities", false}, {"import_errors", "person_import_errors", false},
	{"audit", "person_audit", false},
};

/* The rules of models of accounts: shared by account.c (decides) and account_explain.c (says why). Inside the room only. */
#ifndef NURTURE_TURN_ACCOUNT_RULES_H
#define NURTURE_TURN_ACCOUNT_RULES_H

#include "turn/account.h"

int account_rule_points(const struct playbook *playbook, const struct account *account, const struct rule *rule);
/* Within the model's from and to. */
int account_model_points(const struct playbook *playbook, const struct account *account, const struct model *model);
struct str account_letter(const struct grades *table, int points, struct arena *arena); /* "" = none */
struct str account_band(const struct grades *table, int points);
/* Whom the question finds, by role. */
const int *account_people(const struct playbook *playbook, const struct account *account, const struct condition_people *ask);

#endif

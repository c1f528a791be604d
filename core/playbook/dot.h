/* The flow of a campaign as a drawing: Graphviz's language. For `nurture campaign NAME --dot | dot -Tsvg`. */
#ifndef NURTURE_PLAYBOOK_DOT_H
#define NURTURE_PLAYBOOK_DOT_H

#include "base/buf.h"
#include "playbook/playbook.h"

/* A box a step (its name, when, what is done), an arrow a way (how the contact ended, "no" where `when` does not hold), round ends. */
void playbook_dot(const struct playbook *playbook, const struct campaign *campaign, struct buf *out);

#endif

-- A lead chose what it wants, and how often, while this touch was in its channel's hands: what the gate said before holds no longer, so no permission is given, and
-- the gate is asked anew (intake_consents.sql writes it, permit.sql reads it).
alter table touch add column look_again boolean;

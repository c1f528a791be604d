-- Which steps a revision has, as campaign/step, old names too (was): who stood on a step that was gone then already is parked since, and hinders no later
-- publish (revision.sql). null = activated by a program of before: then everybody on a step that is gone counts.
alter table activation add column steps text[];

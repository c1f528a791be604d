-- Quality of leads (core/model/quality.h), and finding those that are alike.
alter table lead add column quality text[] not null default '{}';
create index lead_phone on lead (phone) where phone is not null;
create index lead_person on lead (lower(last_name), lower(first_name), lower(company))
  where last_name is not null and first_name is not null and company is not null;

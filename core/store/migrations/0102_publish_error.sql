-- What was refused has several writers: a node's folder ('folder'), the engines of a node by which the active revision does not load ('engine'), and those that run what this version
-- would refuse to publish ('active'). Each has a row of its own, so that none takes another's away. They are told anew at the next start.
delete from publish_error;
alter table publish_error drop column one, add column writer text not null, add column node text not null, add column activation bigint, add primary key (writer, node);
comment on column publish_error.activation is 'that it is said of; null = of none: a folder';

-- What of it still holds, the gravest first; what several nodes say alike is said once.
create view publish_errors as
select writer, source, problems, jsonb_agg(node order by node) as nodes, max(at) as at, array_position(array['engine', 'folder', 'active'], writer) as place
from publish_error where activation is null or activation = (select max(a.activation) from activation a)
group by writer, source, problems;

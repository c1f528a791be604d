-- :name revision_newest
select a.activation, a.revision from activation a order by a.activation desc limit 1

-- A whole hash, or a beginning that only one has: more than one row means that it does not say which.
-- :name revision_like
select r.revision, coalesce((select max(a.activation) from activation a where a.revision = r.revision), 0)
from revision r where r.revision >= $1::text and r.revision < $1::text || 'g' order by r.revision limit 2

-- :name revision_files
select path, bytes from revision_file where revision = $1::text order by path collate "C"

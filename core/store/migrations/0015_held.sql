-- How many enrollments are held, and where: asked by status and /metrics.
create index enrollment_held on enrollment (campaign, step) where state = 'held';

-- Of a cookie: when the site said of its reader who has logged in (the moment of its word, in real time). A younger word moves the browser to another
-- lead, an older one nothing. null = nobody has logged in there.
alter table identity add column said_at timestamptz;

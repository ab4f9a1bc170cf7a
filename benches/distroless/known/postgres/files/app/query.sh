#!/bin/sh
set -e
export PATH=/usr/lib/postgresql/15/bin:$PATH PGDATA=/var/lib/postgresql/data PGHOST=/var/run/postgresql
mkdir -p "$PGHOST" 2> /dev/null || PGHOST=/tmp
[ -w "$PGHOST" ] || PGHOST=/tmp
initdb --auth=trust --no-sync > /dev/null
pg_ctl -s -w -o "-k $PGHOST -c listen_addresses= -c fsync=off" -l "$PGDATA/log" start
psql -qAtX postgres << 'SQL'
create table t (a int, b text, c timestamptz);
insert into t select i, md5(i::text), to_timestamp(1700000000 + i) from generate_series(1, 1000) i;
set timezone = 'Asia/Tokyo';
select count(*), min(b), max(c) from t;
create extension if not exists plpgsql;
do $$ begin raise notice 'hello'; end $$;
select to_tsvector('english', 'running dogs');
select upper('straße'), '{"a": 1}'::jsonb -> 'a';
SQL
pg_ctl -s -w -m fast stop

select count(*) from information_schema.processlist where user = substring_index(user(), '@', 1);
select cast(connection_id() as signed);
kill 7;
select cast(timestampdiff(microsecond, '1970-01-01 07:00:00', now(6)) as char);
show session status like 'Ssl_version';

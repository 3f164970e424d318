select count(*) from sys.dm_exec_sessions where security_id = suser_sid();
select cast(@@spid as int);
select convert(varchar(20), cast(datediff(day, '19700101', t) as bigint) * 86400000000 + cast(datediff(second, cast(cast(t as date) as datetime2), t) as bigint) * 1000000 + datepart(microsecond, t)) from (select sysutcdatetime() as t) n;

select sys_context('userenv', 'sid') from dual;
select to_char(extract(day from d) * 86400000000 + extract(hour from d) * 3600000000 + extract(minute from d) * 60000000 + trunc(extract(second from d) * 1000000), 'TM9') from (select sys_extract_utc(systimestamp) - timestamp '1970-01-01 00:00:00' as d from dual) n;
select case sys_context('userenv', 'network_protocol') when 'tcps' then 'TLS' end from dual;

select cast(0 as bigint) + isnull(datalength(convert(varbinary(600), convert(varchar(600), [ho_ten] collate Latin1_General_100_BIN2_UTF8))), 0) + isnull(datalength(convert(varbinary(max), convert(varchar(max), left([ghi_chu], 10001) collate Latin1_General_100_BIN2_UTF8))), 0) from [bang];
select convert(varbinary(16), convert(varbinary(600), convert(varchar(600), [ho_ten] collate Latin1_General_100_BIN2_UTF8))) from [bang];
select convert(varbinary(max), convert(varchar(max), convert(varbinary(8000), [anh]), 2)) from [bang];

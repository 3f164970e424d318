select 1 from [bang] where convert(varbinary(600), convert(varchar(600), [ho_ten] collate Latin1_General_100_BIN2_UTF8)) in (0x3136363831, 0x5472e1baa76e20277827205c);

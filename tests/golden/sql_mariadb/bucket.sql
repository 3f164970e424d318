select 1 from `bang` where mod(crc32(concat_ws(x'ff', ifnull(cast(`ho_ten` as binary), 0), ifnull(cast(left(`ghi_chu`, 10001) as binary), 0))), 17) = 3;

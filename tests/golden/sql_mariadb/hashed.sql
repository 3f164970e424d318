select cast(conv(left(sha1(concat_ws(x'ff', ifnull(cast(`ho_ten` as binary), x'fe'), ifnull(cast(left(`ghi_chu`, 10001) as binary), x'fe'))), 15), 16, 10) as unsigned) from `bang`;
select cast(sum(cast(conv(left(sha1(concat_ws(x'ff', ifnull(cast(`ho_ten` as binary), x'fe'), ifnull(cast(left(`ghi_chu`, 10001) as binary), x'fe'))), 15), 16, 10) as unsigned)) as char) from `bang`;

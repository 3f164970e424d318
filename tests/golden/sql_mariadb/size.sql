select length(concat_ws('', cast(`ho_ten` as binary), cast(left(`ghi_chu`, 10001) as binary))) from `bang`;
select left(cast(`ho_ten` as binary), 16) from `bang`;
select hex(left(`anh`, 40001)) from `bang`;

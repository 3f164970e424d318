select ifnull(max(length(cast(`ho_ten` as binary))), 0) from `bang`;
select greatest(ifnull(max(length(cast(`ho_ten` as binary))), 0), ifnull(max(length(cast(left(`ghi_chu`, 10001) as binary))), 0)) from `bang`;

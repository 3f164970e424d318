select cast(`so` as char), cast(`ho_ten` as char) from `bang` where 1 = 1 order by `so`, `ho_ten` limit 1 offset 59999;
select 1 from `bang` where `so` > -5;
select 1 from `bang` where `so` >= -5 and ((`so` > -5) or (`so` = -5 and `ho_ten` > _utf8mb4 x'5472e1baa76e20277827205c'));
select 1 from `bang` where `so` <= -5;
select 1 from `bang` where `so` <= -5 and ((`so` < -5) or (`so` = -5 and `ho_ten` <= _utf8mb4 x'5472e1baa76e20277827205c'));

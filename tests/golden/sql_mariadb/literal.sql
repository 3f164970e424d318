select 1 from `bang` where cast(`ho_ten` as binary) in (x'3136363831', x'5472e1baa76e20277827205c');

select 1 from `bang` where `ngay` > date '2024-02-01' - interval 1 day and `ngay` < date '2024-02-29' + interval 1 day;

select 1 from [bang] where [ngay] >= '20240131' and [ngay] < '20240302';

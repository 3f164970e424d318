select 1 from "bang" where "ngay" >= date '2024-01-31' and "ngay" < date '2024-03-02';

select 0 + nvl(lengthb("HO_TEN"), 0) + nvl(lengthb(substr("GHI_CHU", 1, 10001)), 0) from "bang";
select substr("HO_TEN", 1, 16) from "bang";
select rawtohex("ANH") from "bang";

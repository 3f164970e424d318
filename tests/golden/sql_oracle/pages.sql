select to_char("SO", 'TM9', 'nls_numeric_characters=''.,'''), "HO_TEN" from "bang" where 1 = 1 order by "SO", "HO_TEN" offset 59999 rows fetch next 1 rows only;
select 1 from "bang" where "SO" > -5;
select 1 from "bang" where "SO" >= -5 and (("SO" > -5) or ("SO" = -5 and "HO_TEN" > to_char(unistr('\0054\0072\1ea7\006e\0020\0027\0078\0027'))));
select 1 from "bang" where "SO" <= -5;
select 1 from "bang" where "SO" <= -5 and (("SO" < -5) or ("SO" = -5 and "HO_TEN" <= to_char(unistr('\0054\0072\1ea7\006e\0020\0027\0078\0027'))));

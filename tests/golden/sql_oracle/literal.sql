select 1 from "bang" where "HO_TEN" in ('16681', to_char(unistr('\0054\0072\1ea7\006e\0020\0027\0078\0027\0020\005c')));

select to_number(to_char("ngay", 'SYYYYMM')) from "bang";

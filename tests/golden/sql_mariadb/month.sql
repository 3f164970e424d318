select case when month(`ngay`) > 0 then year(`ngay`) * 100 + month(`ngay`) end from `bang`;

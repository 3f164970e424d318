"""Urban and rural, where a table has no column for it: it follows from the kind of commune (phường, thị trấn are urban)."""

AREA = """case when commune_code = any(:urban) then '1' when commune_code = any(:rural) then '2' else 'khong_ro' end"""

"""A synthetic province, Nghệ An, and the outside systems it writes to. Never imported by the four packages.

DỮ LIỆU MÔ PHỎNG: nobody here exists. How a synthetic value is told from a real one:

* a personal number has 9 as its seventh digit, an old identity card starts with 180, 188 or 189 (never issued);
* a telephone number lies in a range that is not allocated (030, 031, 051, 053, 054, 071 to 075);
* an account starts with 99, a tax code with 99, a passport with Z; a decision ends in `MP`;
* every source database says so in its table `ghi_chu`.

Units and their codes are the real ones of the epoch that ended on 30/11/2024; magnitudes by district are model values
calibrated to published totals of the province, not facts.
"""

"""Words of the labour tables: jobs with their occupation (VSCO) and industry (VSIC) codes, trades, countries, names."""

# (job, occupation code of QĐ 34/2020/QĐ-TTg, section of QĐ 27/2018/QĐ-TTg)
JOBS = (
    ("Trồng lúa", "61", "A"), ("Trồng rừng", "62", "A"), ("Chăn nuôi", "61", "A"), ("Nuôi trồng thủy sản", "62", "A"),
    ("Đánh bắt hải sản", "62", "A"), ("May công nghiệp", "81", "C"), ("Lắp ráp điện tử", "82", "C"), ("Chế biến gỗ", "75", "C"),
    ("Chế biến thực phẩm", "75", "C"), ("Thợ xây", "71", "F"), ("Phụ hồ", "93", "F"), ("Bán hàng", "52", "G"),
    ("Buôn bán nhỏ", "52", "G"), ("Sửa xe máy", "72", "G"), ("Lái xe tải", "83", "H"), ("Nhân viên giao hàng", "96", "H"),
    ("Phục vụ nhà hàng", "51", "I"), ("Giáo viên tiểu học", "23", "P"), ("Điều dưỡng", "32", "Q"), ("Cán bộ xã", "24", "O"),
    ("Kế toán", "33", "N"), ("Bảo vệ", "54", "N"), ("Giúp việc gia đình", "91", "T"), ("Cắt tóc", "51", "S"),
)  # fmt: skip
SPECIALITIES = (
    "May thời trang", "Điện công nghiệp", "Hàn", "Kế toán doanh nghiệp", "Công nghệ ô tô", "Thú y", "Trồng trọt", "Sư phạm",
    "Điều dưỡng", "Tin học văn phòng", "Kỹ thuật chế biến món ăn", "Xây dựng dân dụng",
)  # fmt: skip
INDUSTRIES = ("C", "G", "F", "H", "I", "N", "A", "P", "Q", "S")
NEEDS = ("Làm việc tại địa phương", "Làm việc tại khu công nghiệp trong tỉnh", "Đi làm việc ở nước ngoài", "Tự tạo việc làm")
TRADES = ("Công nghiệp chế tạo", "Xây dựng", "Nông nghiệp", "Chăm sóc người già", "Đánh cá", "Dệt may", "Thực phẩm")
COUNTRIES = (
    ("TWN", 38),
    ("JPN", 33),
    ("KOR", 15),
    ("HUN", 4),
    ("ROU", 3),
    ("SGP", 2),
    ("POL", 2),
    ("MYS", 1),
    ("CHN", 1),
    ("ARE", 1),
)
NATIONALITIES = (
    ("CHN", 42),
    ("KOR", 24),
    ("JPN", 9),
    ("TWN", 9),
    ("THA", 5),
    ("IND", 4),
    ("PHL", 4),
    ("DEU", 1),
    ("USA", 1),
    ("LAO", 1),
)
COMPANY_WORDS = (
    "An Phát",
    "Bình Minh",
    "Hoàng Gia",
    "Thành Công",
    "Sông Lam",
    "Phú Cường",
    "Trường Thịnh",
    "Đại Lộc",
    "Hải Long",
    "Minh Khai",
)
FOREIGN_NAMES = (
    "LI WEI MOPHONG", "WANG FANG MOPHONG", "KIM MINJUN MOPHONG", "PARK JIWOO MOPHONG", "SATO HARUTO MOPHONG",
    "CHEN YU MOPHONG", "LIN JIA MOPHONG", "SOMCHAI MOPHONG", "RAHUL KUMAR MOPHONG",
    "JOSE CRUZ MOPHONG", "MARIA SANTOS MOPHONG", "TANAKA YUI MOPHONG",
)  # fmt: skip

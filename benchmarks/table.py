"""The benchmark's table: a million forms of working people x 25 columns, 0.5 % of them bad, made inside the source server."""

import datetime as dt
from contextlib import closing

from pandera.typing import Series

from resources.embedded import EmbeddedServer
from schemas import units
from schemas.column import Day, Text, Whole, field
from schemas.dataset import Dataset, Limits, Source
from schemas.roads import BY_ROW_VERSION, Sql
from schemas.services import Service
from schemas.sources.labour_employment.datasets import WORKERS
from schemas.vocabulary import Person

# As fast as it gives: raw COPY and the peers beside it are held by no bound either. At the 200,000 rows a second that a source
# is asked for otherwise, a million rows take five seconds whatever the engine does.
UNBOUND = Limits(rows_per_second=None)
SOURCE = Source("benchmark", "Bảng đo", "Bảng đo", "Bảng mô phỏng để đo tốc độ.", "không có", "0 1 * * *", "M", 0, limits=UNBOUND)


class Forms(Person):
    form_id: Series[Text] = field("ma_phieu", "Mã phiếu", "Number of the form", nullable=False)
    collection_year: Series[Whole] = field(
        "nam_thu_thap", "Năm thu thập", "Year of the collection", source_type="smallint", nullable=False
    )
    training_level_code: Series[Whole] = field(
        "trinh_do_cmkt", "Trình độ", "Level of training", codes="training_level", nullable=False
    )
    schooling_level_code: Series[Whole] = field(
        "trinh_do_gdpt", "Giáo dục phổ thông", "General education", codes="schooling_level"
    )
    activity_code: Series[Whole] = field("tinh_trang_hdkt", "Tình trạng", "Activity", codes="activity_status", nullable=False)
    employment_position_code: Series[Whole] = field(
        "vi_the_viec_lam", "Vị thế", "Position in employment", codes="employment_position"
    )
    occupation_code: Series[Text] = field("ma_nghe", "Mã nghề", "Occupation", str_matches=r"^\d{1,5}$")
    main_job: Series[Text] = field("cong_viec_chinh", "Công việc chính", "Main work")
    social_insurance_code: Series[Whole] = field("tham_gia_bhxh", "Bảo hiểm xã hội", "Social insurance", codes="social_insurance")
    contract_code: Series[Whole] = field("hop_dong_lao_dong", "Hợp đồng", "Kind of contract", codes="labour_contract")
    industry_code: Series[Text] = field("ma_nganh_kinh_te", "Ngành", "Industry", codes="industry")
    collected_date: Series[Day] = field("ngay_thu_thap", "Ngày thu thập", "Day of the collection", nullable=False)


# The declared rules that read only these columns run too: what is measured is the road as it is used.
_NAMES = set(Forms.to_schema().columns)

FORMS = Dataset(
    source=SOURCE,
    name="forms",
    title="Phiếu đo",
    model=Forms,
    road=Sql("phieu", BY_ROW_VERSION),
    each_row_is="một phiếu",
    key=("form_id",),
    kind="register",  # it has no due day: the calendar knows only what is declared in the product
    legal="không có",
    commune_name="commune_name",
    rules=tuple(r for r in WORKERS.rules if set(r.columns) <= _NAMES),
)

# The same table by a service of a platform.
FORMS_SERVICE = Service(
    system=FORMS.source.name,
    resource=FORMS.road.at_source,
    valid_from=dt.date(2020, 1, 1),
    valid_to=None,
    path="/phieu",
    token_path="/token",
    auth="bearer",
    code_at="error_code",
    success_codes=("00",),
    rows_at="data",
    total_at="tong_so",
    paging="cursor",
    page_parameter="con_tro",
    size_parameter="kich_thuoc",
    page_size=5_000,
    next_at="con_tro_tiep",
    from_parameter="",
    to_parameter="",
    since_parameter="",
    etag_of="",
    calls_per_minute=100_000,  # as fast as it gives: the other parts' sources are held by no bound either
    source="phép đo",
    confidence="unsure",
)


def build(server: EmbeddedServer, database: str, rows: int) -> None:
    """Make the source table; every 200th row has a birth year in the future."""
    server.ensure_database(database)
    communes = [c for c in units.communes_on(dt.date(2023, 12, 31)).values()]
    with closing(server.connect(database)) as connection, connection.cursor() as cursor:
        cursor.execute("drop table if exists phieu, xa")
        cursor.execute("create table xa (n int primary key, ma text, ten text)")
        cursor.executemany("insert into xa values (%s, %s, %s)", [(n, c.code, c.name) for n, c in enumerate(communes)])
        columns = ", ".join(f"{c.source_column} {c.source_type}" for c in FORMS.columns)
        cursor.execute(f"create table phieu ({columns})")
        cursor.execute(
            "create table if not exists nhat_ky_nop (ma_don_vi text, bang text, ky text, thoi_diem_nop timestamptz,"
            " so_dong integer, khai_rong boolean)"
        )
        values = {
            "ma_xa_goc": "xa.ma",
            "ten_xa": "xa.ten",
            "so_dinh_danh": "'040' || (g % 2) || lpad((60 + g % 40)::text, 2, '0') || lpad((g % 1000000)::text, 6, '0')",
            "so_cmnd_cu": "null",
            "ho_ten": "(array['Nguyễn','Trần','Lê','Phan','Hoàng'])[1 + g % 5] || ' Thị ' || (array['Hoa','Lan','Mai','Đào'])[1 + g % 4]",
            "ngay_sinh": "to_char(make_date(1960 + g % 40, 1 + g % 12, 1 + g % 28), 'YYYY-MM-DD')",
            "nam_sinh": "case when g % 200 = 0 then '2090' else (1960 + g % 40)::text end",
            "do_chinh_xac_ngay_sinh": "'ngay'",
            "gioi_tinh": "(1 + g % 2)::text",
            "ma_dan_toc": "'01'",
            "thon_xom": "'Xóm ' || g % 20",
            "so_dien_thoai": "'09' || lpad((g % 100000000)::text, 8, '0')",
            "ngay_cap_nhat_nguon": "timestamptz '2023-12-01 08:00+07' + g * interval '1 second'",
            "ma_phieu": "'P' || g",
            "nam_thu_thap": "2023",
            "trinh_do_cmkt": "(1 + g % 8)::text",
            "trinh_do_gdpt": "(1 + g % 4)::text",
            "tinh_trang_hdkt": "'1'",
            "vi_the_viec_lam": "(1 + g % 3)::text",
            "ma_nghe": "(1000 + g % 900)::text",
            "cong_viec_chinh": "'Lao động ' || g % 50",
            "tham_gia_bhxh": "(1 + g % 3)::text",
            "hop_dong_lao_dong": "null",
            "ma_nganh_kinh_te": "(array['A','C','F','G'])[1 + g % 4]",
            "ngay_thu_thap": "'2023-11-15'",
        }
        chosen = ", ".join(values[c.source_column] for c in FORMS.columns).replace("%", "%%")  # the driver reads % as a place
        cursor.execute(
            f"insert into phieu select {chosen} from generate_series(1, %s) g join xa on xa.n = g %% {len(communes)}", (rows,)
        )
        cursor.execute("vacuum analyze phieu")

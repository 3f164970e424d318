"""Dossiers, the steps of their handling, the papers that came of them: what a row is, its fields, how it comes and what is opened.

Of what the services give only that is declared which a rule, a figure or the store of papers needs: no name, address, telephone,
free text or officer comes over.
"""

from pandera.typing import Series

from schemas.dataset import Dataset, Day, Flag, Instant, Table, Text, TextForm, Whole, field
from schemas.release import OPEN_DATA_CATALOGUE, Count, OpenTable, Persons
from schemas.roads import Rest
from schemas.sources.administrative_procedures.rules import DOSSIER_RULES, LAW, PAPER_LAW, PAPER_RULES
from schemas.sources.administrative_procedures.set_rules import DOSSIER_SETS, PAPER_SETS, PROGRESS_SETS
from schemas.sources.administrative_procedures.source import SOURCE
from schemas.vocabulary import TWELVE_DIGITS

DOSSIER_ID = TextForm(r"^(000\.00\.\d{2}\.)?H41[.\d]*-\d{6}-\d{4,}$", "mã nơi tiếp nhận, ngày 6 chữ số, số thứ tự")
PROCEDURE_CODE = TextForm(r"^\d\.\d{6}(\.000\.00\.00\.H\d{2})?$", "1.000000, có thể thêm .000.00.00.H41")
SHA256 = TextForm(r"^[0-9a-fA-F]{64}$", "64 chữ số thập lục phân")


class Dossiers(Table):
    dossier_id: Series[Text] = field("MaHoSo", "Mã hồ sơ", privacy="internal", nullable=False, form=DOSSIER_ID)
    # Some procedures are those of the disabled: the code would be that fact.
    procedure_code: Series[Text] = field(
        "MaTTHC", "Mã thủ tục hành chính", privacy="sensitive", nullable=False, form=PROCEDURE_CODE
    )
    field_code: Series[Text] = field("MaLinhVuc", "Mã lĩnh vực", privacy="public", codes="procedure_field", nullable=False)
    applicant_type_code: Series[Whole] = field(
        "LoaiDoiTuong", "Loại đối tượng nộp hồ sơ", privacy="public", codes="applicant_type", nullable=False
    )
    applicant_id: Series[Text] = field("MaDoiTuong", "Số định danh hoặc mã số thuế của người nộp", reader="digits")
    received_at: Series[Instant] = field(
        "NgayTiepNhan", "Thời điểm tiếp nhận", reader="compact_instant", privacy="internal", nullable=False
    )
    appointed_at: Series[Instant] = field("NgayHenTra", "Thời điểm hẹn trả", reader="compact_instant", privacy="internal")
    finished_at: Series[Instant] = field(
        "NgayKetThucXuLy", "Thời điểm kết thúc xử lý", reader="compact_instant", privacy="internal"
    )
    returned_at: Series[Instant] = field("NgayTra", "Thời điểm trả kết quả", reader="compact_instant", privacy="internal")
    status_code: Series[Whole] = field(
        "TrangThaiHoSo", "Trạng thái hồ sơ", privacy="internal", codes="dossier_status", nullable=False
    )
    office_code: Series[Text] = field("DonViXuLy", "Mã đơn vị tiếp nhận, xử lý", privacy="internal", nullable=False)
    channel_code: Series[Whole] = field(
        "kenh_nop", "Kênh nộp hồ sơ", privacy="public", codes="submission_channel", nullable=False
    )
    service_level_code: Series[Text] = field(
        "muc_do_dvc", "Mức độ dịch vụ công trực tuyến", privacy="public", codes="service_level"
    )
    has_electronic_result: Series[Flag] = field("co_ket_qua_dien_tu", "Có kết quả điện tử", privacy="internal")
    satisfaction_code: Series[Whole] = field("muc_hai_long", "Mức hài lòng", privacy="internal", codes="satisfaction")


class Progress(Table):
    dossier_id: Series[Text] = field("MaHoSo", "Mã hồ sơ", privacy="internal", nullable=False, form=DOSSIER_ID)
    step_number: Series[Whole] = field("SoThuTu", "Số thứ tự của bước", privacy="internal", nullable=False, ge=1)
    status_code: Series[Whole] = field(
        "TrangThai", "Trạng thái sau bước", privacy="internal", codes="dossier_status", nullable=False
    )
    processed_at: Series[Instant] = field(
        "ThoiDiemXuLy", "Thời điểm xử lý", reader="compact_instant", privacy="internal", nullable=False
    )
    step_due_at: Series[Instant] = field(
        "NgayKetThucTheoQuyDinh", "Hạn của bước theo quy định", reader="compact_instant", privacy="internal"
    )


class ResultPapers(Table):
    paper_id: Series[Text] = field("GiayToId", "Mã giấy tờ", privacy="internal", nullable=False)
    dossier_id: Series[Text] = field("MaHoSo", "Mã hồ sơ", privacy="internal", nullable=False)
    kind_code: Series[Text] = field(
        "MaThanhPhanHoSo", "Loại giấy tờ", privacy="sensitive", codes="result_paper_kind", nullable=False
    )
    identity_number: Series[Text] = field(
        "so_dinh_danh_chu_so_huu", "Số định danh của chủ sở hữu", reader="identity_number", form=TWELVE_DIGITS
    )
    paper_number: Series[Text] = field("so_hieu", "Số hiệu")
    issued_on: Series[Day] = field("ngay_cap", "Ngày cấp", reader="compact_day", privacy="internal", nullable=False)
    expires_on: Series[Day] = field("ngay_het_han", "Ngày hết hạn", reader="compact_day", privacy="internal")
    issuer: Series[Text] = field("co_quan_cap", "Cơ quan cấp", privacy="internal")
    validity_code: Series[Whole] = field(
        "trang_thai_hieu_luc", "Trạng thái hiệu lực", privacy="internal", codes="paper_validity", nullable=False
    )
    ended_on: Series[Day] = field("ngay_het_hieu_luc", "Ngày bị thay thế, thu hồi", reader="compact_day", privacy="internal")
    sha256: Series[Text] = field("sha256", "Mã băm SHA-256 của tệp", privacy="internal", form=SHA256)
    is_signed: Series[Flag] = field("tep_ky_so", "Tệp có chữ ký số hợp lệ", privacy="internal")


DOSSIERS = Dataset(
    source=SOURCE,
    name="dossiers",
    title="Hồ sơ thủ tục hành chính",
    model=Dossiers,
    road=Rest("ho_so"),
    each_row_is="một hồ sơ thủ tục hành chính",
    key=("dossier_id",),
    kind="monthly",
    legal=LAW,
    first_period="2024-01",
    placed_by="received_at",
    commune=None,
    by_province=True,
    rules=DOSSIER_RULES,
    set_rules=DOSSIER_SETS,
    open_tables=tuple(
        OpenTable(
            name=f"dossiers_by_{name}",
            title=f"Số hồ sơ thủ tục hành chính được tiếp nhận, theo {by}",
            measure=Count(unit="hồ sơ", persons=Persons("applicant_id")),
            by=column,
            decision=OPEN_DATA_CATALOGUE,
            note="Chỉ có số của toàn tỉnh: nguồn không ghi xã của người nộp.",
        )
        for name, column, by in (("field", "field_code", "lĩnh vực"), ("channel", "channel_code", "kênh nộp"))
    ),
)

PROGRESS = Dataset(
    source=SOURCE,
    name="progress",
    title="Tiến độ giải quyết hồ sơ",
    model=Progress,
    road=Rest("tien_do"),
    each_row_is="một bước giải quyết một hồ sơ",
    key=("dossier_id", "step_number"),
    kind="monthly",
    legal=LAW,
    first_period="2024-01",
    placed_by="processed_at",
    commune=None,
    by_province=True,
    set_rules=PROGRESS_SETS,
)

RESULT_PAPERS = Dataset(
    source=SOURCE,
    name="result_papers",
    title="Giấy tờ kết quả giải quyết thủ tục hành chính",
    model=ResultPapers,
    road=Rest("giay_to_ket_qua"),
    each_row_is="một giấy tờ là kết quả giải quyết một hồ sơ",
    key=("paper_id",),
    kind="register",
    legal=PAPER_LAW,
    commune=None,
    by_province=True,
    person_key="identity_number",
    rules=PAPER_RULES,
    set_rules=PAPER_SETS,
)

DATASETS = (DOSSIERS, PROGRESS, RESULT_PAPERS)

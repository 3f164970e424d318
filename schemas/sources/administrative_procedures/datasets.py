"""Dossiers, the steps of their handling, the papers that came of them: what a row is, its fields, how it comes and what is opened.

Of what the services give only that is declared which a rule, a figure or the store of papers needs: no name, address, telephone,
free text or officer comes over.
"""

from pandera.typing import Series

from schemas.column import Day, Flag, Instant, Table, Text, TextForm, Whole, field
from schemas.dataset import Dataset
from schemas.release import OPEN_DATA_CATALOGUE, Count, OpenTable, Persons
from schemas.roads import Rest
from schemas.sources.administrative_procedures.rules import DOSSIER_RULES, LAW, PAPER_LAW, PAPER_RULES
from schemas.sources.administrative_procedures.set_rules import DOSSIER_SETS, PAPER_SETS, PROGRESS_SETS
from schemas.sources.administrative_procedures.source import SOURCE
from schemas.terms import COMPACT_DAY, COMPACT_INSTANT, IDENTITY_OR_OLD_CARD

DOSSIER_ID = TextForm(r"^(000\.00\.\d{2}\.)?H41[.\d]*-\d{6}-\d{4,}$", "mã nơi tiếp nhận, ngày 6 chữ số, số thứ tự")
PROCEDURE_CODE = TextForm(r"^\d\.\d{6}(\.000\.00\.00\.H\d{2})?$", "1.000000, có thể thêm .000.00.00.H41")
SHA256 = TextForm(r"^[0-9a-fA-F]{64}$", "64 chữ số thập lục phân")


class Dossiers(Table):
    dossier_id: Series[Text] = field(
        "MaHoSo",
        "Mã hồ sơ",
        "Number of the dossier, given by the office that received it",
        privacy="internal",
        nullable=False,
        form=DOSSIER_ID,
    )
    # Some procedures are those of the disabled: the code would be that fact.
    procedure_code: Series[Text] = field(
        "MaTTHC",
        "Mã thủ tục hành chính",
        "Code of the administrative procedure in the national catalogue",
        privacy="sensitive",
        never_released=True,
        nullable=False,
        form=PROCEDURE_CODE,
        listed_in="administrative_procedure",
    )
    field_code: Series[Text] = field(
        "MaLinhVuc",
        "Mã lĩnh vực",
        "Field of work that the procedure belongs to",
        privacy="public",
        codes="procedure_field",
        nullable=False,
    )
    applicant_type_code: Series[Whole] = field(
        "LoaiDoiTuong",
        "Loại đối tượng nộp hồ sơ",
        "Whether a person or an enterprise applies",
        privacy="public",
        codes="applicant_type",
        nullable=False,
    )
    applicant_id: Series[Text] = field(
        "MaDoiTuong",
        "Số định danh hoặc mã số thuế của người nộp",
        "Personal identity number of the applicant, or tax code of an enterprise",
        reader="digits",
        holds_identity_number=True,
    )
    received_at: Series[Instant] = COMPACT_INSTANT.field(
        "NgayTiepNhan", "Thời điểm tiếp nhận", "Moment at which the dossier was received", privacy="internal", nullable=False
    )
    appointed_at: Series[Instant] = COMPACT_INSTANT.field(
        "NgayHenTra", "Thời điểm hẹn trả", "Moment for which the result was promised", privacy="internal"
    )
    finished_at: Series[Instant] = COMPACT_INSTANT.field(
        "NgayKetThucXuLy", "Thời điểm kết thúc xử lý", "Moment at which the handling ended", privacy="internal"
    )
    returned_at: Series[Instant] = COMPACT_INSTANT.field(
        "NgayTra", "Thời điểm trả kết quả", "Moment at which the result was handed over", privacy="internal"
    )
    status_code: Series[Whole] = field(
        "TrangThaiHoSo", "Trạng thái hồ sơ", "State of the dossier", privacy="internal", codes="dossier_status", nullable=False
    )
    office_code: Series[Text] = field(
        "DonViXuLy",
        "Mã đơn vị tiếp nhận, xử lý",
        "Code of the office that receives and handles the dossier",
        privacy="internal",
        nullable=False,
    )
    channel_code: Series[Whole] = field(
        "kenh_nop",
        "Kênh nộp hồ sơ",
        "Way by which the dossier was handed in",
        privacy="public",
        codes="submission_channel",
        nullable=False,
    )
    service_level_code: Series[Text] = field(
        "muc_do_dvc",
        "Mức độ dịch vụ công trực tuyến",
        "Level of the online public service",
        privacy="public",
        codes="service_level",
    )
    has_electronic_result: Series[Flag] = field(
        "co_ket_qua_dien_tu", "Có kết quả điện tử", "Whether the result was given as an electronic document", privacy="internal"
    )
    satisfaction_code: Series[Whole] = field(
        "muc_hai_long", "Mức hài lòng", "How satisfied the applicant was, of five", privacy="internal", codes="satisfaction"
    )


class Progress(Table):
    dossier_id: Series[Text] = field(
        "MaHoSo", "Mã hồ sơ", "Number of the dossier that the step is of", privacy="internal", nullable=False, form=DOSSIER_ID
    )
    step_number: Series[Whole] = field(
        "SoThuTu",
        "Số thứ tự của bước",
        "Place of the step in the handling of the dossier",
        privacy="internal",
        nullable=False,
        ge=1,
    )
    status_code: Series[Whole] = field(
        "TrangThai",
        "Trạng thái sau bước",
        "State of the dossier after the step",
        privacy="internal",
        codes="dossier_status",
        nullable=False,
    )
    processed_at: Series[Instant] = COMPACT_INSTANT.field(
        "ThoiDiemXuLy", "Thời điểm xử lý", "Moment of the step", privacy="internal", nullable=False
    )
    step_due_at: Series[Instant] = COMPACT_INSTANT.field(
        "NgayKetThucTheoQuyDinh",
        "Hạn của bước theo quy định",
        "Moment by which the step has to end by regulation",
        privacy="internal",
    )


class ResultPapers(Table):
    paper_id: Series[Text] = field(
        "GiayToId", "Mã giấy tờ", "Number of the paper in the store of results", privacy="internal", nullable=False
    )
    dossier_id: Series[Text] = field(
        "MaHoSo", "Mã hồ sơ", "Number of the dossier that the paper came of", privacy="internal", nullable=False
    )
    kind_code: Series[Text] = field(
        "MaThanhPhanHoSo",
        "Loại giấy tờ",
        "Kind of paper",
        privacy="sensitive",
        never_released=True,
        codes="result_paper_kind",
        nullable=False,
    )
    identity_number: Series[Text] = IDENTITY_OR_OLD_CARD.field(
        "so_dinh_danh_chu_so_huu", "Số định danh của chủ sở hữu", "Personal identity number of the owner of the paper"
    )
    paper_number: Series[Text] = field("so_hieu", "Số hiệu", "Number printed on the paper")
    issued_on: Series[Day] = COMPACT_DAY.field("ngay_cap", "Ngày cấp", "Day of issue", privacy="internal", nullable=False)
    expires_on: Series[Day] = COMPACT_DAY.field("ngay_het_han", "Ngày hết hạn", "Day of expiry", privacy="internal")
    issuer: Series[Text] = field("co_quan_cap", "Cơ quan cấp", "Authority that issued the paper", privacy="internal")
    validity_code: Series[Whole] = field(
        "trang_thai_hieu_luc",
        "Trạng thái hiệu lực",
        "Whether the paper is valid, replaced or revoked",
        privacy="internal",
        codes="paper_validity",
        nullable=False,
    )
    ended_on: Series[Day] = COMPACT_DAY.field(
        "ngay_het_hieu_luc", "Ngày bị thay thế, thu hồi", "Day on which the paper was replaced or revoked", privacy="internal"
    )
    sha256: Series[Text] = field(
        "sha256", "Mã băm SHA-256 của tệp", "SHA-256 hash of the file of the paper", privacy="internal", form=SHA256
    )
    is_signed: Series[Flag] = field(
        "tep_ky_so", "Tệp có chữ ký số hợp lệ", "Whether the file bears a valid digital signature", privacy="internal"
    )


DOSSIERS = Dataset(
    source=SOURCE,
    name="dossiers",
    title="Hồ sơ thủ tục hành chính",
    model=Dossiers,
    road=Rest("ho_so"),
    each_row_is="một hồ sơ thủ tục hành chính",
    english="one dossier of an administrative procedure",
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
    english="one step in the handling of a dossier",
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
    english="one paper that is the result of a dossier",
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

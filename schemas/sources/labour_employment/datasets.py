"""The seven lists of labour and employment: how each comes and what is opened of it."""

from schemas.dataset import Dataset
from schemas.release import OPEN_DATA_CATALOGUE, Count, OpenTable, Persons
from schemas.roads import BY_ROW_VERSION, Sql
from schemas.rules.employers import tax_code_check_digit
from schemas.rules.persons import identity_sex_agrees
from schemas.sources.labour_employment.fields import (
    Employers,
    ForeignPermits,
    JobsCreated,
    OverseasWorkers,
    UnemploymentDecisions,
    Vacancies,
    Workers,
)
from schemas.sources.labour_employment.rules import (
    BENEFIT_RULES,
    WORKER_RULES,
    permit_ends_after_it_begins,
    place_counts_are_possible,
    returned_after_departure,
)
from schemas.sources.labour_employment.set_rules import UNEMPLOYMENT_SETS, WORKER_SETS, one_cell_a_key
from schemas.sources.labour_employment.source import SOURCE

WORKERS = Dataset(
    source=SOURCE,
    name="workers",
    title="Người lao động (cung lao động)",
    model=Workers,
    road=Sql("ld_nguoi_lao_dong", BY_ROW_VERSION),
    each_row_is="một phiếu thu thập của một người từ 15 tuổi trong một năm",
    english="one form about one person of 15 years or more in one year",
    key=("form_id",),
    kind="yearly",
    legal="TT 01/2022/TT-BLĐTBXH, Mẫu 01",
    first_period="2023",
    placed_by="collection_year",
    commune_name="commune_name",
    person_key="identity_number",
    rules=WORKER_RULES,
    set_rules=WORKER_SETS,
    open_tables=(
        OpenTable(
            name="workers_by_activity",
            title="Số người từ 15 tuổi theo tình trạng hoạt động kinh tế",
            measure=Count(unit="người", persons=Persons("identity_number")),
            by="activity_code",
            decision=OPEN_DATA_CATALOGUE,
            note="Theo phiếu thu thập thông tin cung lao động của năm.",
        ),
        OpenTable(
            name="workers_by_training_level",
            title="Số người từ 15 tuổi theo trình độ chuyên môn kỹ thuật",
            measure=Count(unit="người", persons=Persons("identity_number")),
            by="training_level_code",
            decision=OPEN_DATA_CATALOGUE,
        ),
    ),
)

EMPLOYERS = Dataset(
    source=SOURCE,
    name="employers",
    title="Người sử dụng lao động",
    model=Employers,
    road=Sql("ld_nguoi_su_dung_ld", BY_ROW_VERSION),
    each_row_is="một người sử dụng lao động",
    english="one employer",
    key=("tax_code",),
    kind="register",
    legal="TT 01/2022/TT-BLĐTBXH, Mẫu 02",
    commune_name="commune_name",
    rules=(tax_code_check_digit,),
    set_rules=one_cell_a_key("employers", "tax_code", "TT 01/2022/TT-BLĐTBXH, Mẫu 02"),
)

VACANCIES = Dataset(
    source=SOURCE,
    name="vacancies",
    title="Nhu cầu tuyển dụng",
    model=Vacancies,
    road=Sql("ld_nhu_cau_tuyen_dung", BY_ROW_VERSION),
    each_row_is="một nhu cầu tuyển dụng của một đơn vị cho một nhóm nghề",
    english="one need of an employer for people of one group of occupations",
    key=("vacancy_id",),
    kind="quarterly",
    legal="TT 01/2022/TT-BLĐTBXH, Mẫu 02",
    first_period="2024-Q1",
    placed_by="registered_date",
    commune_name="commune_name",
    rules=(place_counts_are_possible, tax_code_check_digit),
    set_rules=one_cell_a_key("vacancies", "vacancy_id", "TT 01/2022/TT-BLĐTBXH, Mẫu 02"),
    open_tables=(
        OpenTable(
            name="vacancies_by_occupation",
            title="Số chỗ cần tuyển theo nhóm nghề",
            measure=Count(unit="chỗ", of="place_count"),
            by="occupation_group_code",
            decision=OPEN_DATA_CATALOGUE,
        ),
    ),
)

FOREIGN_PERMITS = Dataset(
    source=SOURCE,
    name="foreign_permits",
    title="Giấy phép lao động nước ngoài",
    model=ForeignPermits,
    road=Sql("ld_lao_dong_nuoc_ngoai", BY_ROW_VERSION),
    each_row_is="một giấy phép lao động của một người nước ngoài",
    english="one work permit of one foreigner",
    key=("permit_number",),
    kind="register",
    legal="NĐ 152/2020/NĐ-CP; NĐ 70/2023/NĐ-CP",
    commune_name="commune_name",
    rules=(tax_code_check_digit, permit_ends_after_it_begins),
    set_rules=one_cell_a_key("foreign_permits", "permit_number", "NĐ 152/2020/NĐ-CP"),
)

OVERSEAS_WORKERS = Dataset(
    source=SOURCE,
    name="overseas_workers",
    title="Lao động đi làm việc ở nước ngoài",
    model=OverseasWorkers,
    road=Sql("ld_xkld", BY_ROW_VERSION),
    each_row_is="một lượt xuất cảnh theo hợp đồng",
    english="one departure to work abroad under a contract",
    key=("departure_id",),
    kind="monthly",
    legal="Luật 69/2020/QH14; NĐ 112/2021/NĐ-CP",
    first_period="2024-01",
    placed_by="departed_date",
    by_province=True,
    person_key="identity_number",
    rules=(identity_sex_agrees, returned_after_departure),
    set_rules=one_cell_a_key("overseas_workers", "departure_id", "Luật 69/2020/QH14"),
)

JOBS_CREATED = Dataset(
    source=SOURCE,
    name="jobs_created",
    title="Giải quyết việc làm",
    model=JobsCreated,
    road=Sql("ld_giai_quyet_viec_lam", BY_ROW_VERSION),
    each_row_is="một lượt người được giải quyết việc làm",
    english="one job found for one person",
    key=("job_id",),
    kind="monthly",
    legal="Luật Việc làm 38/2013/QH13",
    first_period="2024-01",
    placed_by="started_date",
    by_province=True,
    person_key="identity_number",
    rules=(identity_sex_agrees,),
    set_rules=one_cell_a_key("jobs_created", "job_id", "Luật Việc làm 38/2013/QH13"),
    open_tables=(
        OpenTable(
            name="jobs_created_by_channel",
            title="Số lượt người được giải quyết việc làm theo kênh",
            measure=Count(unit="lượt người", persons=Persons("identity_number")),
            by="channel_code",
            decision=OPEN_DATA_CATALOGUE,
            note="Theo huyện nơi thường trú của người lao động; người không ghi nơi thường trú thuộc dòng chưa xác định.",
        ),
    ),
)

UNEMPLOYMENT_DECISIONS = Dataset(
    source=SOURCE,
    name="unemployment_decisions",
    title="Quyết định hưởng trợ cấp thất nghiệp",
    model=UnemploymentDecisions,
    road=Sql("bhtn_quyet_dinh", BY_ROW_VERSION),
    each_row_is="một quyết định hưởng trợ cấp thất nghiệp",
    english="one decision that grants unemployment benefit",
    key=("decision_number",),
    kind="monthly",
    legal="Luật Việc làm 38/2013/QH13, Điều 50; NĐ 28/2015/NĐ-CP",
    first_period="2024-01",
    placed_by="decision_date",
    by_province=True,
    person_key="identity_number",
    rules=BENEFIT_RULES,
    set_rules=UNEMPLOYMENT_SETS,
)

DATASETS = (
    WORKERS,
    EMPLOYERS,
    VACANCIES,
    FOREIGN_PERMITS,
    OVERSEAS_WORKERS,
    JOBS_CREATED,
    UNEMPLOYMENT_DECISIONS,
)

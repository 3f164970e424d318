"""Where persons stand in what is declared: what an erasure takes, whom it knows by which field, and what the law keeps."""

import pytest

from schemas.persons import EITHER, NUMBER, OLD_NUMBER, kept_by_law, kept_in, place_of, places, places_of, without_number
from schemas.registry import dataset_named, source_named

MIXED = ((NUMBER, NUMBER), (NUMBER, OLD_NUMBER))  # one field, in which either number may stand
APART = ((NUMBER, NUMBER), ("old_identity_number", OLD_NUMBER))

# Dataset -> by which fields a row is a person's own, and whether the last of them is by what the person's file is known elsewhere.
OWN: dict[str, tuple[tuple[tuple[str, str], ...], bool]] = {
    "administrative_procedures.dossiers": (
        (("applicant_id", NUMBER), ("applicant_id", OLD_NUMBER), ("dossier_id", "administrative_procedures.dossier_id")),
        True,
    ),
    "administrative_procedures.progress": ((("dossier_id", "administrative_procedures.dossier_id"),), False),
    "children.profiles": ((*APART, ("child_id", "children.child_id")), True),
    "job_service.seekers": ((*APART, ("seeker_id", "job_service.seeker_id")), True),
    "job_service.referrals": ((("seeker_id", "job_service.seeker_id"),), False),
    "job_service.consultations": ((("seeker_id", "job_service.seeker_id"),), False),
    "job_service.unemployment_claims": ((*MIXED, ("claim_id", "job_service.claim_id")), True),
    "labour_employment.workers": ((*APART, ("form_id", "labour_employment.form_id")), True),
    "labour_employment.jobs_created": ((*MIXED, ("job_id", "labour_employment.job_id")), True),
    "meritorious_persons.profiles": ((*APART, ("profile_id", "meritorious_persons.profile_id")), True),
    "meritorious_persons.monthly_payments": ((("profile_id", "meritorious_persons.profile_id"),), False),
    "poverty.households": ((), False),
    "poverty.members": (APART, False),
    "social_protection.beneficiaries": ((*APART, ("beneficiary_id", "social_protection.beneficiary_id")), True),
    "social_protection.monthly_payments": ((("beneficiary_id", "social_protection.beneficiary_id"),), False),
}


@pytest.mark.parametrize("name", OWN)
def test_a_row_is_known_for_a_persons_own_by_these_fields(name: str) -> None:
    own, gives = OWN[name]
    place = place_of(dataset_named(name))
    assert place is not None and place.own == own
    assert place.gives == (own[-1] if gives else None)


def test_a_paper_is_its_owners_and_of_the_dossier_for_which_it_was_made() -> None:
    place = place_of(dataset_named("administrative_procedures.result_papers"))
    assert place is not None and place.gives == ("paper_id", "administrative_procedures.paper_id")
    assert place.own == (*MIXED, place.gives, ("dossier_id", "administrative_procedures.dossier_id"))


def test_beside_somebody_a_person_stands_with_what_the_row_holds_of_him_and_no_more() -> None:
    account = ("account_number", "bank_code", "account_holder")
    head = (*account, "head_name", "head_identity_number", "head_ethnicity_code")
    parents = [(p, (f"{p}_name", f"{p}_identity_number")) for p in ("father", "mother")]
    told = {
        "poverty.households": [(tells, "head_identity_number", head) for tells in (NUMBER, OLD_NUMBER)],
        "children.profiles": [(tells, f"{p}_identity_number", of) for p, of in parents for tells in (NUMBER, OLD_NUMBER)],
        "meritorious_persons.profiles": [("meritorious_persons.profile_id", "origin_profile_id", ("origin_profile_id",))],
    }
    beside = {p.dataset.id: [(b.tells, b.field, b.fields) for b in p.beside] for p in places() if p.beside}
    assert {name: beside[name] for name in told} == told
    assert not beside.keys() & {"poverty.members", "social_protection.beneficiaries", "administrative_procedures.result_papers"}
    assert all(p.dataset.column(b.field).reader == EITHER for p in places() for b in p.beside if b.tells == NUMBER)


def test_of_an_erased_row_the_commune_and_the_day_stay() -> None:
    kept = {"social_protection.monthly_payments": {"ma_xa_chi_tra", "thang"}, "social_protection.beneficiaries": {"ma_xa_goc"}}
    kept |= {"administrative_procedures.progress": {"ThoiDiemXuLy"}, "administrative_procedures.result_papers": set()}
    for name, columns in kept.items():
        place = place_of(dataset_named(name))
        assert place is not None and place.kept == columns, name


def test_every_place_is_of_its_source_and_what_nobody_can_be_looked_for_in_is_said() -> None:
    assert [p.dataset.id for p in places_of("poverty")] == ["poverty.households", "poverty.members"]
    of_communes = "poverty.review_results"
    unsearched = {d.id for d in without_number()}
    assert {"labour_employment.foreign_permits", "poverty.in_year_changes"} <= unsearched - {of_communes} == unsearched
    assert place_of(dataset_named(of_communes)) is None and unsearched.isdisjoint(p.dataset.id for p in places())


def test_what_the_law_keeps_is_told_of_its_source_alone() -> None:
    assert [k.dataset for k in kept_in("social_protection")] == ["social_protection.monthly_payments"]
    assert kept_in(source_named("meritorious_persons")) == kept_in("meritorious_persons") != ()
    assert kept_in("social") == kept_in("poverty") == ()
    assert all(k.term and k.legal_basis for k in kept_by_law())

"""Persons in a register: who is entitled on the first of the report month, and how one person is told from another.

A person is told by the personal number, else by the number of the file: whoever is entitled counts once for the province,
whatever the number of files.
"""

ENTITLED = "entitled_from <= :first_of_month and (entitled_until is null or entitled_until > :first_of_month)"

DISTINCT = "count(distinct person)"


def person(key: str) -> str:
    # Persons are told apart, never ordered for reading: bytes compare twice as fast as words of a language.
    return f"""coalesce(identity_number, 'ho_so:' || {key}) collate "C\""""

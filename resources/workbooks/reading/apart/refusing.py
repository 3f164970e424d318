"""How the child says no: by the name of a failure and the facts in it, which the parent raises."""


class Refused(Exception):
    """`kind` is the name of a class of resources/workbooks/reading/failures.py; the facts hold nothing of the file's content."""

    def __init__(self, kind: str, **facts: str) -> None:
        super().__init__(kind)
        self.kind, self.facts = kind, facts


def too_large(what: str) -> Refused:
    return Refused("FileTooLarge", what=what)


def broken(why: str) -> Refused:
    return Refused("FileBroken", why=why)

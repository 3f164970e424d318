"""The same as a script for psql, for an administrator who has no ansinh: without a password, made without connecting.

psql asks for the password of each login that is made (`\\password`, which reckons the verifier at its own end).
"""

from collections.abc import Iterable, Iterator

from resources.roles import steps
from resources.roles.performing import SILENT
from resources.roles.plan import Login, Place, Plan
from resources.roles.steps import Step

HEAD = """\\set ON_ERROR_STOP on
-- ansinh setup: vai trò, tài khoản, cơ sở dữ liệu và quyền. Chạy lại nhiều lần cũng không hại.
-- Chạy bằng superuser của máy chủ: psql -X -d postgres -f <tệp này>
-- Trong tệp không có mật khẩu: psql hỏi mật khẩu của từng tài khoản mới, phải đúng mật khẩu ghi trong địa chỉ của nó."""


def script(plan: Plan) -> str:
    return "\n".join([HEAD, *(f"{statement};" for statement in SILENT), *_lines(plan), ""])


def _lines(plan: Plan) -> Iterator[str]:
    for login in plan.logins:
        yield f"{steps.refusals(login)};"
    yield "\n-- Vai trò nhóm, không đăng nhập."
    yield from _written(steps.groups(plan))
    for login in plan.logins:
        yield f"\n-- {login.setting}"
        yield from _login(login)
        yield from _written(steps.membership(login))
    for place in plan.places:
        yield from _place(place)


def _login(login: Login) -> Iterator[str]:
    yield f"select not exists ({steps.standing(login.name)}) as missing \\gset"
    yield "\\if :missing"
    yield f"create role {steps.name(login.name)} login;"
    if login.address.password:
        yield f"\\echo {_quoted(f'Mật khẩu của {login.name}, như ghi trong {login.setting}:')}"
        yield f"\\password {_quoted(login.name)}"
    yield "\\endif"


def _place(place: Place) -> Iterator[str]:
    yield f"\n-- Cơ sở dữ liệu {place.kind}"
    yield from _written(steps.database(place))
    yield f"\\connect {_quoted(place.name)}"
    yield from (f"{statement};" for statement in SILENT)
    yield "begin;"
    yield from _written(steps.entering(place))
    yield from _written(steps.inside(place))
    yield "commit;"


def _written(of: Iterable[Step]) -> Iterator[str]:
    for step in of:
        lines = [f"{step.statement};", *([f"{step.then};"] if step.then else [])]
        if step.unless is None:
            yield from lines
        else:
            yield from [f"select not exists ({step.unless}) as missing \\gset", "\\if :missing", *lines, "\\endif"]


def _quoted(text: str) -> str:
    """An argument of one of psql's own commands."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"

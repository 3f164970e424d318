"""What may come in: addressed to us, from our own page or from no page at all, by a method that is served here.

A foreign page in the officer's browser can make it send nearly anything here, so nothing is taken on the word of a cookie
alone. That it is foreign shows in the name that it believes to address (its own, pointed at this machine: DNS rebinding), in
`Origin`, and in `Sec-Fetch-Site`, none of which a page can forge.
"""

from starlette.datastructures import Headers

from pipelines.door.addresses import SETTING, Addresses
from pipelines.door.pages import Refusal

GRAPHQL = "/graphql"


def host_of(headers: Headers, addresses: Addresses) -> str:
    """The name that we are called by, refused where it is not ours."""
    found = [host.lower() for host in headers.getlist("host")]
    if len(found) != 1 or found[0] not in addresses.hosts:
        words = f"Mở bằng địa chỉ mà <code>ansinh url ui</code> in ra. Sau proxy, đặt {SETTING}."
        raise Refusal(421, "Giao diện không trả lời dưới tên này", words)
    return found[0]


def is_foreign(headers: Headers, host: str, addresses: Addresses) -> bool:
    """Whether another page than ours makes the browser ask. `same-site` is foreign: another port of this machine."""
    origins, sites = headers.getlist("origin"), headers.getlist("sec-fetch-site")
    return not all(addresses.is_same(origin, host) for origin in origins) or not {"same-origin", "none"}.issuperset(sites)


def is_followed_link(method: str, headers: Headers) -> bool:
    """Whether the request is a person's, who follows a link to here: to see a page, whole, in a tab."""
    modes, places = headers.getlist("sec-fetch-mode"), headers.getlist("sec-fetch-dest")
    return method == "GET" and modes == ["navigate"] and places == ["document"] and not headers.getlist("origin")


def foreign() -> Refusal:
    words = "Yêu cầu đến từ trang của nơi khác. Nếu tự anh/chị mở trang này, hãy gõ địa chỉ vào trình duyệt."
    return Refusal(403, "Không nhận yêu cầu từ trang khác", words)


def refuse_path(path: str) -> None:
    # A router's `$` takes a line end for the end, and a browser // or \ for another server.
    if not path.startswith("/") or path[1:2] in ("/", "\\") or any(ord(c) < 32 or ord(c) == 127 for c in path):
        raise Refusal(400, "Địa chỉ không hợp lệ", "Mở lại giao diện từ trang đầu.")


def refuse_method(method: str, path: str) -> None:
    """Pages are read; what changes something is sent to GraphQL. Dagster's other ways in to write are nobody's here."""
    allowed = "GET, HEAD, POST" if path == GRAPHQL else "GET, HEAD"
    if method not in allowed.split(", "):
        words = "Giao diện chỉ được đọc bằng GET; mọi thay đổi đi qua POST /graphql."
        raise Refusal(405, "Không nhận cách gọi này", words, {"Allow": allowed})


def refuse_not_json(headers: Headers) -> None:
    # Everything else a foreign page may send without asking: Dagster takes a document out of the address then.
    kinds = headers.getlist("content-type")
    if len(kinds) != 1 or kinds[0].partition(";")[0].strip().lower() != "application/json":
        raise Refusal(415, "Chỉ nhận JSON", "Gửi với Content-Type: application/json.")

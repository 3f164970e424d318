"""What trouble an error of a PostgreSQL server tells of, whichever server it is. Whose it is, and what is done, is said elsewhere."""

import re
from typing import Literal

Trouble = Literal[
    "login",
    "right",
    "locked",
    "changed",
    "disk",
    "strained",
    "canceled",
    "stopping",
    "damaged",
    "read_only",
    "value",
    "refused",
    "lost",
    "unencrypted",
]

# The longest beginning of a state decides. A state that stands nowhere here is an answer that refuses: the line still stands.
STATES: dict[str, Trouble] = {
    "08": "lost",
    "22": "value",  # a cell that cannot be counted with, or be given in UTF-8
    "25006": "read_only",
    "25P": "stopping",  # a transaction, or its idleness, lasted longer than the server bears
    "28": "login",
    "3D": "changed",
    "3F": "changed",
    "40": "canceled",  # by another transaction, or by what a standby replays
    "42": "changed",
    "42501": "right",
    "53": "strained",
    "53100": "disk",
    "55P03": "locked",
    "57014": "canceled",  # by its time limit, or by a person
    "57P": "stopping",
    "58": "damaged",
    "F0": "damaged",
    "XX001": "damaged",
    "XX002": "damaged",
}
# What libpq says where TLS does not come about, and what that is in ours.
TLS = (
    (r"does not match host name", "chứng chỉ của máy chủ không mang tên máy ghi trong địa chỉ"),
    (  # libpq does not say which: by a clock that is behind, or ahead, a certificate is refused in which nothing is wrong
        r"certificate verify failed",
        "chứng chỉ của máy chủ không do nơi mà sslrootcert nêu cấp, hoặc theo đồng hồ của máy này thì đã hết hạn hay chưa có hiệu lực",
    ),
    (r"root certificate file", "không đọc được tệp chứng chỉ gốc (sslrootcert) mà sslmode này cần"),
    (r"private key file", "không dùng được khóa riêng của máy khách (sslkey): thiếu, sai, hoặc người khác cũng đọc được tệp"),
    (r"requires a valid client certificate", "máy chủ đòi chứng chỉ của máy khách (sslcert, sslkey)"),
    (r"certificate file", "không đọc được chứng chỉ của máy khách (sslcert)"),
    (r"server does not support SSL", "máy chủ không nhận kết nối mã hóa mà sslmode đòi"),
    # A login that is refused over TLS is tried again without, and then this is said as well.
    (r"\A((?!FATAL)[\s\S])*FATAL((?!FATAL)[\s\S])*, no encryption", "máy chủ chỉ nhận kết nối mã hóa, mà sslmode là disable"),
    (r"SSL support is not compiled in", "công cụ này không có TLS"),
    (r"sslmode value", "sslmode viết sai hoặc không đi cùng các tham số khác của địa chỉ"),
    (r"SSL error: .*(alert|version|protocol|cipher)", "bắt tay TLS không thành"),
)
# At the opening of a connection libpq has no state to give, only the server's words, of which none leaves.
WORDS: dict[Trouble, re.Pattern[str]] = {
    "unencrypted": re.compile("|".join(said for said, _ in TLS)),
    "login": re.compile(
        r"authentication failed|not permitted to log in|no pg_hba\.conf entry|role .* does not exist|no password"
    ),
    "right": re.compile(r"permission denied for database"),
    "changed": re.compile(r"database .* (does not exist|is not currently accepting connections)"),
    "strained": re.compile(r"too many (clients|connections)|remaining connection slots"),
    "stopping": re.compile(r"database system is (starting up|shutting down|in recovery mode|not yet accepting)"),
    "disk": re.compile(r"No space left on device"),
}


def told_state(state: str) -> str:
    """A state as it may be told: a server can write anything there."""
    return state if re.fullmatch("[0-9A-Z]{5}", state) else "lạ"


def trouble_of(state: str | None, words: str = "") -> Trouble:
    """`words` are looked at where there is no state; where these say nothing either, nobody answered."""
    if not state:
        return next((trouble for trouble, said in WORDS.items() if said.search(words)), "lost")
    beginnings = (state[:length] for length in range(5, 1, -1))
    return next((STATES[b] for b in beginnings if b in STATES), "refused")


def why_no_tls(words: str) -> str | None:
    """Why TLS did not come about, by what libpq says; None where it does not speak of that."""
    return next((ours for said, ours in TLS if re.search(said, words)), None)

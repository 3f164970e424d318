"""The packet "số liệu báo cáo" (one of the 13 of QCVN 125:2021/BTTTT): its canonical form and its content hash.

The standard's field tables are not public; the fields are this project's proposal and are checked on the receiving side
by a JSON Schema. Both sides of the exchange use the first two functions below, nothing else is shared between them.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

PACKET_KIND = "so_lieu_bao_cao"
VERSION = "1.0"
UNIT = "don_vi"  # the dimension that every line has: the unit, or the province

# Not part of the content: who approved it is known after the figures are, and the hash cannot hold itself.
OUTSIDE_THE_HASH = frozenset({"bam_noi_dung", "nguoi_duyet", "thoi_diem_duyet"})


def canonical(value: Any) -> bytes:
    """The same value always gives the same bytes: keys sorted, no spaces, UTF-8."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def content_hash(packet: dict[str, Any]) -> str:
    """SHA-256 of the canonical content of a packet."""
    return hashlib.sha256(canonical({k: v for k, v in packet.items() if k not in OUTSIDE_THE_HASH})).hexdigest()


def figures_hash(lines: Sequence[Mapping[str, Any]]) -> str:
    """What makes a new revision: a figure or its state, not the words beside it."""
    return hashlib.sha256(canonical([{k: v for k, v in line.items() if k != "ghi_chu"} for line in lines])).hexdigest()

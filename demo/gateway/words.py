"""What the synthetic gateway says of a packet that it does not take: in Vietnamese, each kind of fault once."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

REASONS_SHOWN = 20
LONGEST_VALUE = 40

_WORDS = {
    "type": "không đúng kiểu {asked}.",
    "const": "phải là {asked}.",
    "pattern": "viết không đúng dạng {asked}.",
    "anyOf": "không viết theo dạng nào được nhận.",
    "minimum": "nhỏ hơn {asked}.",
    "minItems": "có ít hơn {asked} mục.",
    "minLength": "ngắn hơn {asked} ký tự.",
    "maxLength": "dài hơn {asked} ký tự.",
    "maxProperties": "có hơn {asked} mục.",
}


def reason(code: str, path: str, text: str) -> dict[str, str]:
    return {"ma": code, "duong_dan": path, "noi_dung": text}


def told(code: str, faults: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    """The reasons of faults, given as (place, sentence): each kind once, at its first place, with how many lines have it.

    A packet has a line for each figure and unit: what is wrong with one is mostly wrong with all.
    """
    first: dict[tuple[str, str], str] = {}
    lines: Counter[tuple[str, str]] = Counter()
    for path, text in faults:
        kind = re.sub(r"/\d+(?=/|$)", "", path), text
        first.setdefault(kind, path)
        lines[kind] += 1
    return [
        reason(code, path, text if lines[place, text] == 1 else f"{text.rstrip('.')} ({lines[place, text]} dòng như vậy).")
        for (place, text), path in list(first.items())[:REASONS_SHOWN]
    ]


def in_words(fault: Any) -> str:
    """An error of jsonschema as a sentence. A value is repeated only where it is one of a short list of codes."""
    asked, found = fault.validator_value, fault.instance
    match fault.validator:
        case "required":
            return f"thiếu {', '.join(name for name in asked if name not in found)}."
        case "additionalProperties":
            return f"có mục không được nhận: {', '.join(sorted(found.keys() - fault.schema['properties'].keys()))}."
        case "enum":
            value = json.dumps(found, ensure_ascii=False)[:LONGEST_VALUE]
            return f"{value} không có trong danh sách {', '.join('rỗng' if one is None else str(one) for one in asked)}."
    return _WORDS.get(fault.validator, "sai quy tắc " + fault.validator + ".").format(asked=asked)

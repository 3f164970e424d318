"""What an officer reads about a row: what is wrong, what is allowed, on which legal basis. Never the value itself.

Everything is made from the declaration and the rule's name; nothing here looks at data.
"""

import re
from typing import Any

from schemas import codes
from schemas.column import Column
from schemas.dataset import Dataset, Rule
from schemas.reading.cells import LONGEST_KEY
from schemas.terms import IDENTITY_LAW, UNITS_LAW
from schemas.vocabulary import OLD_CARD_LAW, PHONE_LAW

_UNICODE = "TCVN 6909:2001"
_LEGAL = {
    "identity_number": IDENTITY_LAW,
    "identity_or_old_card": IDENTITY_LAW,
    "old_identity_number": OLD_CARD_LAW,
    "person_name": _UNICODE,
    "text": _UNICODE,
    "commune_code": UNITS_LAW,
    "commune_name": UNITS_LAW,
    "phone_number": PHONE_LAW,
}

# Reason of a cell that cannot be read -> what is wrong.
_WRONG = {
    "too_long": "dài quá mức cho phép",
    "undecodable": "không đọc được thành chữ: sai bảng mã (không phải UTF-8) hoặc không phải kiểu chữ",
    "spreadsheet_error": "là lỗi của bảng tính (như #REF!, #N/A), công thức chưa tính, hoặc dòng thừa ô nên lệch cột; không phải giá trị",
    "lost_letters": "có chữ đã mất dấu thành dấu hỏi hoặc ký tự lạ",
    "legacy_font": "gõ bằng bảng mã cũ (TCVN3, VNI), không phải Unicode",
    "not_letters": "có ký tự không phải chữ cái tiếng Việt",
    "not_digits": "có ký tự không phải chữ số",
    "wrong_length": "thừa hoặc thiếu chữ số",
    "digits_lost": "đã bị bảng tính đổi thành số thực nên có thể mất chữ số",
    "not_a_number": "không đọc được thành số",
    "too_large": "lớn quá mức có thể có (hơn 12 chữ số)",
    "not_a_day": "không phải là một ngày có thật",
    "impossible_year": "ghi năm không thể có (trước năm 1900 hoặc sau năm 9999)",
    "two_readings": "đọc được thành nhiều ngày khác nhau",
    "number_for_day": "là một con số, không phải ngày",
    "not_an_instant": "không đọc được thành thời điểm",
    "not_a_choice": "không đọc được thành một lựa chọn",
    "not_a_code": "không đúng dạng mã",
}

# Reader -> what is allowed.
_ALLOWED = {
    "text": "chữ Unicode, không quá 1.000 ký tự",
    "coded_text": "một mã trong danh mục",
    "person_name": "chữ cái tiếng Việt Unicode, dấu cách và dấu nháy đơn, không quá 100 ký tự",
    "commune_name": "tên xã, phường, thị trấn bằng chữ Unicode",
    "commune_code": "mã xã gồm 5 chữ số",
    "identity_number": "12 chữ số",
    "identity_or_old_card": "12 chữ số; 9 chữ số của chứng minh nhân dân cũ thì nhận kèm cảnh báo",
    "old_identity_number": "9 chữ số",
    "digits": "chỉ gồm chữ số",
    "compact_upper": "chữ cái và chữ số viết liền",
    "phone_number": "10 chữ số bắt đầu bằng 03, 05, 07, 08, 09 hoặc số cố định bắt đầu bằng 02",
    "account_number": "6 đến 19 chữ cái hoặc chữ số viết liền",
    "whole_number": "số nguyên",
    "amount_vnd": "số tiền nguyên, tính bằng đồng",
    "decimal_number": "số có một chữ số thập phân",
    "sex": "1 (nam), 2 (nữ), 3 (khác, chưa xác định)",
    "yes_no": "có hoặc không (1 hoặc 0)",
    "day": "ngày, tháng, năm đầy đủ, viết dạng năm-tháng-ngày hoặc ngày/tháng/năm",
    "birth_date": "ngày, tháng, năm; chỉ biết năm thì để trống và ghi năm sinh",
    "instant": "ngày và giờ theo giờ Việt Nam",
    "compact_day": "ngày viết liền dạng năm tháng ngày (8 chữ số)",
    "compact_instant": "ngày giờ viết liền dạng năm tháng ngày giờ phút giây (14 chữ số), theo giờ Việt Nam",
}

# Last part of a repair's name -> what was done.
_REPAIRED = {
    "unicode_composed": "chữ Unicode tổ hợp đã chuyển thành dựng sẵn",
    "encoding_restored": "chữ hỏng do đọc sai bảng mã đã được khôi phục",
    "characters_cleaned": "đã bỏ ký tự ẩn, thay dấu cách lạ và chữ cái trông giống",
    "code_rewritten": "mã viết thiếu số 0, khác kiểu chữ hoặc bằng tên đã viết lại theo danh mục",
    "punctuation_removed": "đã bỏ dấu chấm, dấu cách, gạch nối giữa các ký tự",
    "leading_zero_restored": "đã thêm lại số 0 đầu bị bảng tính làm mất",
    "number_rewritten": "số viết theo kiểu khác đã được viết lại",
    "amount_rewritten": "số tiền viết bằng chữ kèm dấu phân cách hoặc đơn vị đã được đọc thành số",
    "decimal_comma_read": "dấu phẩy thập phân đã được đọc",
    "words_read": "giá trị viết bằng chữ đã được đọc thành mã",
    "date_rewritten": "ngày viết theo kiểu khác đã được viết lại",
    "precision_kept": "chỉ ghi tháng, năm hoặc năm: để trống ngày, giữ độ chính xác, không đặt thành 01/01",
    "taken_from_date": "bỏ trống, đã lấy theo năm của ngày sinh đầy đủ ghi cùng dòng",
    "instant_rewritten": "thời điểm viết theo kiểu khác đã được viết lại",
    "of_another_epoch": "mã hoặc tên xã của thời kỳ khác đã chuyển sang đơn vị duy nhất kế tục",
    "spelled_otherwise": "tên xã viết khác chính tả đã sửa theo danh mục",
}

# Last part of a reader's warning -> what is wrong.
_WARNED = {
    "is_old_card": "là số chứng minh nhân dân cũ (9 chữ số), không phải số định danh; số này được giữ làm khóa cũ",
    "well_formed": "không đúng dạng",
}


def _three(wrong: str, allowed: str, legal: str) -> str:
    return f"{wrong}. Được phép: {allowed}. Căn cứ: {legal}."


def _legal(dataset: Dataset, column: Column) -> str:
    return _LEGAL.get(column.reader) or dataset.legal


def unreadable(dataset: Dataset, column: Column, reader: str, reason: str) -> str:
    return _three(f"{column.title}: {_WRONG[reason]}", _allowed(column, reader), _legal(dataset, column))


def _allowed(column: Column, reader: str) -> str:
    if column.codes and reader in ("coded_text", "whole_number"):
        return _list(column.codes)
    if column.is_key and reader == "text":
        return f"chữ Unicode, không quá {LONGEST_KEY} ký tự"
    return _ALLOWED[reader]


def _list(name: str) -> str:
    rows = codes.rows(name)
    known = list(dict.fromkeys(r.code for r in rows))
    if len(known) <= 9:
        return "; ".join(f"{code} ({codes.label(name, code)})" for code in known)
    return f"một trong {len(known)} mã của danh mục, từ {known[0]} đến {known[-1]}"


def repaired(dataset: Dataset, column: Column, reader: str, repair: str) -> str:
    return _three(f"{column.title}: {_REPAIRED[repair]}", _allowed(column, reader), _legal(dataset, column))


def warned(dataset: Dataset, column: Column, reader: str, warning: str) -> str:
    return _three(f"{column.title}: {_WARNED[warning]}", _allowed(column, reader), _legal(dataset, column))


def absent(dataset: Dataset, column: Column, reader: str) -> str:
    return _three(f"{column.title}: bỏ trống", f"phải có, {_allowed(column, reader)}", dataset.legal)


def unlisted(dataset: Dataset, column: Column) -> str:
    name = column.codes or ""
    return _three(f"{column.title}: mã không có trong danh mục vào ngày xét", _list(name), codes.legal_basis(name))


def prefix_unlisted(dataset: Dataset, column: Column) -> str:
    return _three(
        f"{column.title}: ba chữ số đầu không phải mã tỉnh, thành phố hoặc nước đăng ký khai sinh",
        "mã của 63 tỉnh, thành phố từ 001 đến 096 hoặc mã nước",
        codes.legal_basis("provinces"),
    )


def check_failed(dataset: Dataset, column: Column, check: Any) -> str:
    """A check of the declaration itself: a range, a form, a list of values."""
    facts = dict(check.statistics or {})
    unit = f" {column.unit}" if column.unit else ""
    if "pattern" in facts:
        words = column.form.words if column.form else column.title
        return _three(f"{column.title}: không đúng dạng", words, _legal(dataset, column))
    bounds = [c.statistics for c in column.checks if c.statistics]
    least = next((b["min_value"] for b in bounds if "min_value" in b), None)
    most = next((b["max_value"] for b in bounds if "max_value" in b), None)
    if least is not None or most is not None:
        span = " ".join(([f"từ {least}"] if least is not None else []) + ([f"đến {most}"] if most is not None else []))
        return _three(f"{column.title}: ngoài khoảng cho phép", span + unit, dataset.legal)
    return _three(f"{column.title}: không hợp lệ", column.title, dataset.legal)


def implausible(dataset: Dataset, column: Column) -> str:
    unit = f" {column.unit}" if column.unit else ""
    return _three(
        f"{column.title}: lớn khác thường, kiểm tra lại", f"thường không quá {column.plausible_le}{unit}", dataset.legal
    )


def commune_unlisted(dataset: Dataset, column: Column) -> str:
    return _three(
        f"{column.title}: không phải mã một xã, phường, thị trấn của tỉnh vào ngày xét",
        "mã 5 chữ số của đơn vị hành chính đang có hiệu lực",
        _LEGAL["commune_code"],
    )


def of_another_sender(dataset: Dataset, column: Column) -> str:
    return _three(
        f"{column.title}: không phải mã một xã, phường, thị trấn của đơn vị gửi tệp",
        "dòng của đơn vị gửi; dòng của đơn vị khác do đơn vị đó gửi",
        dataset.legal,
    )


def commune_name_differs(dataset: Dataset, code: Column, name: Column) -> str:
    return _three(
        f"{name.title}: không phải tên của đơn vị có mã ghi ở cột {code.title}",
        "tên và mã của cùng một xã, phường, thị trấn vào ngày xét",
        _LEGAL["commune_name"],
    )


def key_incomplete(dataset: Dataset) -> str:
    titles = ", ".join(dataset.column(name).title for name in dataset.key)
    return _three("Thiếu hoặc không đọc được khóa của dòng", f"đủ các cột: {titles}", dataset.legal)


def outside_period(dataset: Dataset, column: Column) -> str:
    return _three(f"{column.title}: nằm ngoài kỳ báo cáo", "thuộc kỳ của lần gửi này", dataset.legal)


def rule_broken(rule: Rule) -> str:
    """The officer's message of a row rule, with its legal basis."""
    if rule.legal in rule.message:
        return rule.message
    return f"{re.sub(r'[.]$', '', rule.message)}. Căn cứ: {rule.legal}."

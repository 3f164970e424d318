"""A message to the operators, as it goes out by one channel."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True)
class Message:
    """`id` is born with it: sent again after a crash, it is known again by it."""

    id: str
    subject: str
    body: str
    composed_at: dt.datetime

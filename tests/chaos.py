"""`python -m tests.chaos`: kill -9 at random instants of a night, then the next night, beside a province that was never killed.

Two provinces live the same life. In one, each change is followed by a night killed at a random instant and a whole night;
in the other by a whole night alone. Nothing may be lost, doubled or half published: both end with the same rows, the same
quarantine, the same reports and the same open data, and no run is shown as running.
"""

import argparse
import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import ExitStack

from tests.integration.agreement import check_reconciled, check_ui_agrees, content
from tests.integration.province import Province, province

# Every dataset of the system moves, open tables and reports with it; the same rows in both provinces.
NOVEMBER = "from btxh_chi_tra where thang = '2024-11-01' order by ma_doi_tuong, ctid"
CHANGES = (
    "update btxh_doi_tuong set thon_xom = coalesce(thon_xom, 'Xóm') || ' {n}'",
    "update btxh_co_so set cong_suat = cong_suat + 1",
    "update btxh_chi_tra set da_nhan = false, ngay_nhan = null where ctid in"
    f" (select ctid {NOVEMBER} offset 11 * {{n}} limit 9) and da_nhan",
    f"delete from btxh_chi_tra where ctid in (select ctid {NOVEMBER} offset 13 * {{n}} limit 2)",
)
SOURCE = "social_protection"


def change(made: Province, trial: int) -> None:
    for statement in CHANGES:
        made.change(SOURCE, statement.format(n=trial))
    # As if the due day had just passed: on other nights open figures stand still, and nothing of them could be halved.
    made.execute("delete from ops.open_instants where source = :source", source=SOURCE)


def killed_night(made: Province, after: float) -> bool:
    """Start a night and kill its process group after so many seconds; false when it had ended before."""
    night = made.start("nightly", "--source", SOURCE)
    with contextlib.suppress(subprocess.TimeoutExpired):
        night.communicate(timeout=after)
        return False
    os.killpg(night.pid, signal.SIGKILL)
    night.wait()
    return True


def same(killed: Province, control: Province) -> None:
    found, wanted = content(killed), content(control)
    differing = [name for name in wanted if found.get(name) != wanted[name]]
    assert not differing, f"not the same after the kill: {', '.join(differing)}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=1, help="the number of the first trial, to go on where a part ended")
    parser.add_argument("--scale", default="0.002")
    asked = parser.parse_args()
    print(
        f"chaos: {asked.trials} trials from number {asked.first}, seed {asked.seed}, {SOURCE}, scale {asked.scale}",
        flush=True,
    )
    killed = 0
    with ExitStack() as stack:
        victim, control = (stack.enter_context(province(scale=asked.scale)) for _ in range(2))
        for made in (victim, control):
            made.nightly("--source", SOURCE)
        length = 5.0
        for trial in range(asked.first, asked.first + asked.trials):
            draw = random.Random(f"{asked.seed}-{trial}")
            for made in (victim, control):
                change(made, trial)
            after = draw.uniform(0.5, length)
            hit = killed_night(victim, after)
            killed += hit
            started = time.monotonic()
            control.nightly("--source", SOURCE)
            # Of a night that loads what this one did, and not a slow hour's: else many have ended before they are killed.
            length = time.monotonic() - started
            victim.nightly("--source", SOURCE)
            check_reconciled(victim)
            check_ui_agrees(victim)
            same(victim, control)
            print(
                f"trial {trial}: {'killed' if hit else 'had ended'} after {after:.2f} s; nothing lost, doubled or half",
                flush=True,
            )
    print(f"chaos: {asked.trials} trials, {killed} kills, all whole", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""What becomes of the staged cells of one period: each is accepted, refused, or left as it is; in a locked one, waiting rows are counted."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from assets.cells.acceptance import Facts, judge, refused_together
from assets.cells.following import passing
from assets.cells.outcome import CellOutcome, Outcome, Request
from assets.cells.plan import Plan
from resources.connectors.connector import Submission
from resources.warehouse.arrivals import ledger, readings
from resources.warehouse.arrivals.cells import FROM_RAW, Arrival, CellState, DatasetCells, Kind
from resources.warehouse.arrivals.readings import Seen
from resources.warehouse.loading.full import PeriodLoad
from schemas import calendar
from schemas.dataset import PROVINCE, UNKNOWN_UNIT


@dataclass(frozen=True)
class Settling:
    """How each load of one period ends in one run. `submissions` and `bookmark` are known only where the source is asked."""

    cells: DatasetCells
    period: str
    today: dt.date
    request: Request
    outcome: Outcome
    submissions: Mapping[str, Submission] = field(default_factory=dict)
    bookmark: str | None = None  # of a look at every cell

    def settle(
        self,
        load: PeriodLoad,
        plan: Plan,
        units: list[str],
        kind: Kind,
        road: str,
        pull_id: int | None,
        behind: Collection[str] = (),
        came: range | None = None,
    ) -> None:
        """Decide each cell and write all of the period's in the load's transaction. `came`: the rows of a patch."""
        states = self.cells.states(self.period, load.connection)
        crossed = load.crossed() if came is not None else ()
        decided, same = self._decide(load, plan, units, states, crossed)
        refused = [arrival.unit for arrival in decided if arrival.outcome == "refused"]
        accepted = [arrival.unit for arrival in decided if arrival.outcome != "refused"]
        if self.request.is_beside:
            same = {}  # a cell with the same content came by the main road, under its keys, and stays a cell of that road
        differing = load.merge([*accepted, *same], refused)
        load.keep_answers([*accepted, *same], accepted, came, pull_id)
        self.outcome.missed += [(self.period, unit) for unit in sorted(differing & same.keys())]
        if plan.stands:
            seen = Seen(plan.judged_by, self.bookmark, plan.of({*units, *accepted, *refused}), behind)
        else:  # the source was not asked
            seen = Seen(plan.judged_by, judged_again=units if road == FROM_RAW else ())
        self.cells.settle(
            load.connection,
            self.period,
            load.now,
            decided,
            same,
            seen,
            kind=kind,
            road=road,
            pull_id=pull_id,
            is_beside=self.request.is_beside,
        )
        if came is None:  # a cell that was refused for another's sake is looked at again together with that
            beside = [arrival.unit for arrival in decided if arrival.outcome == "refused" and not arrival.content_hash]
            readings.read_again(load.connection, self.cells.dataset, self.period, beside)
        load.commit()

    def wait(self, load: PeriodLoad, plan: Plan, units: list[str], behind: Collection[str]) -> None:
        """Count the rows that wait in locked cells. Rows for which no unit answers wait too: they come along with any cell of their period."""
        waiting = {unit: load.waiting(unit) for unit in units}
        self.outcome.waiting.update({(self.period, unit): rows for unit, rows in waiting.items() if rows})
        seen = Seen(plan.judged_by, self.bookmark, plan.of(units), {*behind, UNKNOWN_UNIT})
        # The rows of a file beside the main road that wait are kept with the file.
        self.cells.wait(load.connection, self.period, load.now, {} if self.request.is_beside else waiting, seen)
        load.commit()

    def declared_empty(self, plan: Plan, states: Mapping[str, CellState]) -> set[str]:
        """The units that say they have nothing, where nothing was ever accepted and the source has nothing either.

        A cell that holds rows is not emptied by such a word, and a cell whose rows were refused is not empty.
        """
        empty = {unit for unit, submission in self.submissions.items() if submission.declared_empty} & self._expected
        empty -= {unit for unit, stand in plan.stands.items() if stand != plan.nothing}
        return {unit for unit in empty if not (unit in states and states[unit].ever_accepted)}

    def _decide(
        self,
        load: PeriodLoad,
        plan: Plan,
        units: list[str],
        states: Mapping[str, CellState],
        crossed: Sequence[tuple[str, str]] = (),
    ) -> tuple[list[Arrival], dict[str, int | None]]:
        """The arrivals, accepted or refused; and the cells whose content stayed, with the sum of their keys.

        `crossed`: pairs of units between which rows move: the cell of one is loaded only together with that of the other.
        """
        before = self.cells.states_before(self.period, load.connection)
        counts = load.counts(states)
        resent = load.equals_previous(calendar.previous(self.period)) if before else set()
        ended = self._ended(states)
        arrivals: list[Arrival] = []
        same: dict[str, int | None] = {}
        pulled: dict[str, int] = {}
        for unit in sorted({*units, *counts, *self._looked_at_as_well(plan, states, ended)}):
            state = states.get(unit)
            count = counts.get(unit) or load.untouched(unit, state)
            facts = Facts(count, state, before.get(unit), self.submissions.get(unit), unit in resent)
            is_manual = self.request.by_hand and unit != UNKNOWN_UNIT  # that comes along
            # A patch of the province brings cells along that nobody confirmed.
            is_confirmed = unit in ended or (self.request.confirm_shrink and (self.period, unit) in (self.request.cells or ()))
            arrival = judge(self.cells.dataset, facts, load.now, is_manual=is_manual, is_confirmed=is_confirmed)
            if arrival is not None:
                if self.request.is_beside:  # the keys that it gives its rows are no keys of the cell's main road
                    arrival = replace(arrival, key_sum=None)
                if unit in plan.equal:
                    self.outcome.missed.append((self.period, unit))
                arrivals.append(arrival)
                pulled[unit] = count.pulled
                continue
            if state is not None and state.ever_accepted and state.last_outcome != "refused":
                same[unit] = count.key_sum
            if is_manual:
                nothing = CellOutcome(self.period, unit, "nothing", reason="nguồn chưa có dòng nào cho ô này")
                self.outcome.cells.append(nothing)
        arrivals = self._refused_together(arrivals, load, states, crossed)
        for arrival in arrivals:
            self._tell(arrival, pulled[arrival.unit])
        return arrivals, same

    def _ended(self, states: Mapping[str, CellState]) -> set[str]:
        """The units of a register that have ended: their cells are emptied, since their rows are their successors' now.

        Nobody is left who could confirm such a cell. One that came beside and was last refused stays: raw does not have what it holds, so
        nothing of it would follow.
        """
        if self.period != calendar.REGISTER:
            return set()
        stays = {unit for unit, state in states.items() if state.came_beside and state.last_outcome == "refused"}
        return states.keys() - self._expected - {PROVINCE} - stays

    def _looked_at_as_well(self, plan: Plan, states: Mapping[str, CellState], ended: Collection[str]) -> set[str]:
        """The units that are judged though nothing of them was staged, nor asked for."""
        if not self.request.by_hand:
            return self.declared_empty(plan, states)
        # Nobody can ask for a unit that has ended, and the unit that takes its rows waits for it.
        return {unit for unit in ended if states[unit].last_outcome == "refused"} if plan.stands else set()

    def _refused_together(
        self,
        arrivals: Sequence[Arrival],
        load: PeriodLoad,
        states: Mapping[str, CellState],
        crossed: Sequence[tuple[str, str]],
    ) -> list[Arrival]:
        """The arrivals, where those that exchange rows with a refused cell are refused with it."""
        left = {unit for unit, state in states.items() if state.last_outcome == "refused"} - {a.unit for a in arrivals}
        passes: list[tuple[str, str]] = []
        if self.period == calendar.REGISTER and not self.request.is_beside and (left or any(a.reason for a in arrivals)):
            passes = passing(load.held_places(), states, self.today)
        return refused_together(arrivals, [*crossed, *passes], left)

    def _tell(self, arrival: Arrival, pulled: int) -> None:
        self.outcome.cells.append(
            CellOutcome(
                self.period,
                arrival.unit,
                arrival.outcome,
                arrival.rows_accepted,
                arrival.rows_rejected,
                pulled,
                arrival.reason,
            )
        )

    @property
    def _expected(self) -> set[str]:
        return set(ledger.expected_units(self.cells.dataset, self.period, self.today))

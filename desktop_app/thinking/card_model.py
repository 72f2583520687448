"""What the candidate cards say, in which order: a list model over one deliberation.

It must not know how a card looks.
"""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from typing_extensions import override

from desktop_app.look.tips import plain_tip
from desktop_app.rich_text.without_marks import without_marks
from desktop_app.thinking.live import DeliberationView, LiveCandidate, Standing
from desktop_app.thinking.wording import score_text, scorer_text, stop_text, thought_cut_text
from desktop_app.words.quantities import format_count, format_rate, format_seconds
from engine.candidate import Candidate, StopReason
from engine.tally import GroupingMethod
from engine.verdict import Outcome

ModelIndex = QModelIndex | QPersistentModelIndex

_HEADLINE_WORDS = 6


class CardOrder(StrEnum):
    """How cards are sorted."""

    BY_VOTE = "vote"
    BY_NUMBER = "number"
    BY_TIME = "time"


class CandidateModel(QAbstractListModel):
    """Candidates of one view in an order, as many as are shown."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view: DeliberationView | None = None
        self._order = CardOrder.BY_VOTE
        self._limit: int | None = None
        self._all: list[int] = []
        self._shown: list[int] = []
        self._told: dict[int, tuple[object, ...]] = {}

    # --- what is shown --------------------------------------------------------------------------

    @property
    def view(self) -> DeliberationView | None:
        """The deliberation."""
        return self._view

    @property
    def order(self) -> CardOrder:
        """How finished deliberations are sorted; a running one is left in order of start."""
        return self._order

    @property
    def total(self) -> int:
        """All candidates, shown or not."""
        return len(self._all)

    def show_view(self, view: DeliberationView | None) -> None:
        """Show another deliberation, or none."""
        self.beginResetModel()
        self._view = view
        self._all = self._sorted()
        self._shown = self._all[: self._limit]
        self._told = {}
        self.endResetModel()

    def set_order(self, order: CardOrder) -> None:
        """Sort differently."""
        self._order = order
        self.refresh()

    def set_limit(self, limit: int | None) -> None:
        """Show only the first cards, or all."""
        self._limit = limit
        self.refresh()

    def refresh(self) -> None:
        """Take the view's present state and tell the cards that say something else now."""
        self._all = self._sorted()
        wanted = self._all[: self._limit]
        known = len(self._shown)
        if wanted != self._shown:
            if wanted[:known] == self._shown:
                self.beginInsertRows(QModelIndex(), known, len(wanted) - 1)
                self._shown = wanted
                self.endInsertRows()
            elif self._shown[: len(wanted)] == wanted:
                self.beginRemoveRows(QModelIndex(), len(wanted), known - 1)
                self._shown = wanted
                self.endRemoveRows()
            else:
                self.beginResetModel()
                self._shown = wanted
                self.endResetModel()
        self._tell_changed()

    def _tell_changed(self) -> None:
        view = self._view
        if view is None:
            return
        for row, index in enumerate(self._shown):
            candidate = view.candidates[index]
            state = (
                candidate.tokens, candidate.finished is not None, view.group_of(index),
                index == view.chosen, index == view.fastest, self.preferred(candidate),
            )  # fmt: skip
            if self._told.get(index) != state:
                self._told[index] = state
                self.dataChanged.emit(self.index(row), self.index(row))

    def _sorted(self) -> list[int]:
        view = self._view
        if view is None:
            return []
        indexes = sorted(view.candidates)
        if view.running or self._order is CardOrder.BY_NUMBER:
            return indexes
        if self._order is CardOrder.BY_TIME:
            return sorted(indexes, key=lambda index: (_seconds(view.candidates[index]), index))
        rank = {i: n for n, group in enumerate(view.tally.groups) for i in group.candidates}
        last = len(rank)
        return sorted(indexes, key=lambda i: (rank.get(i, last), i != view.chosen, i))

    # --- Qt's questions -------------------------------------------------------------------------

    @override
    def rowCount(self, parent: ModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._shown)

    @override
    def data(self, index: ModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        candidate = self.candidate(index)
        if candidate is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return f"#{candidate.index + 1}"
        if role in {Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole}:
            parts = [f"#{candidate.index + 1}", self.headline(candidate), *self.badges(candidate)]
            if self.preferred(candidate):
                parts.append(self.tr("preferred by you"))
            stats = " · ".join(self.stats(candidate)[0])
            text = f"{', '.join(parts)}. {stats}" if stats else ", ".join(parts)
            return plain_tip(text) if role == Qt.ItemDataRole.ToolTipRole else text
        return None

    def candidate(self, index: ModelIndex) -> LiveCandidate | None:
        """The candidate of a row."""
        if self._view is None or not 0 <= index.row() < len(self._shown):
            return None
        return self._view.candidates.get(self._shown[index.row()])

    # --- words ----------------------------------------------------------------------------------

    def headline(self, candidate: LiveCandidate) -> str:
        """The answer, or what there is instead of one."""
        view = self._view
        assert view is not None
        if candidate.answer is not None:
            return without_marks(candidate.answer)
        if candidate.finished is None:
            return self._activity(candidate)
        group = view.tally_group_of(candidate.index)
        if group is not None and group.label:
            return without_marks(group.label)
        unvoted = view.tally.method is GroupingMethod.MEDOID or _is_alone(view)
        if unvoted and candidate.response.strip():
            return " ".join(without_marks(candidate.response).split()[:_HEADLINE_WORDS])
        if view.standing(candidate.index) is Standing.NOT_COUNTED:
            return self.tr("not counted")
        return self.tr("no answer")

    def _activity(self, candidate: LiveCandidate) -> str:
        if self._view is not None and not self._view.running:
            return self.tr("not finished")
        if candidate.response:
            return self.tr("writing")
        return self.tr("thinking") if candidate.tokens else self.tr("waiting")

    def badges(self, candidate: LiveCandidate) -> list[str]:
        """What distinguishes it."""
        view = self._view
        assert view is not None
        badges = []
        if self.is_chosen(candidate):
            nobody = view.verdict is not None and view.verdict.outcome is Outcome.NO_ANSWER
            shown = (nobody or _is_alone(view)) and view.promoted is None
            badges.append(self.tr("shown") if shown else self.tr("chosen"))
        if candidate.index == view.fastest:
            badges.append(self.tr("fastest"))
        return badges

    def is_chosen(self, candidate: LiveCandidate) -> bool:
        """Whether it is what the answer shows."""
        return self._view is not None and candidate.index == self._view.chosen

    def preferred(self, candidate: LiveCandidate) -> bool:
        """Whether the person prefers it to all others."""
        return self._view is not None and self._view.feedback.preferred == candidate.index

    def stats(self, candidate: LiveCandidate) -> list[list[str]]:
        """The small line under a card in parts: in full, then ever shorter."""
        view = self._view
        assert view is not None
        tokens = self.tr("{0} tok").format(format_count(candidate.tokens))
        done = candidate.finished
        end = _end_text(done) if done is not None else ""
        if end:
            return [[end, tokens], [end]]
        if done is not None and done.score is not None:
            likely = score_text(done.score)
            return [[likely, scorer_text(view), tokens], [likely, scorer_text(view)], [likely]]
        first = candidate.first_token_seconds
        if first is None:
            return [[]]
        waited = format_seconds(first - candidate.queued_seconds)
        named = self.tr("{0} to first").format(waited)
        rate = candidate.tokens_per_second(view.elapsed_seconds)
        if rate is None:
            return [[named, tokens], [waited, tokens]]
        speed = format_rate(rate)
        if done is None:
            return [[named, speed, tokens], [speed, tokens], [speed]]
        took = format_seconds(done.seconds)
        return [[took, speed, tokens], [took, speed]]


def _is_alone(view: DeliberationView) -> bool:
    """Whether one response is all that there is, so that nobody chose it."""
    return view.verdict is not None and view.verdict.outcome is Outcome.SINGLE


def _end_text(done: Candidate) -> str:
    """What was cut of it, or "" where it ended by itself and its thought did."""
    if done.stop is not StopReason.FINISHED:
        return stop_text(done)
    return thought_cut_text(done) if done.thought_cut and done.score is None else ""


def _seconds(candidate: LiveCandidate) -> float:
    return candidate.finished.seconds if candidate.finished is not None else float("inf")

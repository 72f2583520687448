"""The lab's tables: accuracy by difficulty, and every question with what was answered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from desktop_app.lab.judgement_text import rule_words, why_words
from desktop_app.quantities import (
    NOT_AVAILABLE,
    format_count,
    format_number,
    format_seconds,
)
from desktop_app.theme import current_theme
from engine.lab.records import SampleRecord, SweepRecord, VerdictRecord
from engine.lab.results import Results

AnyIndex = QModelIndex | QPersistentModelIndex
_ROW_HEIGHT = 30
_SCROLL_BAR = 14
_NARROWEST = 36
_ROWS_MEASURED = 200
"""Rows that decide how wide a column is."""
_VOTE_COLUMN = 2


class TextTable(QAbstractTableModel):
    """Rows of texts; numbers read from the right."""

    def __init__(self) -> None:
        super().__init__()
        self._head: tuple[str, ...] = ()
        self._rows: list[tuple[str, ...]] = []
        self._warned: frozenset[tuple[int, int]] = frozenset()

    def set_rows(
        self,
        head: Sequence[str],
        rows: Sequence[Sequence[str]],
        warned: Collection[tuple[int, int]] = (),
    ) -> None:
        """Show other rows; the same ones again change nothing.

        Args:
            head: The columns' titles.
            rows: Their texts.
            warned: Cells that stand out, by row and column.
        """
        wanted = tuple(head), [tuple(row) for row in rows], frozenset(warned)
        if wanted == (self._head, self._rows, self._warned):
            return
        self.beginResetModel()
        self._head, self._rows, self._warned = wanted
        self.endResetModel()

    def rowCount(self, _parent: AnyIndex = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's
        """How many rows there are."""
        return len(self._rows)

    def columnCount(self, _parent: AnyIndex = QModelIndex()) -> int:  # noqa: N802, B008 - Qt's
        """How many columns there are."""
        return len(self._head)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """A cell's text, and where it stands."""
        if not index.isValid():
            return None
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole}:
            return self._rows[index.row()][index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column():
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ForegroundRole:
            warned = (index.row(), index.column()) in self._warned
            return QColor(current_theme().warning) if warned else None
        return None

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """A column's title."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._head[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None


class TableView(QTableView):
    """A quiet table of texts."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = TextTable()
        self.setModel(self.rows)
        self.setAccessibleName(name)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setMinimumSectionSize(_NARROWEST)


class DifficultyTable(TableView):
    """Accuracy of the five parts from easy to hard, for each rule."""

    def __init__(self) -> None:
        super().__init__("")
        self.setAccessibleName(self.tr("Accuracy by difficulty"))
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.setFixedHeight(_ROW_HEIGHT * 6 + _SCROLL_BAR)

    def show_quintiles(self, quintiles: dict[str, tuple[float, ...]]) -> None:
        """Show other numbers."""
        short = [label.split(",")[0] for label in quintiles]
        names = short if len(set(short)) == len(short) else list(quintiles)
        head = [self.tr("right, %"), *names]
        parts = [self.tr("easiest"), "2", "3", "4", self.tr("hardest")]
        rows = [
            [name, *(format_number(100 * values[place]) for values in quintiles.values())]
            for place, name in enumerate(parts)
            if all(place < len(values) for values in quintiles.values())
        ]
        self.rows.set_rows(head, rows if quintiles else [])


class LatencyTable(TableView):
    """How long a candidate takes, and tokens for a joule, by arm."""

    def __init__(self) -> None:
        super().__init__("")
        self.setAccessibleName(self.tr("Time of a candidate"))

    def show_results(self, results: Results) -> None:
        """Show another sweep's."""
        head = [
            self.tr("a candidate"), self.tr("median"), self.tr("90 %"), self.tr("99 %"),
            self.tr("tokens/J"),
        ]  # fmt: skip
        models = {label.split(", ", 1)[-1] for label in results.latency}
        rows = []
        for label, times in results.latency.items():
            rate = results.tokens_per_joule.get(label)
            said = NOT_AVAILABLE if rate is None else format_number(rate, 1)
            name = label if len(models) > 1 else label.split(", ", 1)[0]
            rows.append([name, *map(format_seconds, times), said])
        self.rows.set_rows(head, rows)
        modes = QHeaderView.ResizeMode
        for column in range(len(head)):
            mode = modes.ResizeToContents if column else modes.Stretch
            self.horizontalHeader().setSectionResizeMode(column, mode)
        self.setFixedHeight(_ROW_HEIGHT * (len(rows) + 1) + _SCROLL_BAR)


class QuestionTable(TableView):
    """Every finished question of the largest vote: its answer, the vote, how often it was right.

    Attributes:
        opened: (number) The person wants to see a question in full, from 0.
    """

    opened = Signal(int)

    def __init__(self) -> None:
        super().__init__("")
        self.setAccessibleName(self.tr("Questions"))
        self.horizontalHeader().setResizeContentsPrecision(_ROWS_MEASURED)
        self._sweep_id = ""
        self._questions: list[int] = []
        self.activated.connect(lambda index: self.opened.emit(self._questions[index.row()]))
        self.setToolTip(self.tr("Double-click a question to see its candidates"))

    def show_record(self, record: SweepRecord) -> None:
        """Show another sweep, or the same anew: what was chosen and in sight stays so."""
        same = record.summary.sweep_id == self._sweep_id
        chosen = self._question_at(self.currentIndex().row()) if same else None
        topmost = self._question_at(self.rowAt(0)) if same else None
        column = self.currentIndex().column()
        arms = record.plan.arms
        shown = max(range(len(arms)), key=lambda n: (arms[n].replayed, arms[n].attempts, -n))
        samples: defaultdict[int, list[SampleRecord]] = defaultdict(list)
        for sample in record.samples:
            if sample.place.arm == shown and sample.place.repeat == 0:
                samples[sample.place.question].append(sample)
        rows: list[list[str]] = []
        wrong: list[tuple[int, int]] = []
        self._sweep_id, self._questions = record.summary.sweep_id, []
        for verdict in record.verdicts:
            place = verdict.place
            if place.arm == shown and place.repeat == 0:
                if verdict.counts_right is False:
                    wrong.append((len(rows), _VOTE_COLUMN))
                rows.append(self._row(record, verdict, samples[place.question]))
                self._questions.append(place.question)
        head = [
            self.tr("question"), self.tr("answer"), self.tr("vote"), self.tr("right in"),
            self.tr("judged by"), self.tr("rule"), self.tr("tokens"), self.tr("seconds"),
        ]  # fmt: skip
        before = self.rows.rowCount()
        self.rows.set_rows(head, rows, wrong)
        if rows and len(rows) != before:
            self.resizeColumnsToContents()
            self.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._return_to(chosen, topmost, column)

    def clear(self) -> None:
        """Show no sweep."""
        self._sweep_id, self._questions = "", []
        self.rows.set_rows((), [])

    def _question_at(self, row: int) -> int | None:
        return self._questions[row] if 0 <= row < len(self._questions) else None

    def _return_to(self, chosen: int | None, topmost: int | None, column: int) -> None:
        """Choose a question in one of its cells, and bring another one to the top."""
        rows = {question: row for row, question in enumerate(self._questions)}
        bar = self.horizontalScrollBar()
        side = bar.value()
        if chosen is not None and chosen in rows:
            index = self.rows.index(rows[chosen], column)
            if index != self.currentIndex():
                self.setCurrentIndex(index)
        if topmost is not None and topmost in rows:
            top = self.rows.index(rows[topmost], 0)
            self.scrollTo(top, QAbstractItemView.ScrollHint.PositionAtTop)
        bar.setValue(side)

    def _row(
        self, record: SweepRecord, verdict: VerdictRecord, samples: Sequence[SampleRecord]
    ) -> list[str]:
        question = record.plan.questions.questions[verdict.place.question]
        tally = verdict.verdict.tally
        leader = tally.groups[0] if tally.groups else None
        asked = tally.votes + len(tally.no_answer)
        vote = self.tr("no answer")
        if leader is not None:
            vote = f"{leader.label} · {leader.count} / {asked}"
            if tally.is_tie:
                vote += self.tr(", a tie")
        if verdict.counts_right is False:
            vote += self.tr(", wrong")
        right = sum(sample.counts_right is True for sample in samples)
        rules = [s.candidate.answer.rule for s in samples if s.candidate.answer is not None]
        return [
            " ".join(question.text.split()),
            question.answer or self.tr("not known"),
            vote,
            f"{right} / {len(samples)}" if question.answer is not None else self.tr("not known"),
            why_words(verdict),
            rule_words(max(set(rules), key=rules.count)) if rules else "",
            format_count(verdict.tokens),
            format_seconds(verdict.seconds),
        ]

"""The lab's tables: accuracy by difficulty, and every question with what was answered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QFont, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)
from typing_extensions import override

from desktop_app.lab.judgement_text import rule_words, why_words
from desktop_app.look.steady_scroll import keep_bar_room
from desktop_app.look.theme import current_theme, pixels, theme_changes
from desktop_app.look.tips import plain_tip
from desktop_app.words.quantities import (
    NOT_AVAILABLE,
    format_count,
    format_number,
    format_seconds,
)
from engine.lab.plan import model_names
from engine.lab.records import SampleRecord, SweepRecord, VerdictRecord
from engine.lab.results import Results
from engine.lab.series import in_order

AnyIndex = QModelIndex | QPersistentModelIndex
_ROW_HEIGHT = 30
_NARROWEST = 36
_ROWS_MEASURED = 200
"""Rows that decide how wide a column is."""
_VOTE_COLUMN = 2
_LEAST_READ = (5, 4)
"""Columns that step back where there is little room; a question in full has them all."""
_QUESTION_WIDTH = 220
"""Less of a question cannot be told from another one."""


class TextTable(QAbstractTableModel):
    """Rows of texts; numbers read from the right."""

    def __init__(self) -> None:
        super().__init__()
        self._head: tuple[str, ...] = ()
        self._tips: tuple[str, ...] = ()
        self._rows: list[tuple[str, ...]] = []
        self._warned: frozenset[tuple[int, int]] = frozenset()
        self._headings: frozenset[int] = frozenset()

    def set_rows(
        self,
        head: Sequence[str],
        rows: Sequence[Sequence[str]],
        warned: Collection[tuple[int, int]] = (),
        headings: Collection[int] = (),
    ) -> None:
        """Show other rows; the same ones again change nothing.

        Args:
            head: The columns' titles.
            rows: Their texts.
            warned: Cells that stand out, by row and column.
            headings: Rows that say what the rows below them are of.
        """
        wanted = tuple(head), [tuple(row) for row in rows], frozenset(warned), frozenset(headings)
        if wanted == (self._head, self._rows, self._warned, self._headings):
            return
        self.beginResetModel()
        self._head, self._rows, self._warned, self._headings = wanted
        self._tips = ()
        self.endResetModel()

    def set_head(self, head: Sequence[str], tips: Sequence[str]) -> None:
        """Call the columns something else; what they are called in full is a tooltip."""
        if self._head != tuple(head):
            self._head, self._tips = tuple(head), tuple(tips)
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self._head) - 1)

    @property
    def headings(self) -> frozenset[int]:
        """Rows that say what the rows below them are of."""
        return self._headings

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        """A heading cannot be chosen."""
        if index.row() in self._headings:
            return Qt.ItemFlag.ItemIsEnabled
        return super().flags(index)

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
            cell = self._rows[index.row()][index.column()]
            return cell if role == Qt.ItemDataRole.DisplayRole else plain_tip(str(cell))
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column():
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.FontRole and index.row() in self._headings:
            font = QFont()
            font.setWeight(QFont.Weight.DemiBold)
            return font
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
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tips[section] if self._tips else None
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
        self.setTabKeyNavigation(False)  # Tab leads on; the arrows move within
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.verticalHeader().hide()
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setMinimumSectionSize(_NARROWEST)
        self.verticalHeader().setDefaultSectionSize(pixels(_ROW_HEIGHT))
        theme_changes().changed.connect(self._fit)

    def _fit(self) -> None:
        """Be as high and wide as the text is now."""
        self.verticalHeader().setDefaultSectionSize(pixels(_ROW_HEIGHT))


class WholeTable(TableView):
    """A table that is as high as its rows, so that it never scrolls up and down.

    The first column takes what room there is. Where there is none, titles are shorter, and where
    that is not enough, the table scrolls sideways.
    """

    def __init__(self) -> None:
        super().__init__("")
        self._heads: tuple[Sequence[str], ...] = ()
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)

    def show_parts(
        self,
        head: Sequence[str],
        parts: Mapping[str, Sequence[Sequence[str]]],
        shorter: Sequence[str] = (),
    ) -> None:
        """Show rows under the names of what they are of; a single part needs no name.

        Args:
            head: The columns' titles.
            parts: Rows by name.
            shorter: The titles where there is no room for these.
        """
        rows: list[Sequence[str]] = []
        headings = []
        for name, part in parts.items():
            if len(parts) > 1:
                headings.append(len(rows))
                rows.append([name] + [""] * (len(head) - 1))
            rows += part
        self._heads = (head, shorter or head)
        self.rows.set_rows(head, rows, headings=headings)
        self.clearSpans()
        for row in headings:
            self.setSpan(row, 0, 1, len(head))
        self._fit()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    @override
    def sizeHintForColumn(self, column: int) -> int:
        """Headings go over all columns and make none of them wider."""
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        cells = (
            self.rows.index(row, column)
            for row in range(self.rows.rowCount())
            if row not in self.rows.headings
        )
        widths = (self.itemDelegate().sizeHint(option, cell).width() for cell in cells)
        return max(widths, default=0)

    @override
    def _fit(self) -> None:
        super()._fit()
        header = self.horizontalHeader()
        columns = range(self.rows.columnCount())
        narrow = False
        for head in self._heads:
            self.rows.set_head(head, self._heads[0])
            sizes = [max(self.sizeHintForColumn(n), header.sectionSizeHint(n)) for n in columns]
            narrow = sum(sizes) > self.viewport().width()
            if not narrow:
                break
        modes = QHeaderView.ResizeMode
        for column in columns:
            first = column == 0 and not narrow
            header.setSectionResizeMode(column, modes.Stretch if first else modes.ResizeToContents)
        bar = self.horizontalScrollBar().sizeHint().height() if narrow else 0
        height = self.verticalHeader().defaultSectionSize() * self.rows.rowCount()
        frame = self.height() - self.contentsRect().height()
        self.setFixedHeight(max(0, header.sizeHint().height()) + height + bar + frame)


class DifficultyTable(WholeTable):
    """Accuracy of each rule and strategy in the five parts from easy to hard."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("Accuracy by difficulty"))

    def show_results(self, results: Results) -> None:
        """Show another sweep's."""
        shown = [curve for curve in in_order(results.curves) if curve.label in results.quintiles]
        parts: defaultdict[str, list[list[str]]] = defaultdict(list)
        for curve in shown:
            values = results.quintiles[curve.label]
            cells = (format_number(100 * value) for value in values)
            parts[curve.model].append([curve.rule, *cells])
        fifths = [self.tr("easiest"), "2", "3", "4", self.tr("hardest")]
        columns = min((len(row) for part in parts.values() for row in part), default=1)
        right = self.tr("right, %")
        self.show_parts(
            [right, *fifths][:columns], parts, shorter=[right, "1", *fifths[1:4], "5"][:columns]
        )


class LatencyTable(WholeTable):
    """How long a candidate takes, and tokens for a joule where they were measured, by arm."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("Time from a candidate's first token to its last"))

    def show_results(self, results: Results) -> None:
        """Show another sweep's."""
        head = [self.tr("strategy"), self.tr("median"), self.tr("90 %"), self.tr("99 %")]
        rates = results.tokens_per_joule
        if rates:
            head.append(self.tr("tokens/J"))
        parts: defaultdict[str, list[list[str]]] = defaultdict(list)
        for label, times in results.latency.items():
            name, _, model = label.partition(", ")
            row = [name, *map(format_seconds, times)]
            if rates:
                rate = rates.get(label)
                row.append(NOT_AVAILABLE if rate is None else format_number(rate, 1))
            parts[model].append(row)
        self.show_parts(head, parts)


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
        self._widths: list[int] = []
        """What each column needs."""
        keep_bar_room(self)
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
                row = self._row(record, verdict, samples[place.question])
                if _is_wrong(verdict, samples[place.question]):
                    wrong.append((len(rows), _VOTE_COLUMN))
                    row[_VOTE_COLUMN] += self.tr(", wrong")
                rows.append(row)
                self._questions.append(place.question)
        names = model_names(arms)
        whose = self.tr("vote, {model}").format(model=names[arms[shown].model_path])
        head = [
            self.tr("question"), self.tr("answer"),
            whose if len(names) > 1 else self.tr("vote"), self.tr("right in"),
            self.tr("judged by"), self.tr("rule"), self.tr("tokens"), self.tr("seconds"),
        ]  # fmt: skip
        before = self.rows.rowCount()
        self.rows.set_rows(head, rows, wrong)
        if rows and len(rows) != before:
            self._fit()
        self._return_to(chosen, topmost, column)

    def neighbour(self, question: int, step: int) -> int | None:
        """The question that stands so many rows below another one, or None."""
        if question not in self._questions:
            return None
        place = self._questions.index(question) + step
        return self._questions[place] if 0 <= place < len(self._questions) else None

    def clear(self) -> None:
        """Show no sweep."""
        self._sweep_id, self._questions = "", []
        self.rows.set_rows((), [])

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._leave_room()

    @override
    def _fit(self) -> None:
        super()._fit()
        if not self.rows.rowCount():
            return
        for column in _LEAST_READ:
            self.setColumnHidden(column, False)
        self.resizeColumnsToContents()
        self._widths = [self.columnWidth(column) for column in range(self.rows.columnCount())]
        self.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._leave_room()

    def _leave_room(self) -> None:
        """Leave out what is read least where the questions would have no room."""
        room = self.viewport().width() - pixels(_QUESTION_WIDTH) - sum(self._widths[1:])
        for column in _LEAST_READ:
            hidden = room < 0 and bool(self._widths)
            self.setColumnHidden(column, hidden)
            room += self._widths[column] if hidden else 0

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


def _is_wrong(verdict: VerdictRecord, samples: Sequence[SampleRecord]) -> bool:
    """Whether a vote went wrong; a tie did not where the right answer is one of its answers."""
    if verdict.counts_right is not False:
        return False
    tied = verdict.verdict.tally.leading if verdict.verdict.tally.is_tie else ()
    leading = {group.key for group in tied}
    return not any(sample.counts_right and sample.group_key in leading for sample in samples)

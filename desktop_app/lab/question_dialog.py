"""One question of a sweep in full: its votes, every candidate, and why each was judged as it was.

A wrong judgement can be corrected; the person's word is kept beside the judge's.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSplitter,
    QTreeWidget,
    QTreeWidgetItem,
    QTreeWidgetItemIterator,
    QVBoxLayout,
    QWidget,
)

from desktop_app.lab.judgement_text import judgement_words, rule_words
from desktop_app.look.theme import current_theme, pixels, theme_changes
from desktop_app.words.quantities import format_count, format_seconds
from engine.lab.plan import arm_labels
from engine.lab.records import Place, SampleRecord, SweepRecord, VerdictRecord

_SIZE = (940, 640)
_LINE_CHARACTERS, _MOST_LINES = 110, 7
"""Characters of a line of the question, about, and lines that are seen at once."""
_SIDES = (430, 510)
_ROW = 24
_SAMPLE = Qt.ItemDataRole.UserRole
_LINE = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True, slots=True)
class _Line:
    """What a line of the tree stands for: an arm, one of its groups or one of its candidates."""

    place: Place
    level: int
    group_key: str | None = None
    candidate: int | None = None


@dataclass(frozen=True, slots=True)
class _Told:
    """All that is told of a question."""

    sweep_id: str
    question: int
    samples: tuple[SampleRecord, ...]
    verdicts: tuple[VerdictRecord, ...]

    @classmethod
    def of(cls, record: SweepRecord, question: int) -> _Told:
        """Take a question out of a sweep."""
        return cls(
            record.summary.sweep_id,
            question,
            tuple(sample for sample in record.samples if sample.place.question == question),
            tuple(verdict for verdict in record.verdicts if verdict.place.question == question),
        )


class QuestionDialog(QDialog):
    """Shows one question.

    Attributes:
        corrected: (`Place`, group key, right) The person says what an answer counts as; None takes
            it back.
        stepped: (1 or -1) The person wants to see the next question, or the one before.
    """

    corrected = Signal(object, str, object)
    stepped = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Question"))
        self.resize(*_SIZE)
        self._told: _Told | None = None
        self._written = ""
        self._asked = QPlainTextEdit()
        self._asked.setReadOnly(True)
        self._asked.setAccessibleName(self.tr("Question"))
        self._about = QLabel()
        self._about.setWordWrap(True)
        self._about.setTextFormat(Qt.TextFormat.PlainText)
        self._about.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.tree = QTreeWidget()
        self.tree.setAccessibleName(self.tr("Votes and candidates"))
        self.tree.setHeaderLabels(
            [self.tr("answer"), self.tr("judged"), self.tr("rule"), self.tr("tokens")]
        )
        self.tree.setUniformRowHeights(True)
        self.tree.currentItemChanged.connect(lambda _new, _old: self._show_item())
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setAccessibleName(self.tr("What the candidate wrote"))
        self.right = QPushButton(self.tr("Count as right"))
        self.wrong = QPushButton(self.tr("Count as wrong"))
        self.judged = QPushButton(self.tr("As judged"))
        self.previous, self.next = QPushButton(self.tr("Previous")), QPushButton(self.tr("Next"))
        for button, step, tip in (
            (self.previous, -1, self.tr("The question above, in the order of the table")),
            (self.next, 1, self.tr("The question below, in the order of the table")),
        ):
            button.setAutoDefault(False)
            button.setToolTip(tip)
            button.clicked.connect(lambda _checked=False, step=step: self.stepped.emit(step))
        self._close = QPushButton(self.tr("Close"))
        self._close.setAutoDefault(False)
        self._close.clicked.connect(self.reject)
        for button, said in ((self.right, True), (self.wrong, False), (self.judged, None)):
            button.setAutoDefault(False)
            button.clicked.connect(lambda _checked=False, said=said: self._correct(said))
        self._build()
        self._restyle()
        theme_changes().changed.connect(self._restyle)

    def show_question(self, record: SweepRecord, question: int) -> None:
        """Show a question."""
        self._told = None
        self.tree.clear()
        asked = record.plan.questions.questions[question]
        answer = asked.answer or self.tr("not known")
        self._asked.setPlainText(asked.text)
        lines = sum(len(line) // _LINE_CHARACTERS + 1 for line in asked.text[:2000].split("\n"))
        spacing = self._asked.fontMetrics().lineSpacing()
        self._asked.setFixedHeight(spacing * min(lines, _MOST_LINES) + pixels(24))
        self.tree.setFocus()
        self._about.setText(self.tr("Right answer: {answer}").format(answer=answer))
        self._show(record, _Told.of(record, question))

    def offer_steps(self, *, before: bool, after: bool) -> None:
        """Say whether there is a question before this one, and one after it."""
        self.previous.setEnabled(before)
        self.next.setEnabled(after)

    @property
    def question(self) -> int | None:
        """The number of the question that is shown, from 0."""
        return self._told.question if self._told is not None else None

    def refresh(self, record: SweepRecord) -> None:
        """Show what is new of the question; what is open, chosen and in sight stays so.

        Args:
            record: The sweep that is looked at now. Another one closes the window, because what
                is corrected counts for the sweep that is looked at.
        """
        told = self._told
        if told is None:
            return
        if record.summary.sweep_id != told.sweep_id:
            self.reject()
            return
        now = _Told.of(record, told.question)
        if now != told:
            self._show(record, now)

    def _show(self, record: SweepRecord, told: _Told) -> None:
        self._told = told
        with QSignalBlocker(self.tree):  # the text beside it stays while the lines are made anew
            kept = _Kept(self.tree)
            self.tree.clear()
            samples: defaultdict[Place, list[SampleRecord]] = defaultdict(list)
            for sample in told.samples:
                samples[sample.place].append(sample)
            for verdict in told.verdicts:
                self._add_arm(record, verdict.place, samples[verdict.place])
            kept.restore(self.tree)
        self._show_item()

    def _restyle(self) -> None:
        """Follow another theme or size of text."""
        self.tree.setStyleSheet(f"QTreeView::item {{ height: {pixels(_ROW)}px; }}")
        for item in _lines(self.tree).values():
            sample = item.data(0, _SAMPLE)
            if isinstance(sample, SampleRecord):
                _colour(item, sample)

    def _add_arm(self, record: SweepRecord, place: Place, samples: list[SampleRecord]) -> None:
        label = arm_labels(record.plan.arms)[place.arm]
        if record.plan.repeats > 1:
            label += self.tr(", time {number}").format(number=place.repeat + 1)
        arm = QTreeWidgetItem([label])
        arm.setData(0, _LINE, _Line(place, 0))
        self.tree.addTopLevelItem(arm)
        arm.setFirstColumnSpanned(True)
        groups: defaultdict[str | None, list[SampleRecord]] = defaultdict(list)
        for sample in samples:
            groups[sample.group_key].append(sample)
        for key, members in sorted(
            groups.items(), key=lambda item: (item[0] is None, -len(item[1]))
        ):
            answer = members[0].candidate.answer
            said = answer.text if answer is not None and key is not None else self.tr("no answer")
            group = QTreeWidgetItem(
                [self.tr("{answer} · {count} of {all}").format(
                    answer=said, count=len(members), all=len(samples)),
                 judgement_words(members[0])]
            )  # fmt: skip
            _colour(group, members[0])
            group.setData(0, _SAMPLE, members[0])
            group.setData(0, _LINE, _Line(place, 1, group_key=key))
            arm.addChild(group)
            for sample in members:
                group.addChild(self._item_of(sample))

    def _item_of(self, sample: SampleRecord) -> QTreeWidgetItem:
        candidate = sample.candidate
        answer = candidate.answer
        item = QTreeWidgetItem(
            [
                self.tr("candidate {number}").format(number=candidate.index + 1),
                judgement_words(sample),
                rule_words(answer.rule) if answer is not None else "",
                format_count(candidate.tokens),
            ]
        )
        _colour(item, sample)
        item.setData(0, _SAMPLE, sample)
        item.setData(0, _LINE, _Line(sample.place, 2, candidate=candidate.index))
        return item

    def _build(self) -> None:
        header = self.tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        sides = QSplitter(Qt.Orientation.Horizontal)
        sides.addWidget(self.tree)
        sides.addWidget(self.text)
        row = QHBoxLayout()
        for button in (self.right, self.wrong, self.judged):
            row.addWidget(button)
        row.addStretch(1)
        for button in (self.previous, self.next, self._close):
            row.addWidget(button)
        sides.setSizes(list(_SIDES))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(20, 20, 20, 16)
        whole.setSpacing(12)
        whole.addWidget(self._asked)
        whole.addWidget(self._about)
        whole.addWidget(sides, 1)
        whole.addLayout(row)

    def _sample(self) -> SampleRecord | None:
        item = self.tree.currentItem()
        found = item.data(0, _SAMPLE) if item is not None else None
        return found if isinstance(found, SampleRecord) else None

    def _show_item(self) -> None:
        sample = self._sample()
        votes = sample is not None and sample.group_key is not None
        for button in (self.right, self.wrong):
            button.setEnabled(votes)
        self.judged.setEnabled(votes and sample is not None and sample.corrected is not None)
        written = "" if sample is None else self._words(sample)
        if written != self._written:  # equal text stays where it is read
            self._written = written
            self.text.setPlainText(written)

    def _words(self, sample: SampleRecord) -> str:
        candidate = sample.candidate
        answer = candidate.answer
        head = self.tr("{tokens} tokens, {seconds}, {stop}; seed {seed}").format(
            tokens=format_count(candidate.tokens),
            seconds=format_seconds(candidate.seconds),
            stop=candidate.stop.value,
            seed=candidate.seed,
        )
        if answer is not None:
            head += "\n" + self.tr("Answer {answer}, found by: {rule}").format(
                answer=answer.text, rule=rule_words(answer.rule)
            )
        if candidate.score is not None:
            said = self.tr("The model says that it is right with a chance of {score:.2f}")
            head += "\n" + said.format(score=candidate.score)
        if candidate.confidence is not None:
            said = self.tr("Mean probability of its tokens: {chance:.2f}")
            head += "\n" + said.format(chance=candidate.confidence)
        parts = [head]
        if candidate.thought:
            parts += [self.tr("Thought:"), candidate.thought.strip()]
        return "\n\n".join([*parts, candidate.response.strip()])

    def _correct(self, said: bool | None) -> None:  # noqa: FBT001 - the word itself
        sample = self._sample()
        if sample is not None and sample.group_key is not None:
            self.corrected.emit(sample.place, sample.group_key, said)


def _colour(item: QTreeWidgetItem, sample: SampleRecord) -> None:
    """Let wrong answers be seen before their words are read."""
    if sample.counts_right is False:
        item.setForeground(1, QColor(current_theme().warning))


class _Kept:
    """What a person did to a tree: opened and closed lines, one chosen, one at the top.

    Args:
        tree: The tree before its lines are made anew.
    """

    def __init__(self, tree: QTreeWidget) -> None:
        self._opened = {line: item.isExpanded() for line, item in _lines(tree).items()}
        self._chosen = _line_of(tree.currentItem())
        self._topmost = _line_of(tree.itemAt(0, 0))

    def restore(self, tree: QTreeWidget) -> None:
        """Do the same to the new lines; arms that are new are open, and some group is chosen."""
        lines = _lines(tree)
        first = next((item for line, item in lines.items() if line.level == 1), None)
        chosen = lines.get(self._chosen, first) if self._chosen is not None else first
        if chosen is not None:
            tree.setCurrentItem(chosen)  # first, because it opens the lines above
        for line, item in lines.items():
            item.setExpanded(self._opened.get(line, line.level == 0))
        topmost = lines.get(self._topmost) if self._topmost is not None else None
        if topmost is not None:
            tree.scrollToItem(topmost, QTreeWidget.ScrollHint.PositionAtTop)


def _lines(tree: QTreeWidget) -> dict[_Line, QTreeWidgetItem]:
    """Every line of the tree, from its top."""
    found = {}
    walk = QTreeWidgetItemIterator(tree)
    while (item := walk.value()) is not None:
        line = _line_of(item)
        if line is not None:
            found[line] = item
        walk += 1
    return found


def _line_of(item: QTreeWidgetItem | None) -> _Line | None:
    line = item.data(0, _LINE) if item is not None else None
    return line if isinstance(line, _Line) else None

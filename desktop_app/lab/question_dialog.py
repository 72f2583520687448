"""One question of a sweep in full: its votes, every candidate, and why each was judged as it was.

A wrong judgement can be corrected; the person's word is kept beside the judge's.
"""

from __future__ import annotations

from collections import defaultdict

from PySide6.QtCore import Qt, Signal
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
    QVBoxLayout,
    QWidget,
)

from desktop_app.lab.judgement_text import judgement_words, rule_words
from desktop_app.quantities import format_count, format_seconds
from engine.lab.records import Place, SampleRecord, SweepRecord

_SIZE = (940, 640)
_SIDES = (430, 510)
_ROLE = Qt.ItemDataRole.UserRole


class QuestionDialog(QDialog):
    """Shows one question.

    Attributes:
        corrected: (`Place`, group key, right) The person says what an answer counts as; None takes
            it back.
    """

    corrected = Signal(object, str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Question"))
        self.resize(*_SIZE)
        self._question = -1
        self._about = QLabel()
        self._about.setWordWrap(True)
        self._about.setTextFormat(Qt.TextFormat.PlainText)
        self._about.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.tree = QTreeWidget()
        self.tree.setAccessibleName(self.tr("Votes and candidates"))
        self.tree.setHeaderLabels(
            [self.tr("answer"), self.tr("judged"), self.tr("rule"), self.tr("tokens")]
        )
        self.tree.currentItemChanged.connect(lambda _new, _old: self._show_item())
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setAccessibleName(self.tr("What the candidate wrote"))
        self.right = QPushButton(self.tr("Count as right"))
        self.wrong = QPushButton(self.tr("Count as wrong"))
        self.judged = QPushButton(self.tr("As judged"))
        for button, said in ((self.right, True), (self.wrong, False), (self.judged, None)):
            button.setAutoDefault(False)
            button.clicked.connect(lambda _checked=False, said=said: self._correct(said))
        self._build()

    @property
    def question(self) -> int:
        """Which question is shown, from 0."""
        return self._question

    def show_question(self, record: SweepRecord, question: int) -> None:
        """Show a question, or the same one anew; what was chosen stays chosen."""
        chosen = self._chosen() if question == self._question else None
        self._question = question
        asked = record.plan.questions.questions[question]
        answer = asked.answer or self.tr("not known")
        self._about.setText(
            self.tr("{question}\n\nRight answer: {answer}").format(
                question=asked.text, answer=answer
            )
        )
        self.tree.clear()
        samples: defaultdict[Place, list[SampleRecord]] = defaultdict(list)
        for sample in record.samples:
            if sample.place.question == question:
                samples[sample.place].append(sample)
        for verdict in record.verdicts:
            if verdict.place.question == question:
                self._add_arm(record, verdict.place, samples[verdict.place])
        self.tree.expandToDepth(0)
        header = self.tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._choose(chosen)

    def _add_arm(self, record: SweepRecord, place: Place, samples: list[SampleRecord]) -> None:
        label = record.plan.arms[place.arm].label
        if record.plan.repeats > 1:
            label += self.tr(", time {number}").format(number=place.repeat + 1)
        arm = QTreeWidgetItem([label])
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
                [self.tr("{count} × {answer}").format(count=len(members), answer=said),
                 judgement_words(members[0])]
            )  # fmt: skip
            group.setData(0, _ROLE, members[0])
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
        item.setData(0, _ROLE, sample)
        return item

    def _build(self) -> None:
        sides = QSplitter(Qt.Orientation.Horizontal)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.tree, 1)
        row = QHBoxLayout()
        for button in (self.right, self.wrong, self.judged):
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        sides.addWidget(left)
        sides.addWidget(self.text)
        sides.setSizes(list(_SIDES))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(20, 20, 20, 16)
        whole.setSpacing(12)
        whole.addWidget(self._about)
        whole.addWidget(sides, 1)

    def _sample(self) -> SampleRecord | None:
        item = self.tree.currentItem()
        found = item.data(0, _ROLE) if item is not None else None
        return found if isinstance(found, SampleRecord) else None

    def _show_item(self) -> None:
        sample = self._sample()
        votes = sample is not None and sample.group_key is not None
        for button in (self.right, self.wrong):
            button.setEnabled(votes)
        self.judged.setEnabled(votes and sample is not None and sample.corrected is not None)
        self.text.setPlainText("" if sample is None else self._written(sample))

    def _written(self, sample: SampleRecord) -> str:
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
        parts = [head]
        if candidate.thought:
            parts += [self.tr("Thought:"), candidate.thought.strip()]
        return "\n\n".join([*parts, candidate.response.strip()])

    def _correct(self, said: bool | None) -> None:  # noqa: FBT001 - the word itself
        sample = self._sample()
        if sample is not None and sample.group_key is not None:
            self.corrected.emit(sample.place, sample.group_key, said)

    def _chosen(self) -> tuple[Place, int] | None:
        sample = self._sample()
        return None if sample is None else (sample.place, sample.candidate.index)

    def _choose(self, chosen: tuple[Place, int] | None) -> None:
        """Choose the same candidate as before, else the first group."""
        tops = [self.tree.topLevelItem(n) for n in range(self.tree.topLevelItemCount())]
        for group in (group for arm in tops for group in _children(arm)):
            for item in (group, *_children(group)):
                found = item.data(0, _ROLE)
                if chosen is None or (found.place, found.candidate.index) == chosen:
                    self.tree.setCurrentItem(item)
                    return


def _children(item: QTreeWidgetItem | None) -> list[QTreeWidgetItem]:
    found = [item.child(n) for n in range(item.childCount())] if item is not None else []
    return [child for child in found if child is not None]

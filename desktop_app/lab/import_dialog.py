"""Which columns of a file say what: chosen by the person, with a preview of what comes of it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHeaderView,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from desktop_app.lab.lab_tables import TableView
from desktop_app.look.combo_popup import dress_popup
from desktop_app.settings_pages.settings_form import row
from desktop_app.words.quantities import format_count
from engine.lab.question_table import (
    Columns,
    QuestionFileError,
    Row,
    column_names,
    guess_columns,
    questions_from,
)
from engine.lab.questions import Question

_SIZE = (820, 560)
_PREVIEWED = 50
_LONGEST_SHOWN = 300


class ImportDialog(QDialog):
    """Asks what the columns mean.

    Args:
        name: What is imported.
        rows: All rows, with their line numbers.
    """

    def __init__(
        self, name: str, rows: Sequence[tuple[int, Row]], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Import {name}").format(name=name))
        self.resize(*_SIZE)
        self._rows = rows
        names = column_names(rows)
        guessed = guess_columns(names) or Columns(names[0] if names else "")
        self._question = self._box(names, guessed.question, optional=False)
        self._answer = self._box(names, guessed.answer)
        self._choices = self._box(names, guessed.choices)
        self._group = self._box(names, guessed.group)
        self._preview = TableView(self.tr("Preview"))
        self._about = QLabel()
        self._about.setWordWrap(True)
        self._about.setTextFormat(Qt.TextFormat.PlainText)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setText(self.tr("Import"))
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setProperty("primary", True)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self._build()
        self._show_preview()

    @property
    def columns(self) -> Columns:
        """What was chosen."""
        return Columns(*(str(box.currentData()) for box in self._boxes()))

    def choose(self, columns: Columns) -> None:
        """Choose columns."""
        names = (columns.question, columns.answer, columns.choices, columns.group)
        for box, name in zip(self._boxes(), names, strict=True):
            box.setCurrentIndex(box.findData(name))

    @property
    def about(self) -> str:
        """What is said of the choice."""
        return self._about.text()

    def _boxes(self) -> tuple[QComboBox, ...]:
        return (self._question, self._answer, self._choices, self._group)

    def _box(self, names: Sequence[str], chosen: str, *, optional: bool = True) -> QComboBox:
        box = QComboBox()
        dress_popup(box)
        if optional:
            box.addItem(self.tr("none"), "")
        for name in names:
            box.addItem(name, name)
        box.setCurrentIndex(max(0, box.findData(chosen)))
        box.currentIndexChanged.connect(lambda _row: self._show_preview())
        return box

    def _build(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(20)
        row(form, self.tr("Question"), self._question)
        row(form, self.tr("Right answer"), self._answer)
        row(form, self.tr("Choices"), self._choices, self.tr("A list, lettered A, B, C …"))
        row(form, self.tr("Group"), self._group, self.tr("A subject or a level"))
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(12)
        column.addLayout(form)
        column.addWidget(self._preview, 1)
        column.addWidget(self._about)
        column.addWidget(self.buttons)

    def _without_answer(self) -> int:
        column = self.columns.answer
        return sum(row.get(column) in (None, "") for _, row in self._rows)

    def _show_preview(self) -> None:
        head = (self.tr("question"), self.tr("right answer"), self.tr("group"))
        good, problem = self._read()
        self._preview.rows.set_rows(head, [self._cells(question) for question in good])
        header = self._preview.horizontalHeader()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        keyed = sum(question.answer is not None for question in good)
        said = self.tr("{count} rows").format(count=format_count(len(self._rows)))
        if problem:
            said = problem
        elif not keyed:
            said += self.tr("; without a right answer only agreement is measured")
        elif unkeyed := self._without_answer():
            said += self.tr("; {count} without a right answer do not count for accuracy").format(
                count=format_count(unkeyed)
            )
        self._about.setText(said)
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(bool(good))

    def _read(self) -> tuple[tuple[Question, ...], str]:
        """The first rows as questions, and what is wrong with them."""
        try:
            return questions_from(self._rows[:_PREVIEWED], self.columns), ""
        except QuestionFileError as error:
            return (), error.detail

    def _cells(self, question: Question) -> tuple[str, str, str]:
        text = " ".join(question.text[:_LONGEST_SHOWN].split())
        return text, question.answer or self.tr("not known"), question.group

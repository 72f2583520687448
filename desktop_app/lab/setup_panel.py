"""The left side of the lab: what is asked, who answers, and how much thinking each gets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from PySide6.QtCore import QCoreApplication, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from desktop_app.engines import SavedEngine
from desktop_app.lab.asked_question import AskedQuestion
from desktop_app.lab.learned_tables import with_learned_tables
from desktop_app.lab.question_sources import (
    DEFAULT_COUNT,
    DEFAULT_SEED,
    built_in_sets,
    question_set,
)
from desktop_app.look.combo_popup import dress_popup
from desktop_app.look.cut_combo import CutCombo
from desktop_app.look.steady_scroll import keep_bar_room
from desktop_app.look.theme import pixels, theme_changes
from desktop_app.look.tips import plain_tip
from desktop_app.settings import Settings
from desktop_app.settings_pages.settings_form import OptionalNumber, scrolled, whole
from desktop_app.spending import budget_for
from desktop_app.words.model_names import model_names
from desktop_app.words.strategy_text import UNITS, strategy_text
from engine.lab.plan import Limits, SweepPlan, make_plan, with_scores
from engine.lab.questions import Question, QuestionSet
from engine.options import Weighting
from models.library import LibraryModel

_LONGEST_TIP = 600
"""Characters of a question that its tooltip shows."""
_FRAME = 10
"""Border and padding of the list of models, above and below."""
_MODEL_ROW = 28
_FEWEST_ROWS, _MOST_ROWS = 2, 5
"""Of models; more are scrolled to."""


class SetupPanel(QWidget):
    """Builds a plan.

    Args:
        settings: How models are loaded and asked now.

    Attributes:
        start_requested: (compose, trial) The person wants to run this: a function that composes
            the questions, which takes its time, and returns the `SweepPlan`; and whether no more
            than tells what it takes.
        settings_requested: The person wants to change how attempts are drawn.
        refused: (text) Why what is set up makes no sense.
        import_requested: The person has a file of questions.
        dataset_requested: The person wants questions from the hub.
        changed: Something else is set up now.
    """

    start_requested = Signal(object, bool)
    settings_requested = Signal()
    refused = Signal(str)
    import_requested = Signal()
    dataset_requested = Signal()
    changed = Signal()

    def __init__(self, settings: Callable[[], Settings]) -> None:
        super().__init__()
        self._settings = settings
        self._set = CutCombo()
        dress_popup(self._set)
        self._set.setAccessibleName(self.tr("Question set"))
        for name in built_in_sets():
            self._set.addItem(name, name)
        self._imported: dict[str, QuestionSet] = {}
        self._asked_in_chat: dict[str, AskedQuestion] = {}
        """By the digest of the set that each is."""
        self._key, self._remark = self._build_key()
        self._import = QPushButton(self.tr("Import a file…"))
        self._import.setToolTip(self.tr("JSONL, CSV or Parquet"))
        self._import.clicked.connect(lambda _checked=False: self.import_requested.emit())
        self._hub = QPushButton(self.tr("From the hub…"))
        self._hub.clicked.connect(lambda _checked=False: self.dataset_requested.emit())
        self._count, self._repeats, self._seed = self._build_numbers()
        self._asking = QLabel()
        self._asking.setWordWrap(True)
        self._asking.setProperty("muted", True)
        self._change = QPushButton(self.tr("Change…"))
        self._change.setProperty("flat", True)
        self._change.setToolTip(self.tr("As in chat: sampling, limits and instructions"))
        self._change.clicked.connect(lambda _checked=False: self.settings_requested.emit())
        self._models = QListWidget()
        self._proposed: set[Path] = set()
        """Models that are checked without the person's doing."""
        self._models.setAccessibleName(self.tr("Models"))
        keep_bar_room(self._models)
        self._strategies = {name: QCheckBox(strategy_text(name).title) for name in UNITS}
        for name, box in self._strategies.items():
            box.setToolTip(strategy_text(name).tip)
        self._strategies["vote"].setChecked(True)
        self._scored = QCheckBox(self.tr("Ask how sure it is of each sample"))
        self._scored.setToolTip(
            self.tr("One more reading a sample; weighted votes and learned tables then use it")
        )
        self._budgets = QLineEdit("1, 2, 4, 8, 16")
        self._budgets.setAccessibleName(self.tr("Budgets"))
        self._celsius, self._kilojoules = self._build_limits()
        self._estimate = QLabel()
        self._estimate.setWordWrap(True)
        self._estimate.setProperty("muted", True)
        self._try, self._start = self._build_starts()
        self._build()
        theme_changes().changed.connect(self._fit)
        self._fit()
        self._set.currentIndexChanged.connect(lambda _row: self._on_set_chosen())
        for number in (self._count, self._repeats, self._seed):
            number.valueChanged.connect(lambda _value: self.changed.emit())
        self._budgets.textChanged.connect(lambda _text: self.changed.emit())
        self._models.itemChanged.connect(lambda _item: self.changed.emit())
        for box in (*self._strategies.values(), self._scored):
            box.toggled.connect(lambda _on: self.changed.emit())

    def show_models(
        self,
        models: Sequence[LibraryModel],
        chosen: Path,
        engines: Sequence[SavedEngine] = (),
    ) -> None:
        """Offer the usable models and engines; one is chosen until the person chooses.

        Args:
            models: Those on this computer.
            chosen: The file to choose.
            engines: Those elsewhere.
        """
        before = set(self._chosen_models())
        proposing = not before or before == self._proposed
        if proposing:
            before = {chosen}
        self._models.clear()
        names = model_names(models)
        offered = [(names[model.path], model.path) for model in models if not model.problem]
        offered.sort(key=lambda named: named[0].casefold())
        offered += [(engine.name, engine.path) for engine in engines if not engine.trouble]
        for name, path in offered:
            item = QListWidgetItem(name)
            item.setData(Qt.ItemDataRole.UserRole, str(path))
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            on = path in before
            item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
            self._models.addItem(item)
        self._fit_models()
        if not self._chosen_models() and self._models.count():
            self._models.item(0).setCheckState(Qt.CheckState.Checked)
        if proposing:
            self._proposed = set(self._chosen_models())

    def choose_model(self, path: Path) -> None:
        """Check one model."""
        for row in range(self._models.count()):
            item = self._models.item(row)
            if Path(str(item.data(Qt.ItemDataRole.UserRole))) == path:
                item.setCheckState(Qt.CheckState.Checked)

    def set_up(self, *, questions: int, budgets: str, strategies: Sequence[str]) -> None:
        """Fill in the form."""
        self._count.setValue(questions)
        self._budgets.setText(budgets)
        for name, box in self._strategies.items():
            box.setChecked(name in strategies)

    def show_running(self, *, running: bool) -> None:
        """While a sweep runs no other one begins."""
        for button in (self._start, self._try):
            button.setEnabled(not running)

    def show_estimate(self, text: str, *, unknown: bool = False) -> None:
        """Say what it will take.

        Args:
            text: The words.
            unknown: Whether that is not known, so that a trial would tell.
        """
        self._estimate.setText(text)
        self._try.setVisible(unknown)

    def show_settings(self) -> None:
        """Say how every attempt is drawn, which the settings decide."""
        self._asking.setText(asking_words(self._settings(), self._from_chat))

    @property
    def limits(self) -> Limits:
        """When a sweep ends by itself."""
        joules = self._kilojoules.number
        return Limits(joules * 1000.0 if joules else None, self._celsius.number)

    def outline(self) -> SweepPlan | None:
        """Return what is set up without its questions' texts; None while it makes no sense."""
        try:
            return self._outline()
        except ValueError:
            return None

    def plan(self) -> SweepPlan:
        """Return what is set up.

        Raises:
            QuestionFileError: The question set cannot be read.
            ValueError: It makes no sense.
        """
        return self._composing()()

    def _composing(self) -> Callable[[], SweepPlan]:
        """What is set up now; the questions are composed when it is called, on any thread.

        Raises:
            ValueError: It makes no sense.
        """
        outline = self._outline()
        chosen, count = str(self._set.currentData()), self._count.value()
        seed = self._seed.value()
        found = self._imported.get(chosen)
        key = self._key.text().strip() if self._from_chat is not None else ""
        if found is not None and key:
            keyed = tuple(msgspec.structs.replace(q, answer=key) for q in found.questions)
            found = msgspec.structs.replace(found, questions=keyed)

        def compose() -> SweepPlan:
            questions = (
                question_set(chosen, count, seed)
                if found is None
                else msgspec.structs.replace(found, questions=found.questions[:count])
            )
            return msgspec.structs.replace(outline, questions=questions)

        return compose

    def _outline(self) -> SweepPlan:
        strategies = [name for name, box in self._strategies.items() if box.isChecked()]
        words = self._budgets.text().replace(",", " ").split()
        if not all(word.isdecimal() for word in words):
            raise ValueError(self.tr("budgets are whole numbers, such as 1, 4, 16"))
        settings, asked_there = self._settings(), self._from_chat
        asked = QuestionSet("", "", (Question(""),) * self._asked())
        base = SweepPlan(
            asked,
            (),
            repeats=self._repeats.value(),
            seed=self._seed.value(),
            sampling=msgspec.structs.replace(settings.sampling, seed=None),
            load=settings.engine,
            limits=self.limits,
            instructions=settings.chat.instructions
            if asked_there is None
            else asked_there.instructions,
        )
        thinking = settings.thinking
        plan = make_plan(
            asked,
            self._chosen_models(),
            strategies,
            [int(word) for word in words],
            base,
            # votes are weighed, and the first that finish told, when a sweep is replayed
            msgspec.structs.replace(
                thinking.options, weighting=Weighting.EQUAL, first_finished=None
            ),
            budget_for(thinking, thinking.strategy),
        )
        if self._scored.isChecked():
            plan = with_scores(plan)
        return with_learned_tables(plan, thinking)

    def add_set(self, found: QuestionSet) -> None:
        """Offer an imported set, and choose it."""
        if found.digest not in self._imported:
            self._imported[found.digest] = found
            self._set.addItem(found.name, found.digest)
            tip = plain_tip(found.source)
            self._set.setItemData(self._set.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self._set.setCurrentIndex(self._set.findData(found.digest))
        self._count.setValue(len(found.questions))

    def add_question(self, asked: AskedQuestion) -> None:
        """Offer a question of a conversation as a set, and choose it; it is ready to be started."""
        found = asked.question_set
        self._asked_in_chat[found.digest] = asked
        self._key.clear()
        self.add_set(found)
        self._on_set_chosen()
        self._start.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def _from_chat(self) -> AskedQuestion | None:
        """The question of a conversation that is chosen, or None."""
        return self._asked_in_chat.get(str(self._set.currentData()))

    def _asked(self) -> int:
        """How many questions will be asked: no more than an imported set has."""
        found = self._imported.get(str(self._set.currentData()))
        return min(self._count.value(), len(found.questions)) if found else self._count.value()

    # --- building -------------------------------------------------------------------------------

    def _build(self) -> None:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(16, 12, 4, 12)  # and at the right, the bar's place
        column.setSpacing(6)
        self._add(column, self.tr("Questions"), self._set)
        for widget in (self._key, self._remark):
            column.addWidget(widget)
        column.addWidget(self._count)
        self._add_row(column, self._repeats, self._seed)
        self._add_row(column, self._import, self._hub)
        self._add(column, self.tr("Models"), self._models)
        self._add(column, self.tr("Strategies"))
        boxes = list(self._strategies.values())
        for first in range(0, len(boxes), 2):
            self._add_row(column, *boxes[first : first + 2])
        column.addWidget(self._scored)
        note = QLabel(self.tr("Votes are sampled once, at the largest; smaller ones are replayed."))
        note.setWordWrap(True)
        note.setProperty("muted", True)
        self._add(column, self.tr("Budgets"), self._budgets, note)
        each = QHBoxLayout()
        each.setContentsMargins(0, 4, 0, 0)
        title = _heading(self.tr("Each attempt"))
        title.setContentsMargins(0, 0, 0, 0)
        each.addWidget(title, 1)
        each.addWidget(self._change)
        column.addLayout(each)
        column.addWidget(self._asking)
        self._add(column, self.tr("Limits"))
        self._add_row(column, self._celsius, self._kilojoules)
        column.addStretch(1)
        foot = QVBoxLayout()
        foot.setContentsMargins(16, 8, 16, 16)
        foot.setSpacing(6)
        self._add(foot, self.tr("Estimate"), self._estimate)
        foot.addSpacing(4)
        self._add_row(foot, self._try, self._start)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        self._page, self._area = page, scrolled(page)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        keep_bar_room(self._area)
        whole.addWidget(self._area, 1)
        whole.addLayout(foot)

    def _build_numbers(self) -> tuple[QSpinBox, QSpinBox, QSpinBox]:
        """How many questions there are, how often each is asked, and where chance begins."""
        count, repeats, seed = whole(1, 100_000), whole(1, 100), whole(0, 9_999)
        count.setValue(DEFAULT_COUNT)
        count.setGroupSeparatorShown(True)
        count.setSpecialValueText(self.tr("1 question"))
        count.setSuffix(self.tr(" questions"))
        count.setAccessibleName(self.tr("Questions"))
        repeats.setSpecialValueText(self.tr("asked once"))
        repeats.setPrefix(self.tr("asked "))
        repeats.setSuffix(self.tr(" times"))
        repeats.setAccessibleName(self.tr("How often each is asked"))
        repeats.setToolTip(self.tr("How often each question is asked"))
        seed.setValue(DEFAULT_SEED)
        seed.setPrefix(self.tr("seed "))
        seed.setAccessibleName(self.tr("Seed"))
        seed.setToolTip(self.tr("The same seed gives the same generated questions and attempts"))
        return count, repeats, seed

    def _build_starts(self) -> tuple[QPushButton, QPushButton]:
        """Begin with a few questions, or with all."""
        trial, whole_sweep = QPushButton(self.tr("Try a few")), QPushButton(self.tr("Start"))
        trial.setToolTip(self.tr("They are kept. Then it waits, and says what the rest will take."))
        trial.hide()
        whole_sweep.setProperty("primary", True)
        for button in (trial, whole_sweep):
            button.clicked.connect(
                lambda _checked=False, trial=button is trial: self._on_start(trial=trial)
            )
        return trial, whole_sweep

    def _build_key(self) -> tuple[QLineEdit, QLabel]:
        """The right answer to a question of a conversation, and what is said of the question."""
        key, remark = QLineEdit(), QLabel()
        key.setPlaceholderText(self.tr("Right answer, if you know it"))
        key.setAccessibleName(self.tr("Right answer"))
        key.textChanged.connect(lambda _text: self._show_remark())
        remark.setWordWrap(True)
        remark.setProperty("muted", True)
        for widget in (key, remark):
            widget.hide()
        return key, remark

    def _build_limits(self) -> tuple[OptionalNumber, OptionalNumber]:
        """When a sweep ends by itself: temperature and energy."""
        celsius = OptionalNumber(self.tr("no °C limit"), 120)
        celsius.setSuffix(" °C")
        kilojoules = OptionalNumber(self.tr("no kJ limit"), 100_000)
        kilojoules.setSuffix(" kJ")
        for number, name in (
            (celsius, self.tr("Stop above this temperature")),
            (kilojoules, self.tr("Stop after this energy")),
        ):
            number.setAccessibleName(name)
            number.setToolTip(name)
        return celsius, kilojoules

    def _add_row(self, column: QVBoxLayout, *widgets: QWidget) -> None:
        row = QHBoxLayout()
        for widget in widgets:
            row.addWidget(widget, 1)
        column.addLayout(row)

    def _add(self, column: QVBoxLayout, title: str, *widgets: QWidget) -> None:
        column.addWidget(_heading(title))
        for widget in widgets:
            column.addWidget(widget)

    def _fit(self) -> None:
        """Be as wide as the fields need with the text of now."""
        self._fit_models()
        bar = self._area.verticalScrollBar().sizeHint().width()
        self._area.setMinimumWidth(self._page.minimumSizeHint().width() + bar)

    def _fit_models(self) -> None:
        """Rows that are easy to hit, and as many as there are models, up to a few."""
        row = pixels(_MODEL_ROW)
        for number in range(self._models.count()):
            self._models.item(number).setSizeHint(QSize(0, row))
        rows = min(max(self._models.count(), _FEWEST_ROWS), _MOST_ROWS)
        self._models.setFixedHeight(rows * row + _FRAME)

    def _chosen_models(self) -> list[Path]:
        items = (self._models.item(row) for row in range(self._models.count()))
        return [
            Path(str(item.data(Qt.ItemDataRole.UserRole)))
            for item in items
            if item.checkState() is Qt.CheckState.Checked
        ]

    def _show_remark(self) -> None:
        """Say what a question of a conversation is measured by, and what is not told with it."""
        asked = self._from_chat
        unkeyed = self.tr("Without a right answer, only agreement is measured.")
        lines = [] if asked is None else [asked.remark, "" if self._key.text().strip() else unkeyed]
        self._remark.setText("\n".join(filter(None, lines)))
        self._remark.setVisible(bool(self._remark.text()))

    # --- what a person does ---------------------------------------------------------------------

    def _on_set_chosen(self) -> None:
        asked = self._from_chat
        self._key.setVisible(asked is not None)
        self._count.setVisible(asked is None)
        whole_text = asked.text[:_LONGEST_TIP] if asked is not None else ""
        self._set.setToolTip(plain_tip(whole_text) if whole_text else "")
        self._show_remark()
        self.show_settings()
        self.changed.emit()

    def _on_start(self, *, trial: bool) -> None:
        try:
            self.start_requested.emit(self._composing(), trial)
        except ValueError as error:
            self.refused.emit(str(error))


def _heading(title: str) -> QLabel:
    label = QLabel(title)
    label.setProperty("heading", True)
    label.setContentsMargins(0, 8, 0, 0)
    return label


def asking_words(settings: Settings, asked: AskedQuestion | None = None) -> str:
    """How attempts are drawn, in the words of the lab: what differs from one person to another.

    Args:
        settings: Those of now.
        asked: The question of a conversation that is asked, whose instructions are told, or None.
    """
    sampling, thinking = settings.sampling, settings.thinking
    told = [_tr("temperature {number:g}").format(number=sampling.temperature)]
    if sampling.temperature <= 0:
        told[0] += " " + _tr("(all samples are the same)")
    limits = (
        (thinking.tokens_per_candidate, _tr("at most {number:,} tokens")),
        (thinking.thought_tokens, _tr("{number:,} of thought")),
    )
    told += [words.format(number=most) for most, words in limits if most is not None]
    if asked is not None and asked.instructions:
        told.append(_tr("the conversation's instructions"))
    elif asked is None and settings.chat.instructions:
        told.append(_tr("your instructions"))
    else:
        told.append(_tr("no instructions"))
    return _tr("As in chat: {what}.").format(what=", ".join(told))


def _tr(text: str) -> str:
    return QCoreApplication.translate("SetupPanel", text)

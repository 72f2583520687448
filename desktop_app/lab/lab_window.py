"""The lab's window: set up a sweep, watch it, and read its curves.

It lays out its parts and joins them with a runner; it must not know engines or the journal.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMessageBox,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from desktop_app.lab.curve_view import AXES, CurveView
from desktop_app.lab.findings import Findings
from desktop_app.lab.lab_runner import Shown
from desktop_app.lab.lab_tables import QuestionTable
from desktop_app.lab.lab_top import LabTop
from desktop_app.lab.power_view import PowerView
from desktop_app.lab.question_dialog import QuestionDialog
from desktop_app.lab.run_card import ran_elsewhere
from desktop_app.lab.sentences import Sentences
from desktop_app.lab.setup_panel import SetupPanel
from desktop_app.look.centred_page import CentredPage
from desktop_app.look.combo_popup import dress_popup
from desktop_app.look.steady_scroll import keep_bar_room
from desktop_app.look.theme import current_theme, theme_changes, zoom
from desktop_app.look.tips import plain_tip
from desktop_app.settings_pages.settings_form import scrolled
from desktop_app.window.message_bar import MessageBar
from desktop_app.words.quantities import format_count
from engine.lab.records import SweepRecord, SweepStatus
from engine.lab.results import Results
from engine.lab.rule import Rule
from engine.lab.series import BANDS, LESS_ASKED

_SIZE = (1440, 900)
_SIDES = (288, 700, 440)
_HEIGHTS = (620, 220)
_NARROWEST_SIDE = 308
"""Where text is large, the findings scroll sideways in less than they need."""
_NOTHING, _RESULTS = range(2)


class LabWindow(QMainWindow):
    """The lab.

    Attributes:
        policy_chosen: (policy, model) `auto` shall follow this table in chat with this model.
        corrected: (`Place`, group key, right) The person says what an answer counts as.
        delete_requested: (id) Forget a sweep.
        report_requested: (form) Write the sweep that is shown: "html", "json", "csv", "samples",
            "png" or "svg".
    """

    delete_requested = Signal(str)
    policy_chosen = Signal(object, str)
    corrected = Signal(object, str, object)
    report_requested = Signal(str)

    def __init__(self, setup: SetupPanel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Lab"))
        self.setWindowFlag(Qt.WindowType.Window, on=True)
        self.resize(*_SIZE)
        self.setup = setup
        self._record: SweepRecord | None = None
        self._running = False
        self.top = LabTop()
        self.message_bar = MessageBar()
        self.curves = CurveView()
        self._axis = QComboBox()
        dress_popup(self._axis)
        self._axis.setAccessibleName(self.tr("Against"))
        for axis in AXES:
            self._axis.addItem(self.tr("against {what}").format(what=axis.key), axis)
        self._log = QCheckBox(self.tr("log axis"))
        self._log.setChecked(True)
        self._log.toggled.connect(lambda on: self.curves.set_log(log=on))
        self.power = PowerView()
        self._views = QStackedWidget()
        self._views.addWidget(self.curves)
        self._views.addWidget(self.power)
        self._view = QComboBox()
        dress_popup(self._view)
        self._view.setAccessibleName(self.tr("What is drawn"))
        self._view.addItems([self.tr("Accuracy"), self.tr("Power")])
        self._view.currentIndexChanged.connect(self._show_view)
        self._words = Sentences()
        self._pages = QStackedWidget()
        self.question: QuestionDialog | None = None
        self.findings = Findings()
        self.questions = QuestionTable()
        self._side = scrolled(self.findings)
        keep_bar_room(self._side)
        self._columns = QSplitter(Qt.Orientation.Horizontal)
        """The curves, and the findings beside them."""
        self._zoom = zoom()
        self._build()
        self.top.delete_requested.connect(self._on_delete)
        self.questions.opened.connect(self._open_question)
        self._axis.currentIndexChanged.connect(lambda _row: self._show_axis())
        self._show_axis()
        self.findings.report_requested.connect(self.report_requested)
        self.findings.policy_chosen.connect(self.policy_chosen)
        theme_changes().changed.connect(self._restyle)
        self._restyle()
        self.show_running(running=False)

    # --- what it is told ------------------------------------------------------------------------

    def show_running(self, *, running: bool, paused: bool = False) -> None:
        """A sweep runs, waits, or none does."""
        self._running = running
        self.setup.show_running(running=running)
        self.top.show_running(running=running, paused=paused)

    def show_results(self, shown: Shown) -> None:
        """Show what is stored of a sweep."""
        record, results, beside = shown.record, shown.results, shown.comparison
        self._pages.setCurrentIndex(_RESULTS)
        self._record = record
        curves = results.curves if beside is None else beside.curves
        # two votes of four rules each would be eight lines: the plain ones first
        several = sum(curve.rule == Rule.VOTE.value for curve in curves) > 1
        others = {curve.label for curve in curves if several and curve.rule in LESS_ASKED}
        self.curves.show_curves(curves, others)
        self._words.set_sentences(
            self._said(record, results) if beside is None else _sentences(beside.words)
        )
        elsewhere = ran_elsewhere(record.card)
        self.power.show_power(results.power, elsewhere=elsewhere)
        if self.question is not None:
            self.question.refresh(record)
        self.findings.show_results(results, elsewhere=elsewhere)
        self.questions.show_record(record)
        self._offer_steps()
        self.top.show_state(
            self._state_words(record, results),
            can_resume=record.summary.status is not SweepStatus.FINISHED,
        )

    def clear(self) -> None:
        """Show no sweep."""
        self._record = None
        self._pages.setCurrentIndex(_NOTHING)
        self.curves.show_curves(())
        self._words.set_sentences(())
        self.power.show_power(None, elsewhere=False)
        self.findings.show_results(Results(), elsewhere=False)
        self.questions.clear()
        self.top.show_state("", can_resume=False)

    # --- building -------------------------------------------------------------------------------

    def _build(self) -> None:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.top)
        column.addWidget(self.message_bar)
        sides = QSplitter(Qt.Orientation.Horizontal)
        sides.setHandleWidth(1)
        left = self.setup
        left.setObjectName("labSetup")
        left.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        results = QSplitter(Qt.Orientation.Vertical)
        results.setHandleWidth(1)
        upper = self._columns
        upper.setHandleWidth(1)
        upper.addWidget(self._build_centre())
        upper.addWidget(self._side)
        upper.setStretchFactor(0, 1)
        upper.setStretchFactor(1, 0)
        upper.setSizes(list(_SIDES[1:]))
        results.addWidget(upper)
        results.addWidget(self.questions)
        results.setSizes(list(_HEIGHTS))
        self._pages.addWidget(self._build_empty())
        self._pages.addWidget(results)
        sides.addWidget(left)
        sides.addWidget(self._pages)
        sides.setStretchFactor(0, 0)
        sides.setStretchFactor(1, 1)
        sides.setSizes([_SIDES[0], _SIDES[1] + _SIDES[2]])
        column.addWidget(sides, 1)
        self.setCentralWidget(body)

    def _build_empty(self) -> CentredPage:
        """What stands where there is no sweep to look at."""
        page = CentredPage()
        page.set_title(self.tr("Does thinking longer pay?"))
        page.add_text(
            self.tr(
                "Choose questions, models and budgets on the left, and start. While the sweep "
                "runs, the share of right answers is drawn here against samples, tokens, seconds "
                "and joules, with intervals of 95 %."
            ),
            muted=True,
        )
        page.add_text(
            self.tr(
                "What was asked once is not asked again: smaller votes and other rules are "
                "replayed from the stored samples, and a sweep that was stopped goes on where it "
                "was."
            ),
            muted=True,
        )
        return page

    def _build_centre(self) -> QWidget:
        centre = _Centre()
        column = QVBoxLayout(centre)
        column.setContentsMargins(16, 16, 12, 8)
        row = QHBoxLayout()
        row.addWidget(self._view)
        row.addWidget(self._axis)
        row.addStretch(1)
        row.addWidget(self._log)
        self._note = QLabel()
        self._note.setWordWrap(True)
        self._note.setProperty("muted", True)
        column.addLayout(row)
        column.addWidget(self._words)
        column.addWidget(self._views, 1)
        column.addWidget(self._note)
        return centre

    def _share(self) -> None:
        """Give the findings the width that their text needs now."""
        bar = self._side.verticalScrollBar().sizeHint().width()
        needed = max(_SIDES[2], self.findings.minimumSizeHint().width() + bar)
        self._columns.setSizes([self._columns.width() - needed, needed])

    # --- words ----------------------------------------------------------------------------------

    def _said(self, record: SweepRecord, results: Results) -> list[str]:
        if not record.samples:
            return [self.tr("The first curves appear when the first questions are finished.")]
        if not results.judged:
            shares = ", ".join(
                f"{label}: {100 * share:.0f} %" for label, share in results.agreement.items()
            )
            about = self.tr(
                "There are no answers to judge by. Largest vote group on average: {shares}."
            )
            return [about.format(shares=shares)]
        return _sentences(results.words)

    def _state_words(self, record: SweepRecord, results: Results) -> str:
        asked = len(record.plan.questions.questions)
        words = {
            SweepStatus.RUNNING: self.tr("interrupted"),
            SweepStatus.PAUSED: self.tr("stopped"),
            SweepStatus.FINISHED: self.tr("finished"),
            SweepStatus.STOPPED: self.tr("stopped by its limit"),
        }[record.summary.status]
        return self.tr("{state} · {done} of {all} questions").format(
            state=self.tr("imported") if record.summary.imported else words,
            done=results.questions,
            all=asked,
        )

    def _show_axis(self) -> None:
        axis = self._axis.currentData()
        self.curves.show_axis(axis)
        told = [
            self.tr(
                "Bands: 95 %, bootstrap over questions, of the first {count} curves or the one "
                "pointed at. Dashed: coverage, some sample is right."
            ).format(count=BANDS)
        ]
        if axis.shared:
            told.append(self.tr("Time and energy are the machine's, shared by tokens."))
        self._note.setText(" ".join(told))

    def _show_view(self, place: int) -> None:
        self._views.setCurrentIndex(place)
        for widget in (self._words, self._note, self._log, self._axis):
            widget.setVisible(place == 0)

    # --- what a person does ---------------------------------------------------------------------

    def _open_question(self, number: int) -> None:
        if self._record is None:
            return
        dialog = QuestionDialog(self)
        dialog.corrected.connect(self.corrected)
        dialog.stepped.connect(self._step_question)
        dialog.finished.connect(lambda _result: self._leave_question())
        self.question = dialog
        self._show_question(number)
        dialog.open()

    def _step_question(self, step: int) -> None:
        """Show the question above or below in the table."""
        if self.question is not None and self.question.question is not None:
            found = self.questions.neighbour(self.question.question, step)
            if found is not None:
                self._show_question(found)

    def _show_question(self, number: int) -> None:
        if self.question is None or self._record is None:
            return
        self.question.show_question(self._record, number)
        self._offer_steps()

    def _offer_steps(self) -> None:
        if self.question is None or self.question.question is None:
            return
        place = self.question.question
        before, after = (self.questions.neighbour(place, step) is not None for step in (-1, 1))
        self.question.offer_steps(before=before, after=after)

    def _leave_question(self) -> None:
        if self.question is not None:
            self.question.deleteLater()
            self.question = None

    def _on_delete(self) -> None:
        sweep = self.top.chosen
        if sweep is None or self._running:
            return
        said = QMessageBox.question(
            self,
            self.tr("Delete this sweep?"),
            plain_tip(
                self.tr("{name} and its {count} samples are forgotten for good.").format(
                    name=sweep.name, count=format_count(sweep.samples)
                )
            ),
        )
        if said is QMessageBox.StandardButton.Yes:
            self.delete_requested.emit(sweep.sweep_id)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Only hide; a running sweep goes on."""
        event.ignore()
        self.hide()

    def _restyle(self) -> None:
        self._side.setMinimumWidth(_NARROWEST_SIDE)
        if self._zoom != zoom():
            self._zoom = zoom()
            # later: until then the fields do not know how large their text is
            QTimer.singleShot(0, self, self._share)
        theme = current_theme()
        self.setStyleSheet(
            f"QMainWindow {{ background: {theme.window}; }}"
            f"#labTop {{ background: {theme.panel}; border: none;"
            f" border-bottom: 1px solid {theme.hairline}; }}"
            "#labSetup, #labSetup QScrollArea > QWidget > QWidget"
            f" {{ background: {theme.sidebar}; }}"
            f"#labFindings {{ background: {theme.panel}; }}"
            "QAbstractScrollArea::corner { background: transparent; border: none; }"
        )


class _Centre(QWidget):
    """Is never so low that its wrapped texts would lie over each other or over the curves."""

    @override
    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() in {QEvent.Type.LayoutRequest, QEvent.Type.Resize}:
            column = self.layout()
            if column is not None:
                self.setMinimumHeight(column.minimumHeightForWidth(self.width()))
        return done


def _sentences(words: Sequence[str]) -> list[str]:
    return [f"{sentence}." for sentence in words]

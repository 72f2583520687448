"""The right side of the lab: cost, difficulty, time, what auto can learn, files."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from desktop_app.lab.cost_view import CostView
from desktop_app.lab.lab_tables import DifficultyTable, LatencyTable
from desktop_app.lab.learned_view import LearnedView
from desktop_app.look.combo_popup import dress_popup
from desktop_app.words.strategy_text import unit_text
from engine.lab.results import Results


class Findings(QWidget):
    """What a sweep's curves come to.

    Attributes:
        report_requested: (form) Write the sweep that is shown: "html", "json", "csv", "samples",
            "png" or "svg".
        policy_chosen: (policy, model) `auto` shall follow this table in chat with this model.
    """

    report_requested = Signal(str)
    policy_chosen = Signal(object, str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("labFindings")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._headings: dict[QWidget, QLabel] = {}
        self._difficulty = DifficultyTable()
        self._told = QLabel()
        self._told.setWordWrap(True)
        self._told.setProperty("muted", True)
        self._told.setTextFormat(Qt.TextFormat.PlainText)
        self.cost = CostView()
        self.latency = LatencyTable()
        self.learned = LearnedView()
        self.learned.chosen.connect(self.policy_chosen)
        self._report = QPushButton(self.tr("Report…"))
        self._report.clicked.connect(lambda _checked=False: self.report_requested.emit("html"))
        self._export = QComboBox()
        dress_popup(self._export)
        self._export.setAccessibleName(self.tr("Export"))
        for text, form in (
            (self.tr("Export…"), ""),
            (self.tr("Sweep, JSON"), "json"),
            (self.tr("Curves, CSV"), "csv"),
            (self.tr("Samples, CSV"), "samples"),
            (self.tr("Picture, PNG"), "png"),
            (self.tr("Picture, SVG"), "svg"),
        ):
            self._export.addItem(text, form)
        self._export.activated.connect(self._on_export)
        self._build()

    def show_results(self, results: Results, *, elsewhere: bool = False) -> None:
        """Show another sweep's; `elsewhere` says whether other machines worked too."""
        self._difficulty.show_results(results)
        for widget in (self._difficulty, self._told, self._headings[self._difficulty]):
            widget.setVisible(bool(results.quintiles))
        self._headings[self._difficulty].setText(self._difficulty_title(results))
        self._told.setText("\n".join(f"{w[0].upper()}{w[1:]}." for w in results.quintile_words))
        self.cost.show_results(results, elsewhere=elsewhere)
        self.latency.show_results(results)
        self._headings[self.latency].setText(
            self.tr("From first to last token, and energy")
            if results.tokens_per_joule
            else self.tr("From first to last token")
        )
        self.learned.show_policies(results.policies)

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 4, 8)  # and at the right, the bar's place
        for title, widget in (
            (self.tr("What a right answer costs"), self.cost),
            ("", self._difficulty),
            ("", self.latency),
            (self.tr("Learned for auto"), self.learned),
        ):
            label = self._headings[widget] = QLabel(title)
            label.setProperty("heading", True)
            column.addWidget(label)
            column.addWidget(widget)
            if widget is self._difficulty:
                column.addWidget(self._told)
            column.addSpacing(8)
        row = QHBoxLayout()
        row.addWidget(self._report)
        row.addWidget(self._export)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(1)

    def _difficulty_title(self, results: Results) -> str:
        if results.quintile_samples is None:
            return self.tr("By difficulty")
        return self.tr("By difficulty, {samples}").format(
            samples=unit_text("samples", results.quintile_samples)
        )

    def _on_export(self, row: int) -> None:
        form = str(self._export.itemData(row))
        self._export.setCurrentIndex(0)
        if form:
            self.report_requested.emit(form)

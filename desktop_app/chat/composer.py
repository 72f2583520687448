"""The composer: the question, how much thinking it is worth, and one button.

It exists so that asking, answering now and stopping are one place. It must not know the session:
what a person wants is said in signals.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent, QTextCursor
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop_app.chat.drafts import Draft, Drafts, draft_of
from desktop_app.chat.file_chips import FILE_GAP, FileChips
from desktop_app.chat.phase import ChatPhase
from desktop_app.chat.preset_menu import PresetMenu
from desktop_app.chat.question_edit import QuestionEdit
from desktop_app.chat.strategy_delegate import SPENDS_ROLE, StrategyDelegate
from desktop_app.look.combo_popup import dress_popup
from desktop_app.look.theme import current_theme, pixels, theme_changes, themed_icon
from desktop_app.settings import SendKey, StrategyName, ThinkingSettings
from desktop_app.thinking.price import PriceLabel
from desktop_app.thinking.slider import ThinkingSlider
from desktop_app.window.key_choice import KeysTip, shortcut_changes, shown_keys_of
from desktop_app.window.shortcuts import Command
from desktop_app.words.strategy_text import UNITS, strategy_text
from engine.conversation_length import LONGEST_CONVERSATION
from engine.documents.attached import with_files

if TYPE_CHECKING:  # keeps SQLite out of the window's start
    from engine.journal.cost import CostModel

_MENU_MARGIN = 24
_ANY_WIDTH = 16_777_215
"""Qt's `QWIDGETSIZE_MAX`."""
_CHARACTERS_A_TOKEN = 4
"""About so many, for the price of reading."""


class Composer(QFrame):
    """Where a question is written and its budget chosen.

    Attributes:
        ask_requested: A question to send, with its files.
        edit_last_requested: The last question is to be edited.
        attach_requested: Files are to be chosen.
        answer_now_requested: The verdict is wanted from what exists.
        stop_requested: Thinking should end.
        attempts_committed: The person settled on a number on the slider.
        time_limit_chosen: The person chose how long an answer may take: seconds, or None.
        strategy_chosen: The person chose how the budget is spent.
        own_thinking_chosen: The person chose an `OwnThinking` for the model.
        options_requested: The strategies' options are to be shown.
        written: What is written, or attached, is something else.
    """

    ask_requested = Signal(str)
    edit_last_requested = Signal()
    attach_requested = Signal()
    answer_now_requested = Signal()
    stop_requested = Signal()
    attempts_committed = Signal(int)
    time_limit_chosen = Signal(object)
    strategy_chosen = Signal(str)
    own_thinking_chosen = Signal(object)
    options_requested = Signal()
    written = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("composer")
        self.setAccessibleName(self.tr("Composer"))
        self._phase: ChatPhase | None = None
        self._cost: CostModel | None = None
        self._drafts = Drafts()
        self._conversation_id = ""
        self._brought_back = ""
        """What was not sent last time and stands here as it was."""
        self._low = False
        self._edit = QuestionEdit()
        self.files = FileChips(removable=True)
        self._files_area = self._build_files_area()
        self._attach = self._build_icon_button(self.tr("Attach files"), self.tr("Attach files"))
        self._line = QFrame()
        self._line.setFixedHeight(1)
        self._hint = QLabel()
        self._hint.setObjectName("composerHint")
        self._hint.setWordWrap(True)
        self._hint.setProperty("muted", True)
        self._slider = ThinkingSlider()
        self._price = PriceLabel()
        self._strategy = self._build_strategy()
        self._options = self._build_icon_button(
            self.tr("Presets and options"),
            self.tr("Presets, the model's own thinking, and options of the strategies"),
        )
        self.preset_menu = PresetMenu(self)
        self._stop = QPushButton(self.tr("Stop"))
        self._stop.setProperty("flat", True)
        KeysTip(self._stop, Command.STOP)
        self._button = QPushButton(self.tr("Ask"))
        self._button.setObjectName("ask")
        self._button.setProperty("primary", True)
        self._widest_buttons = 0
        self._acts = QWidget()
        """The buttons: as wide in every phase, so that nothing beside them moves."""
        self._spending = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._spending.setSpacing(8)
        self._lower = self._build_lower()
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 12)
        column.setSpacing(8)
        column.addLayout(self._build_upper())
        for widget in (self._files_area, self._line, self._hint):
            column.addWidget(widget)
        column.addLayout(self._lower)
        self._connect()
        shortcut_changes().changed.connect(self._show_keys)
        theme_changes().changed.connect(self._restyle)
        self._restyle()
        self.set_phase(None)

    def _build_strategy(self) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(self.tr("Strategy"))
        for name in UNITS:
            words = strategy_text(name)
            box.addItem(words.title, name)
            box.setItemData(box.count() - 1, words.tip, Qt.ItemDataRole.ToolTipRole)
            box.setItemData(box.count() - 1, words.said, Qt.ItemDataRole.AccessibleDescriptionRole)
            box.setItemData(box.count() - 1, words.spends, SPENDS_ROLE)
        dress_popup(box, StrategyDelegate(box))
        box.setToolTip(str(box.itemData(0, Qt.ItemDataRole.ToolTipRole)))
        return box

    def _build_icon_button(self, name: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setAccessibleName(name)
        button.setToolTip(tip)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return button

    def _build_files_area(self) -> QScrollArea:
        """Two rows of files at most; more are scrolled to."""
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.viewport().setAutoFillBackground(False)
        area.setWidget(self.files)
        self.files.setAutoFillBackground(False)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.hide()
        return area

    def _build_upper(self) -> QHBoxLayout:
        upper = QHBoxLayout()
        upper.setSpacing(4)
        upper.addWidget(self._edit)
        upper.addWidget(self._attach, 0, Qt.AlignmentFlag.AlignTop)
        return upper

    def _build_lower(self) -> QBoxLayout:
        choosing = QHBoxLayout()
        choosing.setSpacing(2)
        choosing.addWidget(self._strategy)
        choosing.addWidget(self._options)
        buttons = QHBoxLayout(self._acts)
        buttons.setContentsMargins(0, 0, 0, 0)
        buttons.setSpacing(8)
        buttons.addLayout(choosing)
        buttons.addStretch(1)
        buttons.addWidget(self._stop)
        buttons.addWidget(self._button)
        self._spending.addWidget(self._price, 1)
        self._spending.addWidget(self._acts)
        lower = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        lower.setSpacing(8)
        lower.addWidget(self._slider, 1)
        lower.addLayout(self._spending)
        return lower

    def _connect(self) -> None:
        self._edit.sent.connect(self._on_send)
        self._edit.too_much_given.connect(self._on_too_much)
        self._edit.edit_last_wanted.connect(self.edit_last_requested)
        self._edit.textChanged.connect(self._update_button)
        self._edit.textChanged.connect(self._update_price)
        self._edit.textChanged.connect(self.written)
        self.files.changed.connect(self.written)
        self.files.changed.connect(self._on_files_changed)
        self._attach.clicked.connect(self.attach_requested)
        self._button.clicked.connect(self._on_button)
        self._stop.clicked.connect(self.stop_requested)
        self._slider.attempts_changed.connect(lambda _number: self._update_price())
        self._slider.attempts_committed.connect(self.attempts_committed)
        self._strategy.activated.connect(self._on_strategy)
        self._options.clicked.connect(lambda: self.preset_menu.open_above(self._options))
        self.preset_menu.options_requested.connect(self.options_requested)
        self.preset_menu.time_limit.limit_chosen.connect(self.time_limit_chosen)
        self.preset_menu.own_thinking.chosen.connect(self.own_thinking_chosen)
        QWidget.setTabOrder(self._edit, self._attach)
        QWidget.setTabOrder(self._attach, self._slider)
        QWidget.setTabOrder(self._slider, self._strategy)
        QWidget.setTabOrder(self._strategy, self._options)
        QWidget.setTabOrder(self._options, self._stop)
        QWidget.setTabOrder(self._stop, self._button)

    # --- what the window calls ------------------------------------------------------------------

    @property
    def text(self) -> str:
        """What is written."""
        return self._edit.toPlainText()

    @property
    def attempts(self) -> int:
        """The slider's number."""
        return self._slider.attempts

    @property
    def edit(self) -> QuestionEdit:
        """The question field."""
        return self._edit

    @property
    def slider(self) -> ThinkingSlider:
        """The thinking-time slider."""
        return self._slider

    @property
    def button(self) -> QPushButton:
        """Ask, or answer now."""
        return self._button

    @property
    def stop_button(self) -> QPushButton:
        """Stop, or take back."""
        return self._stop

    @property
    def price_text(self) -> str:
        """The price of the chosen number, as shown."""
        return self._price.text

    @property
    def price_is_shown(self) -> bool:
        """Whether there is room for the price."""
        return not self._price.isHidden()

    @property
    def hint(self) -> str:
        """What is said above the slider."""
        return self._hint.text()

    def set_thinking(self, thinking: ThinkingSettings) -> None:
        """Take number, strategy, time limit and the model's own thinking from the settings."""
        self._strategy.setCurrentIndex(self._strategy.findData(thinking.strategy))
        self._strategy.setToolTip(strategy_text(thinking.strategy).tip)
        self._slider.set_unit(UNITS[thinking.strategy])
        self._slider.set_attempts(thinking.attempts)
        self.preset_menu.time_limit.set_limit(thinking.seconds)
        self._price.set_limit(thinking.seconds)
        self.preset_menu.own_thinking.show_wish(thinking.options.own_thinking)
        self._update_price()
        self._arrange()

    def set_send_key(self, key: SendKey) -> None:
        """Choose what sends."""
        self._edit.set_send_key(key)

    def set_cost(self, cost: CostModel | None, *, elsewhere: bool = False) -> None:
        """Take what predicts the price, or None when nothing is known.

        Args:
            cost: Learned from earlier answers.
            elsewhere: Whether other machines work too, which no sensor here measures.
        """
        self._cost = cost
        self._price.set_elsewhere(elsewhere=elsewhere)
        self._update_price()

    def set_phase(
        self, phase: ChatPhase | None, *, elsewhere: bool = False, no_model: bool = False
    ) -> None:
        """Show what can be done now.

        Args:
            phase: The visible conversation's phase, or None while the engine is starting.
            elsewhere: Whether another conversation is being thought about.
            no_model: Whether no model is loaded and none is loading.
        """
        self._phase = phase
        self._hint.setText(self._hint_for(phase, elsewhere=elsewhere, no_model=no_model))
        self._hint.setVisible(bool(self._hint.text()))
        thinking = phase in {ChatPhase.THINKING, ChatPhase.ENDING}
        self._stop.setVisible(thinking or phase is ChatPhase.QUEUED)
        self._stop.setText(self.tr("Take back") if phase is ChatPhase.QUEUED else self.tr("Stop"))
        self._stop.setEnabled(phase is not ChatPhase.ENDING)
        for chosen_before in (self._strategy, self._options):  # nothing moves: Stop takes the room
            chosen_before.setVisible(self._stop.isHidden())
        self.preset_menu.set_choosable(choosable=not thinking)
        self._button.setText(self.tr("Answer now") if thinking else self.tr("Ask"))
        self._show_keys()
        self._update_button()
        self._arrange()

    def _show_keys(self) -> None:
        thinking = self._phase in {ChatPhase.THINKING, ChatPhase.ENDING}
        self._button.setToolTip(shown_keys_of(Command.ANSWER_NOW) if thinking else "")

    def set_low(self, *, low: bool) -> None:
        """Take less height: the price is then said by the slider alone."""
        if low != self._low:
            self._low = low
            self._price.setVisible(not low)
            self._fit_files()
            self._arrange()

    def show_conversation(self, conversation_id: str) -> None:
        """Show a conversation's draft; the present one is kept for its own."""
        if conversation_id == self._conversation_id:
            return
        self._drafts.put(self._conversation_id, self._draft)
        self._conversation_id = conversation_id
        self._write(self._drafts.take(conversation_id))

    def adopt(self, conversation_id: str) -> None:
        """Show a conversation that was not here yet: what a person writes already is for it.

        What was only brought back stays with where it was written, and the conversation's own draft
        is shown.
        """
        if self._draft.is_empty or self._draft.content == self._brought_back:
            self.show_conversation(conversation_id)
        else:
            self._conversation_id = conversation_id

    def unsent(self) -> dict[str, str]:
        """What is written and not sent, with its files, by conversation; "" is a new one."""
        shown = self._draft.content
        others = self._drafts.contents()
        return {**others, self._conversation_id: shown} if shown else others

    def bring_back(self, contents: Mapping[str, str]) -> None:
        """Write what was not sent last time, unless something else is written meanwhile."""
        self._drafts.add({key: c for key, c in contents.items() if key != self._conversation_id})
        if self._conversation_id in contents and self._draft.is_empty:
            self._brought_back = contents[self._conversation_id]
            self.put_back(self._brought_back)

    def set_text(self, text: str) -> None:
        """Write a text, the cursor at its end."""
        self._edit.setPlainText(text)
        self._edit.moveCursor(QTextCursor.MoveOperation.End)

    def put_back(self, content: str) -> None:
        """Write a question with its files again that was not sent, unless another is written."""
        if self._draft.is_empty:
            self._write(draft_of(content))

    def suggest(self, text: str) -> None:
        """Write a text in place of the present one, which Undo brings back."""
        cursor = self._edit.textCursor()
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(text)
        self._edit.setTextCursor(cursor)

    def focus(self) -> None:
        """Let the person write."""
        self._edit.setFocus(Qt.FocusReason.ShortcutFocusReason)

    # --- inside ---------------------------------------------------------------------------------

    @property
    def _draft(self) -> Draft:
        """What is written now."""
        return Draft(self.text, self.files.attachments)

    def _write(self, draft: Draft) -> None:
        self.set_text(draft.text)
        self.files.set_attachments(draft.attachments)

    def _hint_for(self, phase: ChatPhase | None, *, elsewhere: bool, no_model: bool) -> str:
        match phase:
            case ChatPhase.QUEUED:
                return self._hint_while_queued(elsewhere=elsewhere, no_model=no_model)
            case ChatPhase.LOADING:
                return self.tr("The model is loading. A question is sent as soon as it is ready.")
            case ChatPhase.NO_MODEL:
                return self.tr("No model is loaded. Choose one above.")
            case ChatPhase.ENDING:
                return self.tr("Ending…")
        return ""

    def _hint_while_queued(self, *, elsewhere: bool, no_model: bool) -> str:
        if no_model:
            return self.tr("No model is loaded. Your question waits; choose a model above.")
        if elsewhere:
            return self.tr("Another conversation is being thought about. Your question is next.")
        return self.tr("Your question will be sent when the model is ready.")

    def _update_button(self) -> None:
        written = bool(self.text.strip())
        match self._phase:
            case ChatPhase.THINKING:
                enabled = True
            case None | ChatPhase.ENDING:
                enabled = False
            case _:
                enabled = written and not self.files.reading
        self._button.setEnabled(enabled)

    def _on_button(self) -> None:
        if self._phase is ChatPhase.THINKING:
            self.answer_now_requested.emit()
        else:
            self._on_send()

    def _on_send(self) -> None:
        text = self.text.strip()
        busy = {None, ChatPhase.THINKING, ChatPhase.ENDING, ChatPhase.QUEUED}
        if not text or self.files.reading:
            return
        if self._phase in busy:
            if self._phase in {ChatPhase.THINKING, ChatPhase.ENDING}:
                self._say(self.tr("Ask this when the answer is there, or stop it first."))
            return
        question = with_files(text, self.files.files)
        self._edit.clear()
        self.files.set_files(())
        self.focus()  # the button it came from is about to change under the person
        self.ask_requested.emit(question)

    def _on_too_much(self) -> None:
        most = LONGEST_CONVERSATION // 1_000_000
        self._say(self.tr("Not pasted: a question may have %n million characters.", None, most))

    def _say(self, hint: str) -> None:
        self._hint.setText(hint)
        self._hint.show()

    def _on_files_changed(self) -> None:
        self._fit_files()
        self._update_button()
        self._update_price()

    def _fit_files(self) -> None:
        """Make room for the files, up to two rows, or one."""
        chips = self.files.chips
        self._files_area.setVisible(bool(chips))
        if chips:
            row = chips[0].sizeHint().height()
            most = row if self._low else 2 * row + FILE_GAP
            self._files_area.setFixedHeight(min(self.files.height(), most))

    def _on_strategy(self) -> None:
        strategy: StrategyName = self._strategy.currentData()
        tip = self._strategy.currentData(Qt.ItemDataRole.ToolTipRole)
        self._strategy.setToolTip(str(tip))
        self._slider.set_unit(UNITS[strategy])
        self._update_price()
        self.strategy_chosen.emit(strategy)

    def _update_price(self) -> None:
        attempts = self._slider.attempts
        unit = UNITS[self._strategy.currentData()]
        if self._cost is None:
            self._price.set_prediction(None, attempts, unit)
        else:
            self._price.set_prediction(
                self._cost.predict(attempts, self._question_tokens()), attempts, unit
            )
        self._slider.set_price_text(self._price.text)

    def _question_tokens(self) -> int:
        """About how many tokens are to be read: what is written, and the files."""
        attached = sum(len(file.text) for file in self.files.files)
        return (self._edit.document().characterCount() + attached) // _CHARACTERS_A_TOKEN

    def _restyle(self) -> None:
        theme = current_theme()
        self._widest_buttons = 0
        for button, icon in ((self._options, "settings"), (self._attach, "attach")):
            button.setIcon(themed_icon(icon, "muted"))
            button.setIconSize(QSize(pixels(16), pixels(16)))
        menu = self._strategy.view()
        menu.setMinimumWidth(menu.sizeHintForColumn(0) + pixels(_MENU_MARGIN))
        self._line.setStyleSheet(f"background: {theme.hairline};")
        self.setStyleSheet(
            f"#composer {{ background: {theme.panel}; border: 1px solid {theme.hairline};"
            " border-radius: 12px; }"
            "#question { background: transparent; border: none; padding: 0; }"
        )

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Put the slider above the buttons where there is little room, and the price too."""
        super().resizeEvent(event)
        self._arrange()
        self._fit_files()

    def _arrange(self) -> None:
        buttons = self._buttons_width()
        price = 0 if self._low else self._price.sizeHint().width() + self._spending.spacing()
        together = buttons + price
        room = self.width() - self._margins_width()
        beside = self._slider.sizeHint().width() + self._lower.spacing() + together
        _stack(self._lower, stacked=room < beside)
        _stack(self._spending, stacked=room < together)
        self._acts.setMinimumWidth(buttons)
        self._acts.setMaximumWidth(_ANY_WIDTH if room < beside else buttons)

    def _buttons_width(self) -> int:
        """What the buttons take at most, so that the slider stays where it is in every phase."""
        ask, answer_now, stop, take_back = (
            _width_with(button, text)
            for button, text in (
                (self._button, self.tr("Ask")),
                (self._button, self.tr("Answer now")),
                (self._stop, self.tr("Stop")),
                (self._stop, self.tr("Take back")),
            )
        )
        choosing = self._strategy.sizeHint().width() + self._options.sizeHint().width() + 2
        needed = max(choosing + ask, stop + answer_now, take_back + ask) + 8
        self._widest_buttons = max(self._widest_buttons, needed)
        return self._widest_buttons

    def _margins_width(self) -> int:
        margins = self.contentsMargins() + self._column.contentsMargins()
        return margins.left() + margins.right()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Room for the narrowest arrangement."""
        width = max(self._buttons_width(), self._price.sizeHint().width())
        return QSize(width + self._margins_width(), super().minimumSizeHint().height())


def _width_with(button: QPushButton, text: str) -> int:
    """What a button takes with a text."""
    metrics = button.fontMetrics()
    present = metrics.horizontalAdvance(button.text())
    return button.sizeHint().width() - present + metrics.horizontalAdvance(text)


def _stack(layout: QBoxLayout, *, stacked: bool) -> None:
    """Put a layout's parts below or beside each other."""
    directions = QBoxLayout.Direction
    wanted = directions.TopToBottom if stacked else directions.LeftToRight
    if layout.direction() != wanted:
        layout.setDirection(wanted)

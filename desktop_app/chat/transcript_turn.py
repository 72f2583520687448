"""One turn of the transcript: a real widget, so that it can be focused, selected and read aloud.

Only turns in sight have one. It lays itself out from the width it is given.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QLabel, QWidget

from desktop_app.chat.file_chips import FileChips
from desktop_app.chat.transcript_actions import ActionRow
from desktop_app.chat.transcript_choices import AnswerChoices
from desktop_app.chat.transcript_editor import QuestionEditor
from desktop_app.chat.transcript_figures import full_text
from desktop_app.chat.transcript_offers import CutOffers
from desktop_app.chat.transcript_parts import QUIET_PADDING, Notice, ThoughtSection
from desktop_app.chat.transcript_signals import TurnSignals
from desktop_app.chat.transcript_strip import EvidenceStrip
from desktop_app.chat.turn import Evidence, Role, TurnState, TurnView
from desktop_app.look.theme import current_theme, theme_changes
from desktop_app.rich_text.view import RichTextView
from engine.documents.attached import AttachedFile, with_files
from engine.verdict import Outcome

MARGIN = 12
"""Space around the content, where the focus frame is drawn."""
BUBBLE_X = 16
BUBBLE_Y = 11
BUBBLE_RADIUS = 12.0
BUBBLE_SHARE = 0.82
GAP = 8
SPOKEN_CHARACTERS = 4_000
"""A screen reader gets this much of a turn at once; the text itself holds all of it."""


class TurnWidget(QWidget):
    """Shows one turn.

    Args:
        role: Who speaks; a widget never changes sides.
        signals: Where it says what a person asked for.
        parent: The transcript's viewport.
    """

    height_changed = Signal()

    def __init__(self, role: Role, signals: TurnSignals, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._role = role
        self._signals = signals
        self._turn = TurnView("", role, "")
        self._width = 0
        self._placing = False
        self._newest = False
        self._framed = True
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._thought: ThoughtSection | None = None
        self._notice: Notice | None = None
        self._choices: AnswerChoices | None = None
        self._offers: CutOffers | None = None
        self._strip: EvidenceStrip | None = None
        self._marked = False
        self._notes: QLabel | None = None
        self._editor: QuestionEditor | None = None
        self._waiting: QLabel | None = None
        self._text = ""
        """What is said, without the files behind it."""
        self._files: FileChips | None = None
        self.body = RichTextView(self, literal=role is Role.USER)
        self.body.height_changed.connect(self._on_part_changed)
        self.action_row = ActionRow(role, self)
        keep = self.action_row.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self.action_row.setSizePolicy(keep)
        self._connect_actions()
        theme_changes().changed.connect(self._on_theme_changed)

    @property
    def turn(self) -> TurnView:
        """What it shows."""
        return self._turn

    def set_turn(self, turn: TurnView) -> None:
        """Show another state of the turn, or another turn of the same role."""
        if turn == self._turn:
            return
        other = turn.message_id != self._turn.message_id
        self._turn = turn
        if other:
            self._close_editor()
            if self._thought is not None:
                self._thought.line.setChecked(False)
        self._placing = True
        self._text, files = turn.parts
        self._show_files(files)
        self.body.set_markdown(self._text)
        self.body.setVisible(bool(self._text) and self._editor is None)
        self._show_parts(turn)
        self.action_row.set_turn(turn)
        self._placing = False
        self._name(turn)
        self._show_actions()
        self._on_part_changed()

    def set_newest(self, newest: bool) -> None:  # noqa: FBT001 (a fact about the turn)
        """Say whether it is the last turn, whose actions are always shown."""
        if newest != self._newest:
            self._newest = newest
            self._show_actions()

    def place(self, width: int) -> int:
        """Lay it out in this many pixels; returns its height."""
        self._width = width
        self._placing = True
        height = self._place_user() if self._role is Role.USER else self._place_assistant()
        self._placing = False
        self.resize(width, height)
        return height

    def start_editing(self) -> QuestionEditor:
        """Let a person edit the question in its place, or go on with that."""
        editor = self._editor if self._editor is not None else self.edit(self._text)
        editor.setFocus()
        return editor

    def edit(self, text: str) -> QuestionEditor:
        """Show the question as a text that is being edited."""
        self._editor = editor = QuestionEditor(text, self)
        self._editor.accepted.connect(self._on_edited)
        self._editor.rejected.connect(self._on_edit_rejected)
        self._editor.height_changed.connect(self._on_part_changed)
        self.body.hide()
        self.action_row.hide()
        self._editor.show()
        self._on_part_changed()
        return editor

    def copy(self) -> None:
        """Copy what is selected, or the whole turn."""
        selected = self.body.selected_text()
        QGuiApplication.clipboard().setText(selected or self._turn.text)
        if not selected:
            self.action_row.tell_copied()
            self._signals.copied.emit(self._turn.message_id)

    @property
    def draft(self) -> str | None:
        """The question as it is being edited, or None."""
        return self._editor.text if self._editor is not None else None

    @property
    def in_use(self) -> bool:
        """Whether taking the widget away would lose a focus, a selection or an edit."""
        focus = QGuiApplication.focusObject()
        inside = isinstance(focus, QWidget) and (focus is self or self.isAncestorOf(focus))
        return inside or self._editor is not None or self.body.textCursor().hasSelection()

    # --- parts ----------------------------------------------------------------------------------

    def _connect_actions(self) -> None:
        actions, signals = self.action_row, self._signals
        actions.copy_pressed.connect(self.copy)
        actions.copy_thought_pressed.connect(
            lambda: QGuiApplication.clipboard().setText(self._turn.thought)
        )
        actions.edit_pressed.connect(lambda: self.start_editing())
        actions.regenerate_pressed.connect(lambda: signals.regenerate.emit(self._turn.message_id))
        actions.think_longer_pressed.connect(
            lambda: signals.think_longer.emit(self._turn.message_id)
        )
        actions.go_on_pressed.connect(lambda: signals.go_on.emit(self._turn.message_id))
        actions.thumb_pressed.connect(lambda thumb: signals.rate.emit(self._turn.message_id, thumb))
        actions.deliberation_pressed.connect(self._on_deliberation)
        for pressed, told in (
            (actions.another_model_pressed, signals.another_model),
            (actions.compare_pressed, signals.compare),
            (actions.lab_pressed, signals.lab),
        ):
            pressed.connect(lambda told=told: told.emit(self._turn.message_id))
        actions.version_pressed.connect(
            lambda step: signals.version.emit(self._turn.message_id, step)
        )

    def _show_files(self, files: Sequence[AttachedFile]) -> None:
        """Show the files of a question below its text."""
        if files and self._files is None:
            self._files = FileChips(self)
            self._files.changed.connect(self._on_part_changed)
        if self._files is not None:
            self._files.set_files(files)

    def _show_parts(self, turn: TurnView) -> None:
        """Show the parts of an answer that its state has; make each when first needed."""
        if self._role is Role.USER:
            return
        running = turn.state in {TurnState.WAITING, TurnState.STREAMING}
        if turn.thought or turn.thought_tokens:
            if self._thought is None:
                self._thought = ThoughtSection(self)
                self._thought.height_changed.connect(self._on_part_changed)
            thinking = running and not turn.text
            self._thought.set_thought(turn.thought, turn.thought_tokens, running=thinking)
        _show(self._thought, bool(turn.thought or turn.thought_tokens))
        waiting = running and not (turn.text or turn.thought)
        if waiting:
            if self._waiting is None:
                self._waiting = QLabel(self)
                self._waiting.setStyleSheet(f"color: {current_theme().muted};")
            self._waiting.setText(self._waiting_text(turn))
        _show(self._waiting, waiting)
        self._show_notice(turn)
        evidence = turn.evidence
        told = evidence or turn.so_far
        if told is not None:
            if self._strip is None:
                self._strip = EvidenceStrip(self)
                self._strip.clicked.connect(self._on_deliberation)
                self._strip.set_marked(marked=self._marked)
            self._strip.set_evidence(told)
        _show(self._strip, told is not None)
        self._show_choices(evidence)
        self._show_offers(turn)
        notes = "\n".join(evidence.notes) if evidence is not None else ""
        if notes:
            if self._notes is None:
                self._notes = QLabel(self)
                self._notes.setWordWrap(True)
                self._notes.setTextFormat(Qt.TextFormat.PlainText)
                self._notes.setStyleSheet(f"color: {current_theme().muted};")
            self._notes.setText(notes)
        _show(self._notes, bool(notes))

    def _waiting_text(self, turn: TurnView) -> str:
        if not turn.sent:
            asked_for = self.tr("Waiting for the engine")
            return asked_for if turn.asked_for else self.tr("Not sent yet")
        if turn.steps == 1:
            return self.tr("Searching, 1 step so far")
        if turn.steps:
            return self.tr("Searching, {0} steps so far").format(turn.steps)
        return self.tr("Waiting for the first token")

    def _show_notice(self, turn: TurnView) -> None:
        troubled = turn.state in {TurnState.FAILED, TurnState.INTERRUPTED}
        if troubled and self._notice is None:
            self._notice = Notice(self)
            self._notice.pressed.connect(self._on_notice_pressed)
            self._notice.other_pressed.connect(
                lambda: self._signals.anew.emit(self._turn.message_id)
            )
        if self._notice is not None and troubled:
            title, text = turn.error_title, turn.error_text
            if turn.state is TurnState.INTERRUPTED:
                title = title or self.tr("Interrupted")
                text = text or self.tr(
                    "Ponder ended while this was being answered. What had been written is kept."
                )
            remedy = self.tr("Open settings") if turn.settings_help else self.tr("Try again")
            other = self.tr("Ask in a new conversation") if turn.anew_help else ""
            self._notice.set_notice(title, text, remedy, other)
        _show(self._notice, troubled)

    def _on_notice_pressed(self) -> None:
        signal = self._signals.settings if self._turn.settings_help else self._signals.retry
        signal.emit(self._turn.message_id)

    def _show_choices(self, evidence: Evidence | None) -> None:
        open_vote = evidence is not None and evidence.outcome is Outcome.TIE
        if open_vote and self._choices is None:
            self._choices = AnswerChoices(self)
            self._choices.chosen.connect(
                lambda index: self._signals.promote.emit(self._turn.message_id, index)
            )
            self._choices.more_requested.connect(self._on_deliberation)
        if self._choices is not None and evidence is not None and open_vote:
            self._choices.set_groups(evidence.groups)
        _show(self._choices, open_vote)

    def _show_offers(self, turn: TurnView) -> None:
        if turn.wants_tokens and self._offers is None:
            self._offers = CutOffers(self)
            self._offers.go_on_pressed.connect(
                lambda: self._signals.go_on.emit(self._turn.message_id)
            )
            self._offers.tokens_pressed.connect(
                lambda: self._signals.more_tokens.emit(self._turn.message_id)
            )
        if self._offers is not None and turn.wants_tokens:
            self._offers.set_going_on(turn.going_on)
        _show(self._offers, turn.wants_tokens)

    # --- layout ---------------------------------------------------------------------------------

    def _place_user(self) -> int:
        inner = self._width - 2 * MARGIN
        if self._editor is not None:
            height = self._editor.sizeHint().height()
            self._editor.setGeometry(MARGIN, MARGIN, inner, height)
            return self._place_files(MARGIN + height, inner) + MARGIN
        most = int(inner * BUBBLE_SHARE) - 2 * BUBBLE_X
        width = self.body.natural_width(most)
        self.body.set_width(width)
        self.body.move(self._width - MARGIN - BUBBLE_X - width, MARGIN + BUBBLE_Y)
        bottom = MARGIN + self.body.height() + 2 * BUBBLE_Y
        bottom = self._place_files(bottom, inner)
        size = self.action_row.sizeHint()
        left = self._width - MARGIN - width - 2 * BUBBLE_X - GAP - size.width()
        if left >= MARGIN:  # beside the bubble, where they cost no height
            above = bottom - size.height() - 4
            self.action_row.setGeometry(left, above, size.width(), size.height())
            return bottom + MARGIN
        left = max(0, self._width - MARGIN - size.width() + QUIET_PADDING)
        self.action_row.setGeometry(left, bottom + 4, size.width(), size.height())
        return bottom + size.height() + GAP

    def _place_files(self, y: int, inner: int) -> int:
        """Place the files below something; returns where they end."""
        if self._files is None or self._files.isHidden():
            return y
        width = int(inner * BUBBLE_SHARE)
        height = self._files.place(width, from_right=True)
        self._files.setGeometry(self._width - MARGIN - width, y + GAP, width, height)
        return y + GAP + height

    def _place_assistant(self) -> int:
        inner, y = self._width - 2 * MARGIN, MARGIN
        if self._thought is not None and not self._thought.isHidden():
            self._thought.move(MARGIN - QUIET_PADDING, y)
            y += self._thought.place(inner) + GAP
        if self._waiting is not None and not self._waiting.isHidden():
            height = self._waiting.sizeHint().height()
            self._waiting.setGeometry(MARGIN, y, inner, height)
            y += height + GAP
        self.body.set_width(inner)
        if not self.body.isHidden():
            self.body.move(MARGIN, y)
            y += self.body.height() + GAP + 2
        y = self._place_label(self._notice, y, inner)
        if self._choices is not None and not self._choices.isHidden():
            y = self._choices.place(MARGIN, y, inner) + GAP
        if self._offers is not None and not self._offers.isHidden():
            height = self._offers.sizeHint().height()
            self._offers.setGeometry(MARGIN, y, inner, height)
            y += height + GAP
        if self._strip is not None and not self._strip.isHidden():
            height = self._strip.sizeHint().height()
            self._strip.setGeometry(MARGIN, y, self._strip.width_for(inner), height)
            y += height + GAP - 2
        y = self._place_label(self._notes, y, inner)
        left, room = MARGIN - QUIET_PADDING, inner + QUIET_PADDING
        self.action_row.fit(room)
        size = self.action_row.sizeHint()
        self.action_row.setGeometry(left, y, min(size.width(), room), size.height())
        return y + size.height() + MARGIN

    @staticmethod
    def _place_label(part: QWidget | None, y: int, inner: int) -> int:
        """Place a part that wraps its text; returns where the next one begins."""
        if part is None or part.isHidden():
            return y
        height = part.heightForWidth(inner)
        part.setGeometry(MARGIN, y, inner, height)
        return y + height + GAP

    def _on_part_changed(self) -> None:
        if self._placing or self._width <= 0:
            return
        before = self.height()
        if self.place(self._width) != before:
            self.height_changed.emit()
        self.update()

    # --- what people do -------------------------------------------------------------------------

    def set_marked(self, *, marked: bool) -> None:
        """Say whether the panel is about this answer."""
        self._marked = marked
        if self._strip is not None:
            self._strip.set_marked(marked=marked)

    def _on_deliberation(self) -> None:
        self._signals.deliberation.emit(self._turn.message_id)

    def _on_edited(self, text: str) -> None:
        self._close_editor()
        files = self._files.files if self._files is not None else ()
        self._signals.edited.emit(self._turn.message_id, with_files(text, files))

    def _on_edit_rejected(self) -> None:
        self._close_editor()
        self.setFocus()

    def _close_editor(self) -> None:
        if self._editor is None:
            return
        self._editor.hide()
        self._editor.deleteLater()
        self._editor = None
        self.body.show()
        self._show_actions()
        self._on_part_changed()

    def _show_actions(self) -> None:
        focus = QGuiApplication.focusObject()
        inside = isinstance(focus, QWidget) and (focus is self or self.isAncestorOf(focus))
        wanted = self._editor is None and (self._newest or inside or self.underMouse())
        self.action_row.setVisible(wanted)

    def _name(self, turn: TurnView) -> None:
        name = self.tr("Question") if self._role is Role.USER else self.tr("Answer")
        if turn.evidence is not None:
            name = f"{name}, {full_text(turn.evidence).splitlines()[0]}"
        self.setAccessibleName(name)
        self.setAccessibleDescription(
            self._text[:SPOKEN_CHARACTERS] or turn.error_title or turn.error_text
        )
        self.body.setAccessibleName(name)

    def _on_theme_changed(self) -> None:
        for part in (self._thought, self._notice, self._choices, self._offers, self.action_row):
            if part is not None:
                part.restyle()
        for label in (self._notes, self._waiting):
            if label is not None:
                label.setStyleSheet(f"color: {current_theme().muted};")
        if self._strip is not None:
            self._strip.update()
        self._on_part_changed()

    # --- events ---------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Copy with Ctrl+C; movement is the transcript's business."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            event.ignore()

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: N802 (Qt's name)
        """Show the actions."""
        super().enterEvent(event)
        self._show_actions()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """Hide the actions unless they are needed otherwise."""
        super().leaveEvent(event)
        self._show_actions()

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 (Qt's name)
        """Show the frame and the actions."""
        super().focusInEvent(event)
        self._framed = event.reason() is not Qt.FocusReason.MouseFocusReason
        self.refresh_focus()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 (Qt's name)
        """Hide the frame."""
        super().focusOutEvent(event)
        self.refresh_focus()

    def refresh_focus(self) -> None:
        """Follow the focus, which may have moved to or from a part of the turn."""
        self._show_actions()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802 (Qt's name)
        """Draw the bubble of a question and the focus frame."""
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._role is Role.USER and self._editor is None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.user_bubble))
            text = QRectF(self.body.geometry())
            bubble = text.adjusted(-BUBBLE_X, -BUBBLE_Y, BUBBLE_X, BUBBLE_Y)
            painter.drawRoundedRect(bubble, BUBBLE_RADIUS, BUBBLE_RADIUS)
        if self.hasFocus() and self._framed:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.accent), 1.5))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 10, 10)


def _show(part: QWidget | None, visible: bool) -> None:  # noqa: FBT001 (Qt's convention)
    if part is not None:
        part.setVisible(visible)

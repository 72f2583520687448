"""The pages shown where there are no turns yet: first run, and an empty conversation.

They exist so that an empty window says what to do next. They must not know how models are loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
)

from desktop_app.look.centred_page import CentredPage


class FirstRunPage(CentredPage):
    """What a person sees who has never chosen a model.

    Attributes:
        builtin_chosen: Start with the built-in model.
        recommended_chosen: Get the recommended model.
        download_cancelled: Stop getting it.
        library_chosen: Choose among the models that are here.
        folder_chosen: Use a folder that holds models.
        file_chosen: Choose a GGUF file.
        server_chosen: Connect to a server.
    """

    builtin_chosen = Signal()
    recommended_chosen = Signal()
    download_cancelled = Signal()
    library_chosen = Signal()
    folder_chosen = Signal()
    file_chosen = Signal()
    server_chosen = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.set_title(self.tr("Welcome to Ponder"))
        self.add_text(
            self.tr(
                "Ask a question and say how much thinking it is worth. Ponder answers it several "
                "times with a model on this computer, counts which answer wins, and shows what "
                "it cost."
            )
        )
        self.column.addSpacing(4)
        self._builtin = self._offer(
            self.tr("Start with the built-in model"),
            self.builtin_chosen,
            self.tr(
                "A small demonstration model for number stories. It is here already and answers "
                "in seconds on any computer."
            ),
        )
        self._builtin.setProperty("primary", True)
        self._recommended = self._offer("", self.recommended_chosen, "")
        self._why = self._last_text()
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 1000)
        self._bar.setAccessibleName(self.tr("Download progress"))
        self._cancel = QPushButton(self.tr("Cancel"))
        self._cancel.clicked.connect(lambda _checked=False: self.download_cancelled.emit())
        progress = QHBoxLayout()
        progress.addWidget(self._bar, 1)
        progress.addWidget(self._cancel)
        self.column.addLayout(progress)
        self._library = self._offer("", self.library_chosen, "")
        self._library_text = self._last_text()
        self._library_text.setText(self.tr("Used in place; nothing is copied."))
        self._file = self._offer(
            self.tr("Choose a GGUF file…"),
            self.file_chosen,
            self.tr("You can also drop a file onto the window."),
        )
        self._folder = QPushButton(self.tr("Use a folder of models…"))
        self._folder.clicked.connect(lambda _checked=False: self.folder_chosen.emit())
        self._server = QPushButton(self.tr("Connect to a server…"))
        self._server.clicked.connect(lambda _checked=False: self.server_chosen.emit())
        for button in (self._folder, self._server):
            self.column.insertWidget(self.column.indexOf(self._last_text()), button)
        self._about_recommended = ""
        self.show_offers()
        self.offer_library(0)

    def focus(self) -> None:
        """Let Enter take the first offer."""
        first = self._builtin if self._builtin.isEnabled() else self._file
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    def set_builtin_available(self, available: bool) -> None:  # noqa: FBT001 - a state, not a mode
        """Offer the built-in model only where it is installed."""
        self._builtin.setEnabled(available)

    def offer_recommended(self, title: str, about: str) -> None:
        """Offer a model that suits this machine."""
        if self._bar.isVisibleTo(self):
            return
        self._recommended.setText(self.tr("Get {title}").format(title=title))
        self._about_recommended = about
        self.show_offers()

    def offer_library(self, count: int) -> None:
        """Offer the models of other programs, if there are any."""
        one = self.tr("Use the model on this computer")
        many = self.tr("Choose among {count} models on this computer").format(count=count)
        self._library.setText(one if count == 1 else many)
        for widget in (self._library, self._library_text):
            widget.setVisible(count > 0)

    def show_offers(self) -> None:
        """Nothing is being fetched."""
        self._recommended.setVisible(bool(self._about_recommended))
        self._recommended.setEnabled(True)
        self._why.setVisible(bool(self._about_recommended))
        self._why.setText(self._about_recommended)
        self._bar.hide()
        self._cancel.hide()

    def show_progress(self, words: str, share: float) -> None:
        """Say how far the recommended model is, 0 to 1."""
        self._recommended.setEnabled(False)
        self._why.setText(words)
        self._bar.setValue(round(1000 * share))
        self._bar.show()
        self._cancel.show()

    def show_problem(self, text: str) -> None:
        """Say why the recommended model is not here."""
        self.show_offers()
        self._why.setText(text)
        self._why.show()

    def _offer(self, text: str, chosen: SignalInstance, about: str) -> QPushButton:
        button = QPushButton(text)
        button.clicked.connect(lambda _checked=False: chosen.emit())
        self.column.addSpacing(4)
        self.column.addWidget(button)
        self.add_text(about, muted=True)
        return button

    def _last_text(self) -> QLabel:
        """The paragraph that was added last."""
        item = self.column.itemAt(self.column.count() - 1)
        widget = item.widget() if item is not None else None
        if not isinstance(widget, QLabel):
            raise TypeError("the last thing added is no text")
        return widget


class EmptyPage(CentredPage):
    """An empty conversation; for a demonstration model with questions to try.

    Attributes:
        question_chosen: A sample question was clicked.
        model_wanted: A model is to be chosen.
        full_model_wanted: The person asks for a full model.
    """

    question_chosen = Signal(str)
    model_wanted = Signal()
    full_model_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.set_title(self.tr("What is worth thinking about?"))
        self._about = self.add_text("", muted=True)
        self._questions: tuple[str, ...] = ()
        self._samples = QVBoxLayout()
        self._samples.setSpacing(8)
        self.column.addLayout(self._samples)
        self._choose = QPushButton(self.tr("Choose a model…"))
        self._choose.clicked.connect(self.model_wanted)
        self._full = QPushButton(self.tr("Use a full model…"))
        self._full.clicked.connect(self.full_model_wanted)
        self._where = self.add_text(
            self.tr(
                "A full model is a GGUF file, for example from huggingface.co; look for "
                "“GGUF” and a size that fits your memory."
            ),
            muted=True,
        )
        row = QHBoxLayout()
        row.addWidget(self._choose)
        row.addWidget(self._full)
        row.addStretch(1)
        self.column.insertLayout(self.column.indexOf(self._where), row)
        self.show_general()

    def show_general(self, *, no_model: bool = False) -> None:
        """For a model that can be asked anything, or none.

        Args:
            no_model: Whether none is loaded, so that one is to be chosen first.
        """
        self._set_samples(())
        self._about.setText(
            self.tr(
                "Move the slider for more thinking. The answer with the most votes is shown, and "
                "every candidate beside it."
            )
        )
        self._choose.setVisible(no_model)
        self._full.hide()
        self._where.hide()

    def show_demonstration(self, questions: Sequence[str]) -> None:
        """For a built-in model: say what it is, and offer questions it can answer."""
        self._about.setText(
            self.tr(
                "This is a demonstration model. It answers questions like these, and cannot answer "
                "anything else. Try one:"
            )
        )
        self._set_samples(questions)
        self._choose.hide()
        self._full.show()
        self._where.show()

    def _set_samples(self, questions: Sequence[str]) -> None:
        if tuple(questions) == self._questions:
            return
        self._questions = tuple(questions)
        while (item := self._samples.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for question in questions:
            self._samples.addWidget(_SampleButton(question, self.question_chosen.emit))


class _SampleButton(QPushButton):
    """A question to try, wrapped over several lines."""

    def __init__(self, question: str, chosen: Callable[[str], None]) -> None:
        super().__init__()
        self.setAccessibleName(question)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        label = QLabel(question, self)
        label.setWordWrap(True)
        label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 10, 14, 10)
        layout.addWidget(label)
        self.clicked.connect(lambda: chosen(question))

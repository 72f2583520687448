"""How far a download is, in words. Free of Qt."""

from __future__ import annotations

from desktop_app.words.quantities import format_about_seconds, format_bytes
from models.download_queue import DownloadState, DownloadStatus


def progress_share(status: DownloadStatus) -> float:
    """Return the share that the bar shows, 0 to 1: of bytes that came, then of those checked."""
    size = status.order.model.size_bytes
    if status.state is DownloadState.DONE:
        return 1.0
    done = status.checked_bytes if status.state is DownloadState.CHECKING else status.got_bytes
    return done / size if size else 0.0


def progress_words(status: DownloadStatus) -> str:
    """For example "1.2 GB of 2.5 GB · 12.4 MB/s · 1 min 45 s left"."""
    size = format_bytes(status.order.model.size_bytes)
    amount = f"{format_bytes(status.got_bytes)} of {size}"
    match status.state:
        case DownloadState.WAITING:
            return f"waits · {amount}"
        case DownloadState.PAUSED:
            return f"paused · {amount}"
        case DownloadState.CHECKING:
            return f"checking its SHA-256 · {format_bytes(status.checked_bytes)} of {size}"
        case DownloadState.DONE:
            return f"here and checked · {size}"
        case DownloadState.FAILED:
            return f"failed · {amount}"
        case DownloadState.GETTING:
            return _getting(status, amount)


def _getting(status: DownloadStatus, amount: str) -> str:
    if status.waiting_seconds:
        pause = format_about_seconds(status.waiting_seconds)
        return f"{amount} · connection lost, next try in {pause}"
    if not status.bytes_per_second:
        return amount
    speed = f"{format_bytes(int(status.bytes_per_second))}/s"
    left = status.seconds_left
    return " · ".join(
        [amount, speed, *([f"{format_about_seconds(left)} left"] if left is not None else [])]
    )

"""What goes into the packaged program and what stays out: lists and rules for `ponder.spec`.

It exists so that the rules can be tested without PyInstaller. Ponder and what it needs are
installed beside this code's interpreter when the package is made.
"""

from __future__ import annotations

import os
import re
import sys
from importlib.metadata import version as version_of
from importlib.util import find_spec
from pathlib import Path, PurePosixPath

IDENTIFIER = "io.github.ponder_desktop.Ponder"
DISTRIBUTION = "ponder-desktop"
LICENCES_VARIABLE = "PONDER_LICENCES"
"""Where `portable.py` tells the recipe the collected licences lie."""

ROOMS = ("desktop_app", "engine", "models")

# Packages that choose modules of their own by name when they run.
WHOLE_PACKAGES = ("latex2sympy2_extended", "math_verify", "keyring.backends", "sqlite_utils")
PACKAGES_WITH_DATA = ("ziamath", "ziafont", "latex2mathml", "latex2sympy2_extended", "certifi")
PACKAGES_WITH_METADATA = (
    DISTRIBUTION,
    "PySide6-Essentials",
    "llama-cpp-python",
    "huggingface-hub",
    "sqlite-utils",
    "nvidia-ml-py",
    "math-verify",
    "keyring",
)

QT_MODULES = frozenset(
    {"QtCore", "QtDBus", "QtGui", "QtNetwork", "QtOpenGL", "QtOpenGLWidgets", "QtSvg", "QtTest"}
    | {"QtWidgets"}
)
"""Modules of PySide6 that our code, or pyqtgraph when it is imported, needs."""

# Modules that packages of ours offer to use and Ponder does not, and the large ones among Qt's.
EXCLUDED_MODULES = [
    "IPython", "PIL", "PyQt5", "PyQt6", "datasets", "fastapi", "hf_xet", "jupyter_rfb", "matplotlib",
    "openai", "pandas", "pip", "pkg_resources", "polars", "pyarrow", "pydantic", "pytest", "scipy",
    "sentencepiece", "setuptools", "tkinter", "torch", "uvicorn", "models.training",
    *(f"PySide6.{name}" for name in (
        "QtConcurrent", "QtDesigner", "QtHelp", "QtPrintSupport", "QtQml", "QtQuick",
        "QtQuickControls2", "QtQuickTest", "QtQuickWidgets", "QtSql", "QtSvgWidgets", "QtUiTools",
        "QtXml",
    )),
]  # fmt: skip

_UNWANTED_PLUGINS = (
    "designer", "egldeviceintegrations", "generic", "networkinformation", "printsupport", "qmllint",
    "qmltooling", "sqldrivers", "vectorimageformats", "wayland-graphics-integration-server",
)  # fmt: skip
_UNWANTED_PLUGIN_FILES = re.compile(
    r"(qeglfs|qlinuxfb|qminimal|qminimalegl|qvkkhrdisplay|qvnc|qpdf|qtvirtualkeyboardplugin"
    r"|qgtk3|qtiff|qicns|qtga|qwbmp)\.(so|dll|dylib)$"
)
_UNWANTED_QT_LIBRARIES = re.compile(
    r"(lib)?Qt6?(Qml|Quick|Pdf|Designer|Help|Sql|PrintSupport|Labs|VirtualKeyboard|Eglfs"
    r"|EglFS|WaylandCompositor|Lottie|QmlModels|UiTools|Test|Concurrent|ShaderTools|Xml)"
)
# Drivers and the display's own libraries must be those of the system that runs the program.
_SYSTEM_LIBRARIES = re.compile(
    r"lib(EGL|GL|GLX|GLdispatch|OpenGL|drm|gbm|wayland-(client|cursor|egl)|X11|X11-xcb|xcb"
    r"|fontconfig|freetype|glib-2\.0|gthread-2\.0|gio-2\.0|gobject-2\.0|dbus-1|systemd)\.so"
)


def is_wanted(target: str) -> bool:
    """Return whether a collected file belongs into the package.

    Args:
        target: Its path in the package.
    """
    path = PurePosixPath(target.replace(os.sep, "/"))
    name = path.name
    if "translations" in path.parts and "PySide6" in path.parts:
        return False
    if "plugins" in path.parts and "PySide6" in path.parts:
        if path.parent.name in _UNWANTED_PLUGINS or _UNWANTED_PLUGIN_FILES.search(name):
            return False
    if name == "direct_url.json":  # says where the wheel lay when the package was made
        return False
    if "llama_cpp" in path.parts and "lib" in path.parts:
        return is_needed_library(name)
    return not (_UNWANTED_QT_LIBRARIES.match(name) or _SYSTEM_LIBRARIES.match(name))


def is_needed_library(name: str) -> bool:
    """Return whether one of llama.cpp's libraries is loaded under this name.

    Its wheel holds every library under three names, as copies: the one that the linker uses, the
    one that other libraries load it by, and one with the whole version.
    """
    if ".so" not in name:
        return True
    if name == "libllama.so" or re.fullmatch(r"libggml-[a-z]+-\w+\.so", name):
        return True  # opened by name: by the binding, and by ggml
    return re.fullmatch(r"lib(ggml[\w-]*)\.so\.\d+", name) is not None and not re.match(
        r"libggml-cpu-", name
    )


def llama_libraries() -> list[tuple[str, str]]:
    """Return llama.cpp's libraries, each with its folder in the package."""
    spec = find_spec("llama_cpp")
    if spec is None or spec.origin is None:
        raise RuntimeError("llama-cpp-python is not installed beside PyInstaller")
    folder = Path(spec.origin).parent / "lib"
    return [(str(path), "llama_cpp/lib") for path in sorted(folder.iterdir()) if path.is_file()]


def licences_file() -> str:
    """Return the file of third-party licences that goes into the package."""
    return os.environ[LICENCES_VARIABLE]


def version() -> str:
    """Return the version of Ponder that is packaged."""
    return version_of(DISTRIBUTION)


def icon() -> str | None:
    """Return the icon file of the executables, where the system has icons in them."""
    kind = {"win32": "ponder.ico", "darwin": "ponder.icns"}.get(sys.platform)
    path = Path(__file__).with_name("data") / kind if kind else None
    return str(path) if path is not None and path.exists() else None


def mac_properties() -> dict[str, object]:
    """Return what the bundle's Info.plist says beside the usual."""
    return {
        "NSHighResolutionCapable": True,
        "LSMinimumSystemVersion": "13.0",
        "CFBundleDocumentTypes": [
            {
                "CFBundleTypeName": "GGUF model",
                "CFBundleTypeExtensions": ["gguf"],
                "CFBundleTypeRole": "Viewer",
                "LSHandlerRank": "Alternate",
            }
        ],
    }

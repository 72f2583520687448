"""What goes into the packaged program and what stays out: lists and rules for `ponder.spec`.

It exists so that the rules can be tested without PyInstaller. Ponder and what it needs are
installed beside this code's interpreter when the package is made.
"""

from __future__ import annotations

import re
import sys
from importlib.metadata import version as version_of
from importlib.util import find_spec
from pathlib import Path, PurePosixPath

IDENTIFIER = "desktop.ponder.app"
DISTRIBUTION = "ponder-desktop"

ROOMS = ("desktop_app", "engine", "models")

# Packages that choose modules of their own by name when they run.
WHOLE_IN_WINDOW = ("keyring.backends", "sqlite_utils")
WHOLE_IN_WORKER = ("keyring.backends", "latex2sympy2_extended", "math_verify")
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

# Modules that packages of ours offer to use and Ponder does not, and the large ones among Qt's.
EXCLUDED_MODULES = [
    "IPython", "PIL", "PyQt5", "PyQt6", "curses", "datasets", "duckdb.experimental", "hf_xet",
    "jupyter_rfb", "matplotlib", "numpy.f2py", "openai", "pandas", "pip", "pkg_resources", "polars",
    "pyarrow", "pydoc_data", "pytest", "readline", "scipy", "sentencepiece", "setuptools",
    "tkinter", "torch",
    *(f"PySide6.{name}" for name in (
        "QtConcurrent", "QtDesigner", "QtHelp", "QtOpenGL", "QtPrintSupport", "QtQml",
        "QtQuick", "QtQuickControls2", "QtQuickTest", "QtQuickWidgets", "QtSql", "QtSvgWidgets",
        "QtTest", "QtUiTools", "QtXml",
    )),
]  # fmt: skip
# What only one of the two programs needs. Each carries its own archive of Python code.
ONLY_IN_WINDOW = [
    "PySide6", "click", "desktop_app", "duckdb", "fastapi", "fsspec", "gguf", "huggingface_hub",
    "models", "pydantic", "pygments", "pyqtgraph", "requests", "shiboken6", "sqlite_utils",
    "starlette", "urllib3", "uvicorn", "yaml", "ziamath",
]  # fmt: skip
ONLY_IN_WORKER = ["antlr4", "latex2sympy2_extended", "llama_cpp", "math_verify", "mpmath", "sympy"]

_UNWANTED_PLUGINS = (
    "designer", "egldeviceintegrations", "generic", "networkinformation", "printsupport", "qmllint",
    "qmltooling", "sqldrivers", "tls", "vectorimageformats", "wayland-graphics-integration-server",
)  # fmt: skip
_UNWANTED_PLUGIN_FILES = re.compile(
    r"(qeglfs|qlinuxfb|qminimal|qminimalegl|qvkkhrdisplay|qvnc|qpdf|qtvirtualkeyboardplugin"
    r"|qgtk3|qtiff|qicns|qtga|qwbmp)\.(so|dll|dylib)$"
)
_UNWANTED_QT_LIBRARIES = re.compile(
    r"(lib)?Qt6?(Concurrent|Designer|Egl|Help|Labs|Lottie|Pdf|PrintSupport|Qml|Quick"
    r"|ShaderTools|Sql|Test|UiTools|VirtualKeyboard|WaylandCompositor|Xml)"
)
# NumPy's own tests, in C.
_TEST_MODULES = re.compile(r"_\w+_tests\..*(so|pyd)$")
# pyqtgraph's mascot, in large.
_ORNAMENTS = ("pyqtgraph", "icons", "peegee")
# Everything else that Qt and Python open must be that of the system that runs the program: drivers
# and the display are its own, and a library that they share with us can be there only once.
_OUR_SYSTEM_LIBRARIES = re.compile(
    r"lib(bz2|crypto|ffi|gomp|lzma|mpdec|python3|sqlite3|ssl|xcb-(cursor|icccm|image|keysyms"
    r"|render-util|util))[.\d]*\.so"
)


# ggml's code for these few processors is left out, 1.5 MB each: the next older kind runs there.
RARE_PROCESSORS = (
    "cannonlake", "cascadelake", "cooperlake", "ivybridge", "piledriver", "skylakex",
)  # fmt: skip


def is_wanted(target: str, *, linux: bool) -> bool:
    """Return whether a collected file belongs into the package.

    Args:
        target: Its path in the package.
        linux: Whether the package is for Linux.
    """
    path = PurePosixPath(target.replace("\\", "/"))
    if path.name == "direct_url.json":  # says where the wheel lay when the package was made
        return False
    if _TEST_MODULES.match(path.name) or path.parts[:3] == _ORNAMENTS:
        return False
    if "PySide6" in path.parts:
        return _is_wanted_of_qt(path)
    if path.parts[:2] == ("llama_cpp", "lib"):
        return is_needed_library(path.name)
    if linux and path.parent == PurePosixPath() and path.name.startswith("lib"):
        return _OUR_SYSTEM_LIBRARIES.match(path.name) is not None or _belongs_to_wheel(path.name)
    return True


def _is_wanted_of_qt(path: PurePosixPath) -> bool:
    if "translations" in path.parts or "qml" in path.parts:
        return False
    if "plugins" in path.parts:
        unwanted = _UNWANTED_PLUGIN_FILES.search(path.name)
        return path.parent.name not in _UNWANTED_PLUGINS and not unwanted
    return _UNWANTED_QT_LIBRARIES.match(path.name) is None


def _belongs_to_wheel(name: str) -> bool:
    """Return whether a library at the top comes from a wheel; PyInstaller links those there."""
    known = r"lib(Qt6|icu|pyside6|shiboken6|gfortran-|quadmath-|scipy_openblas)"
    return re.match(known, name) is not None and _UNWANTED_QT_LIBRARIES.match(name) is None


def is_needed_library(name: str) -> bool:
    """Return whether one of llama.cpp's libraries is loaded under this name.

    Its wheel holds every library under three names, as copies: the one that the linker uses, the
    one that other libraries load it by, and one with the whole version.
    """
    if ".so" not in name:
        return True
    if any(f"-{rare}." in name for rare in RARE_PROCESSORS):
        return False
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

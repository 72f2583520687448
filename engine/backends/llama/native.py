"""The door to llama.cpp: the low-level binding, and the few functions it leaves out.

Every other module of this package takes `low` from here, so that what must be set before the
library is loaded is set. Knows nothing of candidates.
"""

from __future__ import annotations

import ctypes
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

# A llama.cpp built with OpenMP waits for its threads after every operation, by default spinning for
# milliseconds. On a machine whose cores are all busy the spinning starves the very thread that is
# waited for. Measured on two cores, 0.4 billion weights, one candidate, candidates a second alone
# and beside a busy program: default 0.43 and 0.05, no spinning 0.34 and 0.22, 1,000 turns 0.42 and
# 0.21. GCC's libgomp and LLVM's runtime read these when they are loaded, so before llama.cpp is.
os.environ.setdefault("GOMP_SPINCOUNT", "1000")
os.environ.setdefault("KMP_BLOCKTIME", "0")

import llama_cpp
from llama_cpp import llama_cpp as low

_LIBRARIES: Final = Path(llama_cpp.__file__).parent / "lib"

__all__ = [
    "Device",
    "SystemReport",
    "gpu_devices",
    "low",
    "system_report",
    "zero_byte_flag",
]

_CPU_DEVICE: Final = 0
"""`GGML_BACKEND_DEVICE_TYPE_CPU` of ggml-backend.h."""
_ACCELERATOR_LIBRARY: Final = 3
"""`GGML_BACKEND_DEVICE_TYPE_ACCEL`: BLAS and the like, which hold no layers."""


@dataclass(frozen=True, slots=True)
class Device:
    """Something that can hold layers, beside the processor.

    Attributes:
        name: llama.cpp's name, such as "CUDA0".
        description: Its product name.
        free_bytes: Memory free now.
        total_bytes: Memory it has.
    """

    name: str
    description: str
    free_bytes: int
    total_bytes: int


@dataclass(frozen=True, slots=True)
class SystemReport:
    """What this build of llama.cpp is and sees.

    Attributes:
        llama_build: Version of the binding and the instruction sets in use.
        devices: Devices that can hold layers, as "name: description".
        gpu_build: Whether layers can be offloaded at all.
    """

    llama_build: str
    devices: tuple[str, ...]
    gpu_build: bool


def load_processor_code() -> None:
    """Have ggml load its code for this processor, where the build holds one module for each kind.

    Other builds have it linked in and no module beside the library: nothing happens then.
    """
    if any(_LIBRARIES.glob("*ggml-cpu-*")):
        load = _ggml("ggml").ggml_backend_load_all_from_path
        load.argtypes, load.restype = [ctypes.c_char_p], None
        load(os.fsencode(_LIBRARIES))


def system_report() -> SystemReport:
    """Ask llama.cpp what it is and sees."""
    low.llama_backend_init()
    features = low.llama_print_system_info().decode(errors="replace").strip(" |\n")
    return SystemReport(
        f"llama-cpp-python {llama_cpp.__version__}, {features}",
        tuple(f"{device.name}: {device.description}" for device in gpu_devices()),
        bool(low.llama_supports_gpu_offload()),
    )


def has_avx512() -> bool:
    """Whether the code that was loaded for this processor uses AVX-512."""
    return b"AVX512 = 1" in low.llama_print_system_info()


def gpu_devices() -> tuple[Device, ...]:
    """Devices that can hold layers, in llama.cpp's order."""
    registry, base = _ggml("ggml"), _ggml("ggml-base")
    registry.ggml_backend_dev_count.restype = ctypes.c_size_t
    registry.ggml_backend_dev_get.restype = ctypes.c_void_p
    base.ggml_backend_dev_name.restype = ctypes.c_char_p
    base.ggml_backend_dev_description.restype = ctypes.c_char_p
    devices = []
    for index in range(registry.ggml_backend_dev_count()):
        device = ctypes.c_void_p(registry.ggml_backend_dev_get(ctypes.c_size_t(index)))
        if base.ggml_backend_dev_type(device) in {_CPU_DEVICE, _ACCELERATOR_LIBRARY}:
            continue
        free, total = ctypes.c_size_t(), ctypes.c_size_t()
        base.ggml_backend_dev_memory(device, ctypes.byref(free), ctypes.byref(total))
        name = base.ggml_backend_dev_name(device).decode(errors="replace")
        description = base.ggml_backend_dev_description(device).decode(errors="replace")
        devices.append(Device(name, description, free.value, total.value))
    return tuple(devices)


def _ggml(name: str) -> ctypes.CDLL:
    """One of ggml's libraries, which the binding loads as dependencies but does not bind.

    Off Windows it is asked through llama.cpp's library, whose symbols include those of its
    dependencies. By its own name a second copy would be loaded, with a registry of its own: wheels
    hold no links, so the name that the linker uses is another file.
    """
    if sys.platform != "win32":
        suffix = "dylib" if sys.platform == "darwin" else "so"
        return ctypes.CDLL(str(_LIBRARIES / f"libllama.{suffix}"))
    path = _LIBRARIES / f"{name}.dll"
    return ctypes.CDLL(str(path if path.exists() else path.with_name(f"lib{name}.dll")))


def zero_byte_flag() -> tuple[ctypes.Array[ctypes.c_char], object]:
    """A flag that native code polls without Python, and the function that polls it.

    llama.cpp asks its abort callback after every operation of the graph, some thousand times a
    step; a Python callback would take the interpreter's lock each time. `strlen` has the wanted
    signature and meaning: it is 0 for the flag's empty string and 1 once its first byte is set.

    Returns:
        The flag (two bytes), and the callback for `llama_set_abort_callback`.
    """
    library = ctypes.CDLL("msvcrt" if sys.platform == "win32" else None)
    return ctypes.create_string_buffer(2), ctypes.cast(library.strlen, low.ggml_abort_callback)


load_processor_code()

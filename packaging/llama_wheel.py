"""Provides a wheel of llama-cpp-python for this machine: one for each GPU variant, kept.

The package index holds only its source. A build is kept under ``.cache/llama/``, so that switching
variants or making the environment anew does not compile again. It must not know the environment's
other packages.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from progress import SetupError, run_logged, say

INDEX_PROBE_SECONDS = 4
BYTES_PER_COMPILER = 1_500_000_000
CMAKE_FILE = Path(__file__).with_name("llama_cpp_options.cmake")

# Only the library is used: no multimodal part, no "common" library (see the CMake file), and no
# second copy of everything at the root of site-packages. Ninja is fetched where missing, because
# make would build one file after another.
COMMON_SETTINGS = (
    "cmake.define.LLAVA_BUILD=OFF",
    f"cmake.define.CMAKE_PROJECT_INCLUDE={CMAKE_FILE.as_posix()}",
    "wheel.exclude=lib/**",
    "wheel.exclude=include/**",
    "wheel.exclude=bin/**",
    "ninja.make-fallback=false",
)

# One build for every x86-64 processor: ggml's processor code as one module for each generation, of
# which `engine.backends.llama.native` has the best one loaded. llama-cpp-python installs no such
# modules, so llama.cpp's own install rule puts them beside its libraries, with what it would put
# into "bin" otherwise: scripts, which are left out.
PORTABLE_SETTINGS = (
    "cmake.define.GGML_NATIVE=OFF",
    "cmake.define.GGML_BACKEND_DL=ON",
    "cmake.define.GGML_CPU_ALL_VARIANTS=ON",
    "cmake.define.CMAKE_INSTALL_BINDIR=llama_cpp/lib",
    "cmake.define.CMAKE_INSTALL_RPATH=$ORIGIN",
    "wheel.exclude=llama_cpp/lib/*.py",
)


@dataclass(frozen=True)  # without slots, so that an old Python reaches the message about its age
class Variant:
    """One way of offloading.

    Attributes:
        settings: scikit-build-core settings on top of the common ones.
        tools: Programs of which one must be present to build it.
        advice: Where those programs come from.
        offloads: Whether layers can be put on a graphics card.
    """

    settings: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    advice: str = ""
    offloads: bool = True


VARIANTS: Mapping[str, Variant] = {
    "cpu": Variant(offloads=False),
    "portable": Variant(PORTABLE_SETTINGS, offloads=False),
    "cuda": Variant(
        ("cmake.define.GGML_CUDA=ON",),
        ("nvcc",),
        "Install the CUDA toolkit (Debian: apt-get install nvidia-cuda-toolkit) or set CUDACXX to "
        "the path of nvcc.",
    ),
    "metal": Variant(("cmake.define.GGML_METAL=ON",)),
    "vulkan": Variant(
        ("cmake.define.GGML_VULKAN=ON",),
        ("glslc",),
        "Install a Vulkan SDK (Debian: apt-get install libvulkan-dev glslc spirv-headers).",
    ),
    "hip": Variant(
        ("cmake.define.GGML_HIP=ON",),
        ("hipcc", "hipconfig"),
        "Install AMD's ROCm with its HIP development files.",
    ),
}


def default_variant() -> str:
    """Return the variant for a person who named none: llama.cpp always has Metal on a Mac."""
    return "metal" if sys.platform == "darwin" else "cpu"


def wheel_key(version: str, variant: str) -> str:
    """Return a name for all that decides what the build contains."""
    parts = [
        version,
        variant,
        *COMMON_SETTINGS[2:],
        *VARIANTS[variant].settings,
        CMAKE_FILE.read_text(encoding="utf-8"),
        os.environ.get("CMAKE_ARGS", ""),
        sys.platform,
        platform.machine(),
    ]
    return f"{version}-{variant}-{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:10]}"


def build_environment(variant: str) -> dict[str, str]:
    """Return the environment of a build: the person's own, with tools and parallelism filled in.

    Raises:
        SetupError: The variant's compiler is missing, or the variant does not exist on this system.
    """
    environment = dict(os.environ)
    environment.setdefault("CMAKE_BUILD_PARALLEL_LEVEL", str(_compilers_at_once()))
    if variant == "metal" and sys.platform != "darwin":
        raise SetupError("Metal exists on macOS only.", "Choose GPU=cuda, vulkan or hip here.")
    if variant == "cuda":
        _find_nvcc(environment)
    wanted = VARIANTS[variant]
    found = [shutil.which(tool, path=environment.get("PATH")) for tool in wanted.tools]
    if wanted.tools and not any(found):
        raise SetupError(f"GPU={variant} needs {' or '.join(wanted.tools)}.", wanted.advice)
    if variant == "hip":
        _point_cmake_at_hip(environment)
    return environment


def _compilers_at_once() -> int:
    cores = os.cpu_count() or 1
    if not hasattr(os, "sysconf") or "SC_PHYS_PAGES" not in os.sysconf_names:
        return cores
    memory_bytes = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return max(1, min(cores, memory_bytes // BYTES_PER_COMPILER))


def _find_nvcc(environment: dict[str, str]) -> None:
    """Put the toolkit's folder on the path: its installer leaves that to the person."""
    named = environment.get("CUDACXX")
    folder = Path(named).parent if named else Path("/usr/local/cuda/bin")
    if (folder / "nvcc").exists():
        environment["PATH"] = f"{environment.get('PATH', '')}{os.pathsep}{folder}"


def _point_cmake_at_hip(environment: dict[str, str]) -> None:
    """Set the two variables llama.cpp's build notes ask for. Source: its docs/build.md, HIP."""
    hipconfig = shutil.which("hipconfig", path=environment.get("PATH"))
    if hipconfig is None:
        return
    for name, option, suffix in (("HIPCXX", "-l", "/clang"), ("HIP_PATH", "-R", "")):
        answer = subprocess.run([hipconfig, option], capture_output=True, text=True, check=False)
        if answer.returncode == 0:
            environment.setdefault(name, answer.stdout.strip() + suffix)


def provide_wheel(python: Path, version: str, variant: str, cache: Path) -> Path:
    """Return the wheel of this version and variant, building it when it is not kept yet.

    Args:
        python: The environment's interpreter, whose pip does the work.
        version: Version to build.
        variant: A name in `VARIANTS`.
        cache: Folder for wheels and the log.

    Raises:
        SetupError: The build cannot start or failed.
    """
    folder = cache / "llama" / wheel_key(version, variant)
    kept = sorted(folder.glob("*.whl"))
    if kept:
        return kept[0]
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as scratch:
        if not _fetch_published(python, version, Path(scratch), cache):
            _build(python, version, variant, Path(scratch), cache)
        made = next(Path(scratch).glob("*.whl"))
        folder.mkdir(parents=True, exist_ok=True)
        return made.replace(folder / made.name)


def _build(python: Path, version: str, variant: str, target: Path, cache: Path) -> None:
    environment = build_environment(variant)
    settings = (*COMMON_SETTINGS, *VARIANTS[variant].settings)
    command = [str(python), "-m", "pip", "wheel", "--verbose", "--no-deps", "--no-input"]
    # pip's own cache would answer with a wheel of another variant: it does not know the settings.
    # A cache for this build alone keeps what was fetched when it is interrupted.
    fetched = cache / "fetched" / wheel_key(version, variant)
    command += ["--no-binary", "llama-cpp-python", "--cache-dir", str(fetched)]
    command += ["--disable-pip-version-check", "--wheel-dir", str(target)]
    command += [f"--config-settings={setting}" for setting in settings]
    command.append(f"llama-cpp-python=={version}")
    what = f"Building llama.cpp for {variant} from source (minutes, once)"
    run_logged(command, what, cache / "setup.log", environment)
    shutil.rmtree(fetched, ignore_errors=True)


def _fetch_published(python: Path, version: str, target: Path, cache: Path) -> bool:
    """Take the pinned wheel from the index named in ``LLAMA_WHEELS``, if it answers at once."""
    index = os.environ.get("LLAMA_WHEELS", "").rstrip("/")
    if not index:
        return False
    try:
        with urllib.request.urlopen(f"{index}/llama-cpp-python/", timeout=INDEX_PROBE_SECONDS):
            pass
    except (OSError, ValueError) as error:
        say(f"The wheels at LLAMA_WHEELS cannot be reached ({error}); building instead.")
        return False
    command = [str(python), "-m", "pip", "download", "--no-deps", "--no-input", "--no-cache-dir"]
    command += ["--only-binary=:all:", "--disable-pip-version-check", "--index-url", index]
    command += ["--dest", str(target), f"llama-cpp-python=={version}"]
    try:
        run_logged(command, "Fetching the published llama.cpp wheel", cache / "setup.log")
    except SetupError:
        say("No published wheel fits this machine; building instead.")
        return False
    return True

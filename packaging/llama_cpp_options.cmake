# Included by CMake after each project() call while llama-cpp-python is built.
#
# llama-cpp-python forces llama.cpp's "common" library on in the cache, although the Python package
# neither installs nor loads it; it is over a third of the build. A normal variable hides the cache
# entry (policy CMP0126). Remove this file when llama-cpp-python stops forcing it.
set(LLAMA_BUILD_COMMON OFF)

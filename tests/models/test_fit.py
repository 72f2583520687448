"""Memory of models whose headers hold anything that may be described."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from models.description import describe
from models.errors import GgufError
from models.fit import ContextShape, GpuMemory, MachineMemory, fit, memory_need
from models.gguf import GgufArray, Value

NUMBERS = st.sampled_from([0, 1, 2, 7, 128, 2**32 - 1, 2**40 - 1])
LISTS = st.lists(NUMBERS, max_size=5).map(
    lambda items: GgufArray("UINT64", len(items), tuple(items))
)
NAMES = (
    "block_count",
    "embedding_length",
    "feed_forward_length",
    "attention.head_count",
    "attention.head_count_kv",
    "attention.key_length",
    "attention.value_length",
    "vocab_size",
    "ssm.inner_size",
    "ssm.state_size",
    "ssm.conv_kernel",
    "ssm.group_count",
)
HEADERS = st.dictionaries(st.sampled_from(NAMES), st.one_of(NUMBERS, LISTS))
SHAPE = ContextShape(candidates=4, cells=4096, longest_cells=1024, flash_attention=False)
SMALL_MACHINE = MachineMemory(0, 0, (GpuMemory("GPU", 0, 0),))
WHOLE: dict[str, Value] = {"block_count": 2, "embedding_length": 32, "attention.head_count": 4}


@given(HEADERS)
@example({**WHOLE, "attention.head_count": GgufArray("UINT32", 0, ())})
@example({**WHOLE, "attention.head_count": GgufArray("UINT32", 2, (0, 0))})
@example(WHOLE)
def test_what_can_be_described_can_be_reckoned_with(numbers: dict[str, Value]) -> None:
    metadata: dict[str, Value] = {"general.architecture": "llama"}
    metadata |= {f"llama.{name}": value for name, value in numbers.items()}
    try:
        about = describe(metadata)
    except GgufError:
        return
    need = memory_need(about, 1000, SHAPE)
    if need is not None:
        assert need.total_bytes >= 1000
        assert fit(about, need, SMALL_MACHINE).layers_on_gpu >= 0


def test_a_whole_header_is_reckoned_with() -> None:
    about = describe(
        {"general.architecture": "llama", **{f"llama.{k}": v for k, v in WHOLE.items()}}
    )
    need = memory_need(about, 1000, SHAPE)
    assert need is not None
    assert need.cache_bytes == 2 * 4 * 2 * 8 * 2 * SHAPE.cells

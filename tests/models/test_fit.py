"""Memory of models whose headers hold anything that may be described."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from models.description import ModelDescription, describe
from models.errors import GgufError
from models.fit import ContextShape, GpuMemory, MachineMemory, cell_values, fit, memory_need
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


def described(architecture: str, **more: int) -> ModelDescription:
    metadata: dict[str, Value] = {"general.architecture": architecture}
    for name, value in {**WHOLE, "block_count": 8, **more}.items():
        metadata[f"{architecture}.{name}"] = value
    return describe(metadata)


def test_layers_with_a_state_tell_that_candidates_take_turns() -> None:
    assert not described("llama").recurrent
    assert described("lfm2", **{"shortconv.l_cache": 3}).recurrent
    mamba = described("mamba", **{"ssm.inner_size": 64, "ssm.state_size": 16})
    assert mamba.recurrent
    assert mamba.state_values == 8 * 64 * 16


def test_only_layers_with_attention_keep_keys() -> None:
    whole = described("qwen3")
    some = described("qwen3next", full_attention_interval=4)
    assert cell_values(some) == (cell_values(whole) or 0) // 4
    states = {"ssm.inner_size": 64, "ssm.state_size": 16}
    hybrid = described("qwen3next", full_attention_interval=4, **states)
    assert hybrid.state_values == 6 * 64 * 16
    need = memory_need(hybrid, 1000, SHAPE)
    plain = memory_need(some, 1000, SHAPE)
    assert need is not None
    assert plain is not None
    assert need.cache_bytes - plain.cache_bytes == 4 * hybrid.state_values

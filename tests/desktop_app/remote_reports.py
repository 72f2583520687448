"""Reports of engines elsewhere, as the worker sends them."""

from __future__ import annotations

from engine.generation import EndpointReport, ModelReport

HERE = EndpointReport(
    name="127.0.0.1:8080", address="http://127.0.0.1:8080/v1", model="qwen", server="llama-server",
    slots=16, reachable=True, honours_n=True, gives_confidence=True, here=True,
)  # fmt: skip
THERE = EndpointReport(
    name="gpu-2:8000", address="http://gpu-2:8000/v1", model="qwen", server="vLLM", slots=64,
    reachable=True, honours_n=False, gives_confidence=False, here=False,
)  # fmt: skip
DOWN = EndpointReport(
    name="gpu-3:8000", address="http://gpu-3:8000/v1", model="", server="", slots=4,
    reachable=False, honours_n=False, gives_confidence=False, here=False,
    trouble="gpu-3:8000: no connection",
)  # fmt: skip


def remote_report(*endpoints: EndpointReport, context_tokens: int = 0) -> ModelReport:
    """The report of an engine of these servers."""
    return ModelReport(
        path="/e/pool.engine.json", name="pool", family="", architecture="remote", quantization="",
        parameters=0, size_bytes=0, layers=0, layers_on_gpu=0, devices=(), gpu_build=False,
        context_tokens=context_tokens, train_context_tokens=0,
        slots=sum(endpoint.slots for endpoint in endpoints), unified_cache=False, can_fork=True,
        threads=0, template="model", thought_opening="", load_seconds=0.4, endpoints=endpoints,
    )  # fmt: skip

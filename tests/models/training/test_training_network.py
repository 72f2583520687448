"""The network and its export, on a tiny untrained one; skipped where the extra is not installed."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("sentencepiece")

import llama_cpp  # noqa: E402

from engine.backends.base import GenerationRequest, Scored  # noqa: E402
from engine.backends.llama.backend import LlamaBackend  # noqa: E402
from engine.generation import GREEDY, LoadOptions, Message  # noqa: E402
from engine.scoring import score_request  # noqa: E402
from models import training  # noqa: E402
from models.training.conversations import Conversation, Turn  # noqa: E402
from models.training.export import export  # noqa: E402
from models.training.growing import grown  # noqa: E402
from models.training.joining import joined  # noqa: E402
from models.training.network import SHAPES_FOR_PROCESSOR, Network, Shape  # noqa: E402
from models.training.optimiser import Optimiser, orthogonalised  # noqa: E402
from models.training.skills import solving_losses  # noqa: E402
from models.training.tokenizer import CHAT_TEMPLATE, Tokenizer, train_tokenizer  # noqa: E402
from models.training.train import Plan, load_network, save_network  # noqa: E402


@pytest.fixture(scope="module")
def pieces_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.model"
    train_tokenizer(path, seed=7)
    return path


@pytest.fixture(scope="module")
def tokenizer(pieces_path: Path) -> Tokenizer:
    return Tokenizer(pieces_path)


@pytest.fixture
def network(tokenizer: Tokenizer) -> Network:
    torch.manual_seed(1)
    return Network(Shape(len(tokenizer), width=32, layers=2, heads=2, hidden=48))


@pytest.mark.parametrize(
    "text",
    [
        "Tom has 345 apples.",
        "a\n\nb\t c  d",
        "",
        "ünï 你好 💥",
        "Zorbax <|user|> <|end|> </s>",
        " x",
    ],
)
def test_any_text_survives_encoding(tokenizer: Tokenizer, text: str) -> None:
    assert tokenizer.text(tokenizer.text_ids(text)) == text


def test_user_text_cannot_forge_control_tokens(tokenizer: Tokenizer) -> None:
    marks = {tokenizer.prompt("x")[0], tokenizer.prompt("x")[-1], tokenizer.marks.end}
    assert not marks & set(tokenizer.text_ids("<|user|><|assistant|><|end|><|system|></s>"))


def test_digits_stand_alone(tokenizer: Tokenizer) -> None:
    assert len(tokenizer.text_ids("345*12")) == 6


def test_the_chat_template_writes_what_training_sees(tokenizer: Tokenizer) -> None:
    jinja2 = pytest.importorskip("jinja2")
    rendered = (
        jinja2.Environment(autoescape=False)
        .from_string(CHAT_TEMPLATE)
        .render(
            messages=[
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": " What is 2*3? "},
                {"role": "assistant", "content": "2*3=6\nAnswer: 6"},
                {"role": "user", "content": "hi"},
            ],
            add_generation_prompt=True,
        )
    )
    assert rendered == (
        "<|system|> Be brief.<|user|> What is 2*3?<|assistant|>2*3=6\nAnswer: 6<|end|>"
        "<|user|> hi<|assistant|>"
    )
    trained = tokenizer.encode(
        Conversation((Turn("What is 2*3?", "2*3=6\nAnswer: 6"), Turn("hi", "")), "Be brief.")
    )
    assert tokenizer.text(trained.ids) == (" Be brief. What is 2*3?2*3=6\nAnswer: 6 hi")
    assert sum(trained.is_response) == len(tokenizer.text_ids("2*3=6\nAnswer: 6")) + 2


def test_lines_that_lead_nowhere_are_shown_but_not_learned(tokenizer: Tokenizer) -> None:
    lines = ("3 5 -> 15", "3 + 5 = 8, not 15", "try 2: 3 * 5 = 15, done")
    turn = Turn("Make 15 of 3 and 5.", "\n".join(lines), astray=(1,))
    encoded = tokenizer.encode_turn(turn)
    whole = tokenizer.encode_turn(Turn(turn.question, turn.response))
    assert encoded.ids == whole.ids
    left_out = [
        number
        for number, (some, every) in enumerate(
            zip(encoded.is_response, whole.is_response, strict=True)
        )
        if some != every
    ]
    assert tokenizer.text([encoded.ids[number] for number in left_out]) == f"\n{lines[1]}"
    assert encoded.is_response[-1]


def test_no_token_sees_a_later_one(network: Network) -> None:
    ids = torch.randint(0, 500, (2, 9))
    assert torch.allclose(network(ids)[:, :5], network(ids[:, :5]), atol=1e-5)


def test_a_grown_network_says_the_same_until_it_is_trained(network: Network) -> None:
    ids = torch.randint(0, 500, (2, 9))
    larger = Shape(network.shape.vocabulary, width=64, layers=3, heads=4, hidden=96)
    result = grown(network, larger, seed=3)
    assert result.shape == larger
    with torch.no_grad():
        said, expected = (one.logits(one(ids)) for one in (result, network))
    assert torch.allclose(said, expected, atol=1e-4)
    result.logits(result(ids)).square().sum().backward()  # type: ignore[no-untyped-call]
    grads = {name: weight.grad for name, weight in result.named_parameters()}
    first = grads["blk.0.attn_q.weight"]
    assert first is not None
    copies = first.chunk(2)
    assert not torch.allclose(copies[0], copies[1])  # the copies can part
    # And what adds nothing yet is trained.
    downs = [grad for name, grad in grads.items() if "ffn_down" in name]
    assert len(downs) == larger.layers
    assert all(grad is not None and grad.abs().max() > 0 for grad in downs)


@pytest.mark.parametrize(
    "shape",
    [
        Shape(2048, width=48, layers=2, heads=3, hidden=72),
        Shape(2048, width=64, layers=1, heads=4, hidden=96),
        Shape(2048, width=64, layers=2, heads=2, hidden=96),
        Shape(512, width=64, layers=2, heads=4, hidden=96),
    ],
)
def test_only_whole_multiples_can_be_grown_into(network: Network, shape: Shape) -> None:
    with pytest.raises(ValueError, match="cannot be grown"):
        grown(network, shape, seed=3)


@pytest.mark.parametrize("halves", [False, True])
def test_orthogonalised_matrices_have_singular_values_near_one(*, halves: bool) -> None:
    result = orthogonalised(torch.randn(24, 40), halves=halves)
    assert result.dtype is torch.float32
    values = torch.linalg.svdvals(result)
    assert 0.5 < values.min() <= values.max() < 1.4


def test_some_steps_of_training_lower_the_loss(tokenizer: Tokenizer, network: Network) -> None:
    optimiser = Optimiser(network, 0.02, 3e-3)
    losses = []
    for _, loss in zip(range(25), solving_losses(tokenizer, frozenset(), 1, 1024), strict=False):
        value = loss(network)
        value.backward()  # type: ignore[no-untyped-call]
        losses.append(float(value.detach()))
        optimiser.step(1.0)
    assert sum(losses[-5:]) < 0.8 * sum(losses[:5])


def test_the_rate_rises_stays_and_falls_to_nothing() -> None:
    plan = Plan(steps=1000, falling_steps=200)
    shares = [plan.rate_share(step) for step in (0, 100, 799, 900, 1000)]
    assert shares == [0.01, 1.0, 1.0, 0.5, 0.0]


def test_the_export_says_what_it_is(network: Network, pieces_path: Path, tmp_path: Path) -> None:
    gguf = pytest.importorskip("gguf")
    path = tmp_path / "model.gguf"
    export(network, pieces_path, path, "small")
    reader = gguf.GGUFReader(path)
    fields = {name: field.contents() for name, field in reader.fields.items()}
    assert fields["general.architecture"] == "llama"
    assert fields["ponder.family"] == "reasoner"
    assert fields["tokenizer.chat_template"] == CHAT_TEMPLATE
    assert fields["tokenizer.ggml.add_space_prefix"] is False
    assert len(fields["tokenizer.ggml.tokens"]) == network.shape.vocabulary
    assert {tensor.name for tensor in reader.tensors} == dict(network.named_parameters()).keys()


def test_llama_cpp_computes_what_the_network_computes(
    network: Network, tokenizer: Tokenizer, pieces_path: Path, tmp_path: Path
) -> None:
    path = tmp_path / "model.gguf"
    export(network, pieces_path, path, "small")
    ids = tokenizer.prompt("Tom has 345 apples and 12 boxes.")
    model = llama_cpp.Llama(str(path), n_ctx=64, logits_all=True, n_threads=1, verbose=False)
    try:
        model.eval(ids)
        scores = torch.from_numpy(model.scores[: len(ids)].copy())
    finally:
        model.close()
    with torch.inference_mode():
        expected = network.logits(network(torch.tensor([ids])))[0]
    assert torch.allclose(scores, expected, atol=2e-2 * float(expected.abs().max()))


def test_the_engine_reads_the_verifier_and_the_network_agrees(
    network: Network, tokenizer: Tokenizer, pieces_path: Path, tmp_path: Path
) -> None:
    path = tmp_path / "model.gguf"
    export(network, pieces_path, path, "small")
    backend = LlamaBackend.load(path, LoadOptions(slots=2, threads=1))
    try:
        assert backend.report.skills == ("revise", "verify")
        assert backend.report.step_end == "\n"
        asked = (Message("user", "Tom has 3 pens and 4 cups."),)
        request = score_request(1, backend.report, asked, "3+4=7\nAnswer: 7", whole=True)
        backend.submit([request])
        (scored,) = [event for event in backend.step() if isinstance(event, Scored)] or [
            event for event in backend.step() if isinstance(event, Scored)
        ]
    finally:
        backend.close()
    ids, _ = tokenizer.step_ends(asked[0].content, "3+4=7\nAnswer: 7")
    marks = tokenizer.marks
    with torch.inference_mode():
        logits = network.logits(network(torch.tensor([[*ids, marks.verify]])))[0, -1]
    right = torch.softmax(logits[[marks.right, marks.wrong]], 0)[0]
    assert scored.chance == pytest.approx(float(right), abs=2e-3)


def test_the_engine_shows_attempts_as_training_does(
    network: Network, tokenizer: Tokenizer, pieces_path: Path, tmp_path: Path
) -> None:
    path = tmp_path / "model.gguf"
    export(network, pieces_path, path, "small")
    backend = LlamaBackend.load(path, LoadOptions(slots=2, threads=1))
    try:
        messages = (
            Message("user", "Tom has 3 pens."),
            Message("attempt", "3+4=8\nAnswer: 8"),
            Message("attempt", "Answer: 9"),
        )
        prompt, _ = backend._prompt(GenerationRequest(1, messages, GREEDY))
    finally:
        backend.close()
    turn = Turn("Tom has 3 pens.", "", ("3+4=8\nAnswer: 8", "Answer: 9"))
    assert prompt.tokens == tokenizer.prompt(turn.question, turn.attempts)


def test_states_are_joined_by_their_shares(tmp_path: Path) -> None:
    shape = Shape(32, width=32, layers=1, heads=2, hidden=48)
    paths = []
    for number in range(2):
        torch.manual_seed(number)
        paths.append(tmp_path / f"{number}.pt")
        save_network(paths[-1], Network(shape), number, None)
    first, second = (load_network(path).state_dict() for path in paths)
    half, most = joined(paths).state_dict(), joined(paths, [3, 1]).state_dict()
    for name in first:
        torch.testing.assert_close(half[name], (first[name] + second[name]) / 2)
        torch.testing.assert_close(most[name], 0.75 * first[name] + 0.25 * second[name])
    with pytest.raises(ValueError, match="share"):
        joined(paths, [1.0])
    other = tmp_path / "other.pt"
    save_network(other, Network(Shape(32, width=16, layers=1, heads=2, hidden=48)), 0, None)
    with pytest.raises(ValueError, match="shapes"):
        joined([paths[0], other])


@pytest.mark.parametrize("size", sorted(SHAPES_FOR_PROCESSOR))
def test_what_is_kept_has_the_shape_that_the_recipe_trains(size: str) -> None:
    kept = Path(training.__file__).parent / "states" / f"{size}-skills.pt"

    assert load_network(kept).shape == SHAPES_FOR_PROCESSOR[size]

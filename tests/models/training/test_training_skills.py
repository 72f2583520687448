"""Sampling, own attempts, revising, verifying and preferences; skipped without the extra."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("sentencepiece")
pytest.importorskip("rapidfuzz")

from rapidfuzz.distance import Levenshtein  # noqa: E402

from models.training.attempts import (  # noqa: E402
    Attempted,
    OwnAttempt,
    read_attempts,
    write_attempts,
)
from models.training.batches import Verified, batch, verify_batch  # noqa: E402
from models.training.conversations import Turn  # noqa: E402
from models.training.network import Memory, Network, Shape  # noqa: E402
from models.training.preferences import Pair, learn_from, pair_of, scores  # noqa: E402
from models.training.problem import Problem  # noqa: E402
from models.training.sampling import sample  # noqa: E402
from models.training.skills import MOST_SHOWN, revision, skill_losses  # noqa: E402
from models.training.tokenizer import Tokenizer, train_tokenizer  # noqa: E402
from models.training.train import verifying_loss, writing_loss  # noqa: E402

PROBLEM = Problem(
    "clock", "It is 9:10. What time is it in 20 minutes?", ("9:10+0:20=9:30",), "9:30", 1
)
WRONG = ("9:10+0:20=9:31\nAnswer: 9:31", "9:10+20:0=29:10\nAnswer: 29:10", "Answer: 7")


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.model"
    train_tokenizer(path, seed=7)
    return Tokenizer(path)


@pytest.fixture
def network(tokenizer: Tokenizer) -> Network:
    torch.manual_seed(1)
    return Network(Shape(len(tokenizer), width=32, layers=2, heads=2, hidden=48))


def attempted(*, right: bool = True) -> Attempted:
    good = [OwnAttempt(PROBLEM.response, right=True, chances=(1.0, 1.0))] if right else []
    bad = [OwnAttempt(text, right=False, chances=(0.0,) * len(text.split("\n"))) for text in WRONG]
    return Attempted(PROBLEM, (*good, *bad))


def test_rows_side_by_side_write_what_each_writes_alone(network: Network) -> None:
    prompts = [[5, 9, 11], [7, 8, 9, 10, 11, 12], [30], [5, 9, 11]]
    together = sample(network, prompts, end=2, temperature=0, most=12)
    alone = [sample(network, [prompt], end=2, temperature=0, most=12)[0] for prompt in prompts]
    assert together == alone
    ids = list(prompts[1])
    for token in together[1]:
        stream = network(torch.tensor([ids]))
        assert int(network.logits(stream[:, -1]).argmax()) == token
        ids.append(token)


def test_the_same_seed_draws_the_same(network: Network) -> None:
    drawn = [sample(network, [[5, 6]] * 4, end=2, most=8, seed=seed) for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert len({tuple(row) for row in drawn[0]}) > 1


def test_reading_on_from_memory_is_reading_at_once(network: Network) -> None:
    ids = torch.randint(0, 500, (2, 9))
    memory = Memory(network.shape, 2, 9, network.device)
    network(ids[:, :5], memory=memory)
    mask = torch.ones(4, 9, dtype=torch.bool).tril(5)
    positions = torch.arange(5, 9).unsqueeze(0)
    rest = network(ids[:, 5:], positions, mask.expand(2, 1, 4, 9), memory)
    assert torch.allclose(rest, network(ids)[:, 5:], atol=1e-5)


def test_a_probe_sees_what_stands_before_it_and_nothing_else(network: Network) -> None:
    rows = [Verified([5, 9, 11, 12, 40, 41], [3, 6], [0.5, 1.0]), Verified([5, 7, 8], [3], [0.0])]
    made = verify_batch(rows, mark=8)
    stream = network(made.ids, made.positions, made.mask)
    for (row, column), (number, end) in zip(
        made.probes.tolist(), ((0, 3), (0, 6), (1, 3)), strict=True
    ):
        alone = network(torch.tensor([[*rows[number].ids[:end], 8]]))[0, -1]
        assert torch.allclose(stream[row, column], alone, atol=1e-5)
    assert made.chances.tolist() == [0.5, 1.0, 0.0]


def test_steps_end_where_their_lines_end(tokenizer: Tokenizer) -> None:
    ids, ends = tokenizer.step_ends(PROBLEM.question, PROBLEM.response)
    first, second = PROBLEM.response.split("\n")
    assert tokenizer.text(ids[: ends[0]]).endswith(first)
    assert tokenizer.text(ids[: ends[1]]).endswith(f"{first}\n{second}")
    assert ends[-1] == len(ids)
    assert ids == tokenizer.prompt(PROBLEM.question) + tokenizer.text_ids(PROBLEM.response)


def test_attempts_are_written_once_and_gone_on_with(
    network: Network, tokenizer: Tokenizer, tmp_path: Path
) -> None:
    path = tmp_path / "attempts.jsonl"
    write_attempts(network, tokenizer, path, 3, 1, frozenset())
    first = path.read_text()
    write_attempts(network, tokenizer, path, 5, 1, frozenset())
    assert path.read_text().startswith(first)
    read = list(read_attempts(path))
    assert len(read) == 5
    for one in read:
        assert len(one.attempts) == 4
        for attempt in one.attempts:
            assert len(attempt.chances) == len(attempt.text.split("\n"))
            assert attempt.chances[-1] == float(attempt.right)


def test_a_revision_of_mistakes_has_the_nearest_one_last() -> None:
    rng = random.Random(3)
    for _ in range(60):
        turn = revision(rng, attempted(right=False))
        assert turn is not None
        assert turn.response == PROBLEM.response
        near = [Levenshtein.distance(text, PROBLEM.response) for text in turn.attempts]
        assert near[-1] == min(near)
        assert 1 <= len(turn.attempts) <= MOST_SHOWN


def test_a_right_attempt_that_is_shown_is_kept() -> None:
    other = "0:20+9:10=9:30\n9:30=9:30\nAnswer: 9:30"
    right = [OwnAttempt(text, right=True, chances=()) for text in (PROBLEM.response, other)]
    wrong = [OwnAttempt(text, right=False, chances=()) for text in WRONG[:2]]
    rng = random.Random(4)
    turns = [revision(rng, Attempted(PROBLEM, (*right, *wrong))) for _ in range(60)]
    kept = 0
    for turn in turns:
        assert turn is not None
        shown = [text for text in turn.attempts if text in (PROBLEM.response, other)]
        assert turn.response == (shown[-1] if shown else turn.response)
        kept += bool(shown)
    assert 30 < kept < 60


def test_what_is_right_alone_is_written_again() -> None:
    one = OwnAttempt(PROBLEM.response, right=True, chances=(1.0, 1.0))
    turn = revision(random.Random(1), Attempted(PROBLEM, (one,)))
    assert turn is not None
    assert (turn.attempts, turn.response) == ((one.text,), one.text)


def test_nothing_is_revised_where_nothing_right_is_known() -> None:
    one = OwnAttempt(WRONG[0], right=False, chances=(0.0, 0.0))
    unsolved = replace(PROBLEM, solved=False)
    assert revision(random.Random(1), Attempted(unsolved, (one,))) is None


def test_every_step_reads_what_is_written_and_what_is_judged(
    network: Network, tokenizer: Tokenizer
) -> None:
    marks, read = tokenizer.marks, list[Any]()
    network.register_forward_pre_hook(lambda _, given: read.append(given[0]))
    written: list[list[int]] = []
    for loss in islice(skill_losses(tokenizer, [attempted()], frozenset(), 1, 512), 12):
        read.clear()
        loss(network)
        texts, judged = read
        assert (judged == marks.verify).any()
        assert not (texts == marks.verify).any()
        written += texts.tolist()
    revised = [row for row in written if marks.revise in row]
    assert 0 < len(revised) < len(written) / 2
    assert all(marks.attempt in row for row in revised)
    assert any(marks.assistant in row and marks.attempt not in row for row in written)


def test_all_three_skills_are_learned_together(network: Network, tokenizer: Tokenizer) -> None:
    own = attempted()
    revised = revision(random.Random(1), own)
    assert revised is not None
    noise = torch.Generator().manual_seed(1)
    solved = tokenizer.encode_turn(Turn(PROBLEM.question, PROBLEM.response))
    texts = [batch([solved], noise), batch([tokenizer.encode_turn(revised)], noise)]
    one = own.attempts[0]
    judged = Verified(*tokenizer.step_ends(PROBLEM.question, one.text), list(one.chances))
    probes = verify_batch([judged], tokenizer.marks.verify)

    def surprise() -> list[float]:
        with torch.no_grad():
            of_texts = [float(writing_loss(network, text)) for text in texts]
            return [*of_texts, float(verifying_loss(network, probes, tokenizer.marks))]

    before = surprise()
    optimiser = torch.optim.Adam(network.parameters(), 3e-3)
    for loss in islice(skill_losses(tokenizer, [own], frozenset(), 1, 512), 40):
        optimiser.zero_grad()
        loss(network).backward()
        optimiser.step()
    assert all(now < was - 1 for now, was in zip(surprise(), before, strict=True))


def test_scores_are_of_the_judge_less_those_of_the_length() -> None:
    assert scores([1, 0], [10, 10], 0.25) == [1, -1]
    assert scores([1, 1], [10, 30], 0.5) == [0.5, -0.5]
    assert scores([1, 0, 1, 0], [4, 4, 8, 8], 0.25) == [1.25, -0.75, 0.75, -1.25]


def test_a_pair_is_the_best_and_the_worst_response() -> None:
    long = "0:20+9:10=9:30\n9:30=9:30\nAnswer: 9:30"
    pair = pair_of(PROBLEM, [WRONG[2], long, PROBLEM.response, WRONG[1]])
    assert pair == Pair(PROBLEM.question, PROBLEM.response, WRONG[1])
    assert pair_of(PROBLEM, [PROBLEM.response, long]) is None
    assert pair_of(PROBLEM, list(WRONG)) is None


def test_preferences_make_the_better_response_likelier(
    network: Network, tokenizer: Tokenizer
) -> None:
    pair = Pair(PROBLEM.question, PROBLEM.response, WRONG[1])

    def gap() -> float:
        logs = []
        for text in (pair.chosen, pair.rejected):
            prompt = tokenizer.prompt(pair.question)
            ids = torch.tensor([prompt + tokenizer.text_ids(text)])
            said = torch.log_softmax(network.logits(network(ids[:, :-1])), -1)
            of_token = said.gather(2, ids[:, 1:].unsqueeze(2)).squeeze(2)
            logs.append(float(of_token[0, len(prompt) - 1 :].detach().sum()))
        return logs[0] - logs[1]

    before = gap()
    rehearsal = skill_losses(tokenizer, [attempted()], frozenset(), 1, 256)
    learn_from(network, tokenizer, [pair] * 600, rehearsal, seed=1)
    assert gap() > before + 0.1

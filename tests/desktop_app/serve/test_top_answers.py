"""Which answers a reply gives, for every kind of verdict."""

from __future__ import annotations

from desktop_app.gathered import Gathered
from desktop_app.serve.top_answers import top_answers
from engine.candidate import Candidate, ExtractedAnswer, StopReason
from engine.protocol import CandidateFinished, VerdictReached
from engine.tally import GroupingMethod, Tally, VoteGroup, tally_votes
from engine.verdict import Outcome, StoppedWhy, Verdict, decide

ID = "one"


def candidate(
    index: int,
    answer: str | None,
    *,
    confidence: float = 0.5,
    stop: StopReason = StopReason.FINISHED,
    score: float | None = None,
    tokens: int = 5,
) -> Candidate:
    return Candidate(
        index=index,
        round=0,
        seed=index,
        thought="",
        response=f"response {index}",
        answer=ExtractedAnswer(answer, answer, "answer-line") if answer else None,
        tokens=tokens,
        thought_tokens=0,
        queued_seconds=0.0,
        first_token_seconds=0.1,
        finished_seconds=1.0,
        stop=stop,
        confidence=confidence,
        score=score,
    )


def gathered_of(verdict: Verdict, *candidates: Candidate) -> Gathered:
    gathered = Gathered()
    for one in candidates:
        gathered.take(CandidateFinished(ID, one))
    gathered.take(VerdictReached(ID, verdict, 1.0))
    return gathered


def decided(*candidates: Candidate, best: bool = False) -> Gathered:
    verdict = decide(candidates, tally_votes(candidates), StoppedWhy.BUDGET_SPENT, best=best)
    return gathered_of(verdict, *candidates)


def told(gathered: Gathered, most: int = 9) -> list[tuple[int | None, str | None, float | None]]:
    return [
        (top.candidate.index if top.candidate else None, top.label, top.share)
        for top in top_answers(gathered, most)
    ]


def test_the_winner_is_first_and_the_others_follow_by_weight() -> None:
    gathered = decided(candidate(0, "5"), candidate(1, "4"), candidate(2, "4", confidence=0.9))
    assert told(gathered) == [(2, "4", 2 / 3), (0, "5", 1 / 3)]
    assert told(gathered, 1) == [(2, "4", 2 / 3)]


def test_of_tied_answers_the_surest_comes_first() -> None:
    gathered = decided(
        candidate(0, "5"), candidate(1, "4", confidence=0.9), candidate(2, "4"), candidate(3, "5"),
        candidate(4, "6", confidence=0.99),
    )  # fmt: skip
    assert gathered.reached is not None
    assert gathered.reached.verdict.outcome is Outcome.TIE
    assert told(gathered) == [(1, "4", 0.4), (0, "5", 0.4), (4, "6", 0.2)]


def test_of_answers_that_only_rounding_tells_apart_the_surest_comes_first() -> None:
    members = (candidate(0, "4"), candidate(1, "4"), candidate(2, "5", confidence=0.9))
    tally = tally_votes(members, weights={0: 0.1, 1: 0.2, 2: 0.3})
    gathered = gathered_of(decide(members, tally, StoppedWhy.BUDGET_SPENT), *members)
    assert [label for _, label, _ in told(gathered)] == ["5", "4"]


def test_the_best_by_score_comes_first_whatever_the_votes_say() -> None:
    gathered = decided(
        candidate(0, "4", score=0.3), candidate(1, "4", score=0.2), candidate(2, "5", score=0.8),
        best=True,
    )  # fmt: skip
    assert told(gathered) == [(2, "5", 1 / 3), (0, "4", 2 / 3)]


def test_without_votes_there_is_a_response_but_no_share() -> None:
    assert told(decided(candidate(0, None), candidate(1, None, confidence=0.9))) == [
        (1, None, None)
    ]


def test_the_most_typical_response_has_no_share_either() -> None:
    members = (candidate(0, None), candidate(1, None))
    group = VoteGroup("m", "m", (1,), 1.0)
    tally = Tally((group,), method=GroupingMethod.MEDOID)
    verdict = decide(members, tally, StoppedWhy.BUDGET_SPENT)
    assert told(gathered_of(verdict, *members)) == [(1, None, None)]


def test_groups_the_model_judged_have_shares_but_no_answer_of_their_own() -> None:
    members = (candidate(0, None), candidate(1, None), candidate(2, None))
    groups = (VoteGroup("a", "a", (0, 2), 2.0), VoteGroup("b", "b", (1,), 1.0))
    verdict = decide(
        members, Tally(groups, method=GroupingMethod.MODEL_JUDGED), StoppedWhy.BUDGET_SPENT
    )
    assert told(gathered_of(verdict, *members)) == [(0, None, 2 / 3), (1, None, 1 / 3)]


def test_where_none_ended_the_furthest_is_given_and_a_failed_one_never() -> None:
    gathered = decided(
        candidate(0, None, stop=StopReason.TIME_UP, tokens=4),
        candidate(1, None, stop=StopReason.TIME_UP, tokens=6),
        candidate(2, None, stop=StopReason.FAILED, tokens=9),
    )
    assert told(gathered) == [(1, None, None)]
    assert told(decided()) == [(None, None, None)]

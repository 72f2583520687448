"""Extraction: the rules in their order, each with what it must and must not take."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.answers.choices import offered_choices
from engine.answers.extract import extract_answer

CHOICES = "Which is a mammal?\nA) trout\nB) whale\nC) wasp"


@pytest.mark.parametrize(
    ("response", "question", "text", "rule"),
    [
        ("So \\boxed{12} or rather \\boxed{\\frac{1}{2}}.", "", "\\frac{1}{2}", "boxed"),
        ("It is \\boxed{a{b}c}", "", "a{b}c", "boxed"),
        ("broken \\boxed{12\nAnswer: 7", "", "7", "answer-line"),
        ("12+5=17\nAnswer: 17", "", "17", "answer-line"),
        ("Answer: 3\nNo wait.\nAnswer: 4", "", "4", "answer-line"),
        ("**Final Answer:** 1,250 km", "", "1,250 km", "answer-line"),
        ("Thus the answer is 42. That was easy.", "", "42", "answer-line"),
        ("The answer is Paris", "", "Paris", "answer-line"),
        ("steps\n#### 18", "", "18", "hashes"),
        ("9 + 9 = 18 #### 18", "", "18", "hashes"),
        ("#### Working\n9 + 9 = 18", "How many?", "18", "last-number"),
        ("#### Step 1\nAdd.\n\n#### Result\nIt is 18.\n", "How many?", "18", "last-number"),
        ("So \\boxed {12}.", "", "12", "boxed"),
        (f"\\boxed{{12}} for \\boxed{{{'long ' * 200}}}", "", "12", "boxed"),
        ("Answer: 42. That was easy.", "", "42", "answer-line"),
        ("Answer: St. Petersburg", "", "St. Petersburg", "answer-line"),
        ("**Answer:**\n\n$\\frac{1}{2}$", "", "\\frac{1}{2}", "answer-line"),
        ("## Final answer\n**Answer**: 7 apples", "", "7 apples", "answer-line"),
        ("Adding up, the final answer is 12 because 5 + 7 = 12.", "", "12", "answer-line"),
        ("The answer to your question is 42.", "", "42", "answer-line"),
        ("### Answer\n\n**7**", "", "7", "answer-line"),
        ("Answer: yes, because it is a prime.", "", "yes", "answer-line"),
        ("\u7b54\u6848\u662f\uff1a12", "", "12", "answer-line"),
        ("It takes 2 hours and 30 minutes.", "How long?", "2 hours 30 minutes", "last-number"),
        ("So we get the total, answer: 12", "", "12", "answer-line"),
        ("Die Antwort: 12", "", "12", "answer-line"),
        ("\u7b54\u6848\uff1a12", "", "12", "answer-line"),
        ("<answer> 12 </answer>", "", "12", "answer-line"),
        ("Answer: (B) whale", CHOICES, "(B) whale", "answer-line"),
        ("\\boxed{\\text{B}}", CHOICES, "\\text{B}", "boxed"),
        ("A) no\nB) yes, it is\nC) no\nThe correct option is B.", CHOICES, "B", "choice"),
        ("**B**", CHOICES, "B", "choice"),
        ("B) whale", CHOICES, "B", "choice"),
        ("It ended in 1945.", "When did the war end?", "1945", "last-number"),
        ("x = -7", "Solve x + 7 = 0", "-7", "last-number"),
        ("We have 12-5=7", "What is 12 - 5?", "7", "last-number"),
        ("1. Take 3.\n2. Double it: 6", "What is 3 times 2?", "6", "last-number"),
        ("There are 5km left in the 2nd lap", "How far is it?", "5", "last-number"),
        ("That is 3/4 of it", "How much is left?", "3/4", "last-number"),
        ("I choose option B because whales are mammals.", CHOICES, "B", "choice"),
        ("B", CHOICES, "B", "choice"),
        ("First 3 boxes, then 36 pens in all.", "How many pens?", "36", "last-number"),
        ("It costs $1,250.50 now", "How much is it?", "$1,250.50", "last-number"),
        ("The answer is 15. Wait, 3*6=18. The answer is 18.", "", "18", "answer-line"),
        ("Answer: 15. Wait, no. Answer: 18", "", "18", "answer-line"),
        ("The answer is 15, but the correct answer is 18.", "", "18", "answer-line"),
        ("The answer is not 13. The answer is 12.", "", "12", "answer-line"),
        ("The answer is 12. Note that the answer is not 13.", "", "12", "answer-line"),
        ("The answer is therefore **18**.", "", "18", "answer-line"),
        ("The answer is John F. Kennedy.", "Who?", "John F. Kennedy", "answer-line"),
        ("The answer is approx. 12.5.", "", "approx. 12.5", "answer-line"),
        ("The answer is Box C. The others are empty.", "", "Box C", "answer-line"),
        ("The answer is 5 ft. 3 in. That is tall.", "", "5 ft. 3 in", "answer-line"),
        ("Answer: There are 18 apples.", "How many apples?", "18", "answer-line"),
        ("Answer: Ana has 18 apples left.", "How many?", "18", "answer-line"),
        ("Answer: There are 18 apples.", "Why?", "There are 18 apples", "answer-line"),
        ("Answer: Ana has at least 18.", "How many?", "Ana has at least 18", "answer-line"),
        ("The correct choice is: B", CHOICES, "B", "choice"),
        ("A) is a fish. B) whale is right. So B.", CHOICES, "B", "choice"),
    ],
)
def test_a_rule_fires(response: str, question: str, text: str, rule: str) -> None:
    answer = extract_answer(response, question)
    assert answer is not None
    assert (answer.text, answer.rule) == (text, rule)


@pytest.mark.parametrize(
    ("response", "question"),
    [
        ("Paris was founded in 250 BC.", "Tell me about Paris"),
        ("I am a small demonstration model and can only answer number stories.", "hello"),
        ("Option B sounds nice", "Which colour do you like?"),
        ("", "How many?"),
        ("The answer is that every age has seen the sea in its own way and always will.", "Why?"),
        ("In 2020 there were 3 of them, and 1945 was worse for 12 others.", "What is art?"),
        ("From 2010-2020 I lived in 3 towns here.", "What happened in 2010-2020?"),
        ("A) is wrong, B) is right, maybe.\nA) no\nB) yes", CHOICES),
        ("There are 3 whales in this sentence here.", CHOICES),
        ("no number", "How many?"),
        ("def count(x):\n    return 3 + x", "Write a function that counts how many words occur"),
        ("Answer:", "Why?"),
        ("5 3 7 -> 24\n3 + 5 = 8, not 24\nI find no way.", "Get a total of 24 from 5, 3 and 7."),
        ("Trying x = 3 gives 12.\nI cannot find it.", "What is the value of x?"),
    ],
)
def test_prose_has_no_answer(response: str, question: str) -> None:
    assert extract_answer(response, question) is None


@pytest.mark.parametrize(
    "response",
    ["B", "Answer: B", "Answer: (b)", "Answer: whale", "\\boxed{B. whale}", "#### B) whale",
     "The answer is B.", "Answer: **B**, the whale"],
)  # fmt: skip
def test_all_ways_to_name_a_choice_share_its_letter(response: str) -> None:
    answer = extract_answer(response, CHOICES)
    assert answer is not None
    assert answer.key == "B"


@pytest.mark.parametrize(
    ("response", "key"),
    [
        ("Answer: A whale", "B"),
        ("Answer: the whale", "B"),
        ("Answer: A trout", "A"),
        ("Answer: A, because it swims", "A"),
        ("Answer: Option B", "B"),
        ("The answer is whale (option B).", "B"),
        ("Answer: whale (B)", "B"),
        ("Answer: B whale", "B"),
        ("\\boxed{\\textbf{(B)}\\ 12}", "B"),
        ("Answer: A or B", "or b"),
        ("Answer: A, B", "a, b"),
    ],
)
def test_a_letter_counts_where_it_is_meant(response: str, key: str) -> None:
    answer = extract_answer(response, CHOICES)
    assert answer is not None
    assert answer.key == key


def test_nothing_is_guessed_from_a_response_that_was_cut_off() -> None:
    assert extract_answer("First 3 boxes, then 36", "How many?", complete=False) is None
    assert extract_answer("I choose option B", CHOICES, complete=False) is None
    told = extract_answer("Answer: 36\nBecause", "How many?", complete=False)
    assert told is not None
    assert told.key == "36"


def test_a_word_that_begins_with_a_letter_is_no_choice() -> None:
    answer = extract_answer("Answer: a horse", CHOICES)
    assert answer is not None
    assert answer.key == "horse"


@pytest.mark.parametrize(
    ("question", "choices"),
    [
        (CHOICES, {"A": "trout", "B": "whale", "C": "wasp"}),
        ("Pick one: (A) red (B) blue", {"A": "red", "B": "blue"}),
        ("a) one\nb) two", {"A": "one", "B": "two"}),
        ("I. Introduction\nJ. Other", {}),
        ("A) only one", {}),
        ("no list at all", {}),
        ("Pick:\n**A.** red\n**B.** blue", {"A": "red", "B": "blue"}),
        ("Which? A) 10 B) 12 C) 14", {"A": "10", "B": "12", "C": "14"}),
        ("$\\textbf{(A)}\\ 10 \\qquad \\textbf{(B)}\\ 12$", {"A": "10", "B": "12"}),
        ("(A) red (a colour)\n(B) blue", {"A": "red (a colour)", "B": "blue"}),
    ],
)
def test_the_choices_of_a_question(question: str, choices: dict[str, str]) -> None:
    assert offered_choices(question) == choices


HOSTILE = [
    "\\boxed{", "\\boxed ", "\\boxed{}", "{", "}", "answer is ", "the answer is the ", "1", " \t",
    "1,234", "1/", "####", "-", "A) ",
    "Answer:\n", "answer", "A ", "A) x ", "Answer: A, ", "Ab C. ", "5 in. ",
    "\\textbf{(A)} ", "\n", "<answer>", "the ", "$", "**", "(A ", "option ", "1.", "- ",
]  # fmt: skip


@pytest.mark.timeout(60)
def test_hostile_text_is_read_in_time() -> None:
    for piece in HOSTILE:
        text = piece * (1_000_000 // len(piece))
        started = time.process_time()
        extract_answer(text, "How many?")
        extract_answer("Answer: 4", text)
        extract_answer(text, CHOICES)
        assert time.process_time() - started < 2, piece


@given(st.text(max_size=200), st.sampled_from(["", "How many?", CHOICES]))
def test_any_text_gives_an_answer_with_a_key_or_none(response: str, question: str) -> None:
    answer = extract_answer(response, question)
    assert answer is None or (answer.text and answer.key)


@pytest.mark.parametrize(
    ("response", "text"),
    [
        ("**Answer:**\n\\[\n12\n\\]", "12"),
        ("Answer:\n---\n7", "7"),
        ("Answer:\n$$\n9\n$$", "9"),
        ("Answer:\n\\begin{align}\n5\n\\end{align}", "5"),
        ("Answer:\n\\[", None),
        ("Answer:\n```python\nprint(a)\n```", None),
    ],
)
def test_an_answer_stands_below_what_only_opens_a_formula(response: str, text: str | None) -> None:
    found = extract_answer(response)
    assert (found.text if found is not None else None) == text


@pytest.mark.parametrize(
    ("response", "key"),
    [
        (r"So it is $\frac{1}{4}$.", "1/4"),
        ("There are 3 million people.", "3000000"),
        ("There are 350 000 people.", "350000"),
        ("That makes 2 100 000.", "2100000"),
        ("In the end 12,500 people.", "12500"),
        ("It is 7:15 pm.", "7:15 pm"),
        ("It is 1.2 × 10^5 m.", "120000"),
        ("The area is 25 cm^2.", "25"),
        (r"So $x = 5$", "5"),
        (r"So $\text{12 apples}$", "12"),
        ("It is 10^4.", None),
        (r"The area is $9\pi$.", None),
        (r"So $3\sqrt{2}$", None),
        (r"So $x_2$", None),
    ],
)
def test_no_number_is_taken_out_of_a_larger_one(response: str, key: str | None) -> None:
    found = extract_answer(response, "How many people live there in all, or what is it?")
    assert (found.key if found is not None else None) == key


@pytest.mark.parametrize(
    ("response", "letter"),
    [
        ("The correct option is B. Option A is wrong.", "B"),
        ("Option A is not correct: its gills say so. Option B.", "B"),
        ("I choose B. The choice A is a fish.", "B"),
        ("Option C", "C"),
    ],
)
def test_a_choice_that_is_turned_down_is_not_chosen(response: str, letter: str) -> None:
    found = extract_answer(response, CHOICES)
    assert found is not None
    assert found.key == letter


def test_a_letter_that_is_called_wrong_is_no_answer() -> None:
    found = extract_answer("Answer: B is incorrect", CHOICES)
    assert found is None or found.key != "B"

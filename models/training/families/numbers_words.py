"""The parts of which people's questions for a numbers game are put together, with their fields.

A part that stands twice is twice as likely. `numbers_telling.py` fills the fields.
"""

from __future__ import annotations

from typing import Final

# fmt: off
# The target.
VERB: Final = ("reach the target number {T}", "bring the total to {T}", "get {T} as the answer",
    "reach the target {T}", "reach a total of {T}", "get a result of {T}", "make the number {T}",
    "hit the target {T}", "get a total of {T}", "get the answer {T}", "come up with {T}", "get {T}",
    "make exactly {T}", "end up with {T}", "come out at {T}", "get exactly {T}", "hit exactly {T}",
    "end up at {T}", "arrive at {T}", "finish on {T}", "produce {T}", "land on {T}", "come to {T}",
    "get to {T}", "get to {T}", "create {T}", "obtain {T}", "reach {T}", "reach {T}", "build {T}",
    "make {T}", "make {T}", "make {T}", "form {T}", "get {T}", "hit {T}")
GOAL: Final = ("final result", "final answer", "final number", "end result", "outcome", "result",
    "answer", "total")
AIM: Final = ("number {I} have to reach", "number to reach", "number {I} need", "number {I} want",
    "result {I} want", "number to make", "total {I} need", "target number", "number to hit", "goal",
    "target", "target", "aim")
GIVES: Final = ("comes out at", "comes out as", "works out to", "evaluates to", "is equal to",
    "results in", "ends up at", "comes to", "produces", "lands on", "equals", "equals", "yields",
    "totals", "gives", "gives", "makes", "hits")
TARGET: Final = ("the {goal} needs to be {T}.", "it should come out at {T}.", "the {aim} is {T}.",
    "the {goal} has to be {T}.", "the {goal} should be {T}.", "it has to come to {T}.",
    "{Im} aiming for {T}.", "{my} target is {T}.", "the {aim} is {T}.", "now {I} need {T}.",
    "the {aim}: {T}.", "{I} want {T}.", "{I} need {T}.", "target: {T}.", "goal: {T}.")
# The numbers.
SET: Final = ("{L}", "{L}", "{L}", "{L}", "the {ns} {L}", "the {ns} {L}", "the {N} {ns} {L}")
LIST: Final = ("just the {ns} {L}", "nothing but {L}", "only {L}", "just {L}", *["{set}"] * 9)
PREP: Final = ("from", "from", "with", "with", "using", "using", "out of")
COLON: Final = ("the following {N} {ns}: {L}", "what's on the table: {L}", "these {N} {ns}: {L}",
    "the following {ns}: {L}", "the {ns} {I} have: {L}", "what {I} have: {L}", "the {ns} here: {L}",
    "these {ns}: {L}", "these {N}: {L}", "these: {L}")
EACH_OF: Final = ("using each of the {ns} {L} {once}", "from {L} with nothing left over",
    "using all of {L}, {once_each}", "using every one of {L} {once}", "with {L}, all of them used",
    "using {L} without reusing any", "from {L} without skipping any", "using each of {L} {once}",
    "with each of {L} used {once}", "out of {L}, {once_each}", "using {L}, {once_each}",
    "using all {N} {ns} {L}", "using {L} {once_each}", "with {L}, {once_each}", "using all of {L}",
    "from {L}, {once_each}", "from {L} with {norep}")
HAVE: Final = ("{I} only have {L} to work with.", "the {ns} available are {L}.", "{Ive} got {L}.",
    "here are {my} {ns}: {L}.", "there are {N} {ns}: {L}.", "{my} {N} {ns} are {L}.", "given: {L}.",
    "{I} {was} given {L}.", "all {I} have is {L}.", "{Im} stuck with {L}.", "{my} {ns} are {L}.",
    "{Ive} got {list}.", "the {ns} are {L}.", "the {ns} are {L}.", "say {I} have {L}.",
    "{I} can use {L}.", "{I} have {L}.", "{ns}: {L}.")
YOU: Final = ("you are given the {ns} {L}.", "look at these {ns}: {L}.", "suppose you have {L}.",
    "here are your {ns}: {L}.", "take the {ns} {L}.", "your {ns} are {L}.", "you may use {L}.",
    "you've got {L}.", "start with {L}.", "you have {L}.", "you get {L}.", "take {L}.")
STORY: Final = ("{my} son has to use {L} for his homework.", "{my} homework has the numbers {L}.",
    "the teacher put {L} on the blackboard.", "the puzzle in the paper has {L} today.",
    "in today's puzzle the numbers are {L}.", "playing the numbers game, {I} got {L}.",
    "{my} brother challenged {me} with {L}.", "a friend sent {me} a puzzle with {L}.",
    "{my} teacher wrote {L} on the board.", "in maths class we were given {L}.",
    "it's game night and we have {L}.", "on the quiz show they had {L}.", "the app gave {me} {L}.",
    "the quiz master read out {L}.", "this round's numbers are {L}.", "{my} puzzle book gives {L}.",
    "in this round {I} got {L}.", "{my} teacher gave us {L}.")
CARDS: Final = ("we're playing with number cards and {I} got {L}.", "{N} cards are face up: {L}.",
    "there are {N} cards on the table: {L}.", "the cards on the table are {L}.", "{I} drew {L}.",
    "{I} {was} dealt {L}.", "{my} cards are {L}.", "the cards say {L}.", "{my} hand is {L}.")
DICE: Final = ("{I} rolled {N} dice and got {L}.", "we threw the dice and got {L}.",
    "{I} rolled the dice: {L}.", "{my} dice landed on {L}.", "the dice came up {L}.",
    "the dice show {L}.", "{I} rolled {L}.", "{I} threw {L}.")
TILES: Final = ("the tiles left on the board are {L}.", "{I} have tiles numbered {L}.",
    "{I} picked {N} tiles: {L}.", "{my} tiles are {L}.", "the tiles are {L}.")
INTRO: Final = ("this one is from {my} maths homework.", "we're warming up for a maths contest.",
    "{my} teacher gave us this puzzle.", "a friend gave {me} this riddle.", "here's one for you.",
    "{Im} playing the numbers game.", "this is from a puzzle book.", "let's play a numbers game.",
    "{my} kids asked {me} this.", "here is a small challenge.", "this was on a quiz show.",
    "a little brain teaser.", "homework question.", "numbers game time.", "it's game night.",
    "here's a puzzle.", "quick puzzle.", "next round.", "new round.")
# The question.
ASK: Final = ("could you show {me} how to", "does anyone know how to", "would it be possible to",
    "can you work out how to", "can you find a way to", "is there any way to", "do you know how to",
    "do you see a way to", "what's the trick to", "is there a way to", "is it possible to",
    "what do {I} do to", "can you help {me}", "could you please", "any idea how to", "how can {I}",
    "what's a way to", "are you able to", "how should {I}", "can we somehow", "how would you",
    "how could {I}", "how do {I}", "how do {I}", "how do you", "can anyone", "any way to",
    "could you", "can you", "can you", "can {I}", "who can")
TELL: Final = ("{I} can't figure out how to", "{my} teacher wants us to", "the challenge is to",
    "{my} homework is to", "the puzzle says to", "{Im} struggling to", "{I} {was} asked to", "", "",
    "{I} would like to", "figure out how to", "{I} can't seem to", "please help {me}", "help {me}",
    "show {me} how to", "tell {me} how to", "{Im} supposed to", "your task is to", "see if you can",
    "work out how to", "{I} bet you can", "{Im} trying to", "the task is to", "the goal is to", "",
    "find a way to", "the aim is to", "help {me} to", "{I} need to", "{I} need to", "{I} want to",
    "{I} have to", "you have to", "you need to", "{I} must", "please", "let's", "")
DO: Final = ("{I} need to", "{I} want to", "{I} have to", "you have to", "please", "try to", "")
FIND: Final = ("^could you give {me}", "^can you give {me}", "^can you think of", "help {me} find",
    "{Im} looking for", "please give {me}", "{I} have to find", "{I} need to find", "^can you find",
    "^could you find", "come up with", "please write", "please find", "^do you see", "write down",
    "find {me}", "give {me}", "show {me}", "^is there", "{I} need", "work out", "write", "find")
EXPRESSION: Final = ("an arithmetic expression", "an expression", "a calculation", "a combination",
    "an equation", "a solution", "a formula", "a sum")
WHICH: Final = ("which calculation", "what calculation", "which expression", "what combination",
    "what expression", "which formula", "what equation", "which sum", "what sum")
COMBINE: Final = ("{I} have to combine", "{I} want to combine", "^how do {I} combine", "work with",
    "^could you combine", "^can you combine", "^how can {I} use", "{I} need to use", "put together",
    "^how do {I} use", "please combine", "^can you use", "please use", "play with", "combine",
    "combine", "take", "join", "use", "use")
SO: Final = ("so that the {goal} is {T}", "in a way that {gives} {T}", "so that it {gives} {T}",
    "so the {goal} is {T}", "so that you {verb}", "so {I} {verb}", "to {verb}", "to {verb}")
THEM: Final = (" from those {N} {ns}", " with what {I} have", " out of these {ns}", " out of that",
    " with these {N}", " using them all", " from all {N}", " from these", " with those", "", "", "",
    " from those", " with them", " from them", " with that", "")
THERE: Final = ("what should {I} calculate?", "which calculation works?", "how do {I} get there?",
    "what's the solution?", "how do {I} do that?", "can you solve it?", "please solve it.", "how?",
    "can you find it?", "is there a way?", "can it be done?", "can you do it?", "show {me} how.")
# The rule.
ONCE: Final = ("once and only once", "exactly one time", "precisely once", "just one time", "once",
    "one time only", "a single time", "only one time", "exactly once", "exactly once", "only once",
    "just once", "one time", "once")
ONCE_EACH: Final = ("each a single time", "exactly once each", "each exactly once", "once each",
    "each of them once", "just once each", "each just once", "each only once", "one time each",
    "each one once", "once each", "each once")
EACH: Final = ("each of the {N} {ns}", "each and every {n}", "every single {n}", "every {n}",
    "each of the {ns}", "each {n}", "each {n}")
EACH_ONE: Final = ("every one of them", "each of the {N}", "each of these", "each of them", "each",
    "every one", "each one", "{each}", "{each}", "{each}")
ALL: Final = ("the full set of {ns}", "all {N} of the {ns}", "all of the {ns}", "all {N} {ns}",
    "all the {ns}", "every {n}", "all {N}")
ALL_THEM: Final = ("every one of them", "all {N} of them", "the whole lot", "all of these",
    "all of them", "them all", "{all}", "{all}")
NOREP: Final = ("nothing used twice", "no {n} used twice", "no doubling up", "no repetition",
    "no repeats", "no reusing", "no reuse")
NOLEFT: Final = ("nothing left over", "nothing left out", "all of them used", "no {n} left out",
    "none left over", "none left out", "no leftovers", "none skipped", "all {N} used")
RULE: Final = ("you're only allowed to use each {n} once, and all of them must be used.",
    "{each_one} can be used only once and all of them must be used.", "use {all_them} {once_each}.",
    "{I} can use {each_one} only once and {I} must use {all_them}.", "{each_one} gets used {once}.",
    "you can't use any {n} twice and you can't leave one out.", "{each_one} has to be used {once}.",
    "no {n} may be used twice and none may be left out.", "don't skip any and don't use any twice.",
    "it only counts if {each_one} is used {once}.", "don't leave any out and don't repeat any.",
    "{Im} only allowed to use {each_one} once.", "{I} need to use {all_them}, {once_each}.",
    "the solution must use {each_one} {once}.", "the rule is to use {each_one} {once}.", "{norep}.",
    "as usual, {each_one} is used {once}.", "{each_one} needs to be used {once}.", "{once_each}.",
    "you may not repeat or skip any {n}.", "none may be left out or used twice.", "use {all_them}.",
    "all {N} must be used, {once_each}.", "{I} have to use {each_one} {once}.", "all {N}, {norep}.",
    "remember to use {each_one} {once}.", "{each_one} should be used {once}.", "{each_one} {once}.",
    "every {n} counts, but only once.", "{each_one} has to appear {once}.", "{norep} and {noleft}.",
    "{each_one} must be used {once}.", "none of them may be left over.", "rule: {each_one} {once}.",
    "use {all_them}, {once_each}.", "all of them have to be used.", "make sure to use {all_them}.",
    "you have to use {all_them}.", "{each_one} {once} please.", "all {N} have to be in it.",
    "use {each_one} {once}.", "use {each_one} {once}.", "{noleft} and {norep}.", "don't reuse any.",
    "all {N}, {once_each}.", "don't leave any out.", "{norep}, {noleft}.", "don't skip any.")
RULE_FIRST: Final = ("the rule is that {each} is used {once}.", "you have to use {each} {once}.",
    "no {n} may be used twice or left out.", "{each} has to be used {once}.", "use {each} {once}.",
    "rules: {norep}, {noleft}.", "use {all}, {once_each}.", "rule: {each} {once}.")
ADVERB: Final = ("without repeating or skipping any", "while using {each_one} {once}",
    "using {all_them} {once_each}", "with {each_one} used {once}", "without using any {n} twice",
    "using {each_one} {once}", "using {each_one} {once}", "without leaving any out", "with {norep}",
    "without reusing any", "using {all_them}", "with {noleft}")
WHILE: Final = ("and use {each_one} {once}", "but use {each_one} {once}", "and use {all_them}",
    "{each_one} {once}", "{once_each}", "{adverb}", "{adverb}", "{adverb}", "{norep}")
FIRST: Final = ("with each {n} used {once} and {noleft}", "without leaving out any {n}",
    "without repeating any {n}", "using {all} {once_each}", "with {each} used {once}",
    "without reusing any {n}", "using {each} {once}", "using {all}")
SIGNS: Final = ("you may add, subtract, multiply and divide.", "the operations are +, -, * and /.",
    "{I} can add, subtract, multiply or divide.", "plus, minus, times and divide are all ok.",
    "you can use any of the four operations.", "+ - * / and brackets are fine.",
    "you can use +, -, * and /.", "only + - * / are allowed.", "any of + - * / is fine.",
    "basic arithmetic only.", "brackets are allowed.", "just the basic signs.")
# Chatter.
HELLO: Final = ("quick question:", "good morning,", "help please:", "another one:", "hey there,",
    "quick one:", "I'm stuck:", "challenge:", "hi there,", "question:", "alright,", "puzzle:",
    "hello,", "right,", "ok so", "hey,", "hmm,", "hi,", "ok,", "so,")
BYE: Final = ("I've been at it for ages.", "I've tried everything.", "it's driving me mad.",
    "is it even possible?", "I keep missing it.", "what's the trick?", "I can't see it.", "thanks!",
    "can you help?", "please help.", "no clue how.", "any ideas?", "thank you.", "I'm stuck.",
    "I give up.", "any idea?", "thanks.", "please.", "help!")
# Whole questions: in one sentence, with the rule inside, and in two sentences.
ONE: Final = ("{find} {expression} that {gives} {T} using {list}.", "{ask} {verb} {prep} {colon}?",
    "{find} {expression} with {list} that {gives} {T}.", "how can {I} get {T} if {I} have {list}?",
    "the {aim} is {T} and the {ns} are {L}.", "the {ns} are {L} and the {aim} is {T}.",
    "what do {I} do with {set} to {verb}?", "{I} have {list} and need to {verb}.", "{L}, make {T}.",
    "{I} have {list} and want to {verb}.", "{which} {gives} {T} using {list}?", "{L}, goal is {T}.",
    "if {I} have {list}, {ask} {verb}?", "{which} with {list} {gives} {T}?", "turn {set} into {T}.",
    "how do {I} turn {set} into {T}?", "how do {I} get from {L} to {T}?", "how can {L} become {T}?",
    "{tell} {verb} {prep} {colon}.", "{tell} {verb} {prep} {list}.", "{tell} {verb} {prep} {list}.",
    "{prep} {list}, {ask} {verb}?", "{Ive} got {L}, {ask} {verb}?", "{ask} {verb} {prep} {list}?",
    "{ask} {verb} {prep} {list}?", "{prep} {list}, {do} {verb}.", "given {list}, {ask} {verb}?",
    "given {list}, {do} {verb}.", "what gives {T} from {L}?", "{ns}: {L}, target: {T}.",
    "{combine} {set} {so}.", "{combine} {set} {so}.", "{ns} {L}, target {T}.", "{L}, target {T}.",
    "target {T}, {ns} {L}.", "target {T} from {L}.", "{T}, {prep} {list}.", "from {list} to {T}.",
    "{T} out of {L}.", "{L} = {T}, how?", "{T} from {L}.", "{T} with {L}.", "{L} -> {T}.")
ONE_RULED: Final = ("{find} {expression} that uses each of {L} {once} and {gives} {T}.",
    "{ask} {verb} {prep} {list} if {each_one} has to be used {once}?", "{tell} {verb} {each_of}.",
    "{ask} use {each} {once} and {verb} {prep} {list}?", "{tell} {verb} {prep} {list}, {while}.",
    "{find} {expression} that {gives} {T} {each_of}.", "{tell} {verb} {prep} {list} {adverb}.",
    "{ask} {verb} {prep} {list}, {while}?", "{first}, {ask} {verb} {prep} {list}?",
    "{first}, {do} {verb} {prep} {list}.", "{combine} {set}, {once_each}, {so}.",
    "{which} {gives} {T} {each_of}?", "use each of {L} {once} {so}.", "use {L}, {once_each}, {so}.",
    "{first}, combine {set} {so}.", "{L}, {once_each}, to {verb}.", "{each_of}, {ask} {verb}?",
    "{ask} {verb} {each_of}?", "{each_of}, {do} {verb}.", "{T} from {L}, {while}.")
ONWARD: Final = ("{find} {expression} that {gives} {T}.", "how do {I} get {T} out of this?",
    "{tell} {verb}{them}.", "{tell} {verb}{them}.", "{which} {gives} {T}?", "{ask} {verb}{them}?",
    "{ask} {verb}{them}?", "{target} {there}", "so {ask} {verb}?", "make it {T}.", "{target}")
YOURS: Final = ("what calculation {gives} {T}?", "the {goal} must be {T}.", "your target is {T}.",
    "find a way to {verb}.", "how do you {verb}?", "the target is {T}.", "can you {verb}?",
    "try to {verb}.", "{verb}{them}.", "{verb}.", "{verb}.")
BACK: Final = ("{target}", "{target}", "{tell} {verb}.", "{ask} {verb}?")
SLANG: Final = (("want to", "wanna"), ("thank you", "ty"), ("please", "pls"), ("please", "plz"),
    ("thanks", "thx"), ("maths", "math"), ("you", "u"))
PARTS: Final[dict[str, tuple[str, ...]]] = {
    "verb": VERB, "goal": GOAL, "aim": AIM, "gives": GIVES, "target": TARGET, "set": SET,
    "list": LIST, "prep": PREP, "colon": COLON, "each_of": EACH_OF, "ask": ASK, "tell": TELL,
    "find": FIND, "expression": EXPRESSION, "which": WHICH, "combine": COMBINE, "so": SO,
    "them": THEM, "there": THERE, "once": ONCE, "once_each": ONCE_EACH, "each": EACH,
    "each_one": EACH_ONE, "all": ALL, "all_them": ALL_THEM, "norep": NOREP, "noleft": NOLEFT,
    "adverb": ADVERB, "while": WHILE, "first": FIRST, "do": DO,
}
OBJECTS: Final = ("cards", "dice", "tiles")
NOUNS: Final = {
    "numbers": "number", "values": "value", "digits": "digit", "cards": "card", "dice": "die",
    "tiles": "tile",
}
# fmt: on

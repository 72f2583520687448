"""The vocabulary that stories are composed from: people, things, places and small talk around them.

It knows words only; how they become sentences is `phrasing.py`, what is computed is `stories.py`.
"""

from __future__ import annotations


def listed(text: str) -> tuple[str, ...]:
    """Split a list written as running text; `|` parts entries where there is one."""
    return tuple(entry.strip() for entry in text.split("|" if "|" in text else None))


NAMES = listed(
    """
    Tom Anna Ben Maria Peter Sara John Emma Lucas Mia Noah Lily Jack Olivia Sam Ella Max Zoe Leo
    Ruby Omar Fatima Ali Leila Yusuf Amina Wei Mei Kenji Yuki Hana Ravi Priya Arjun Anita Carlos
    Sofia Diego Lucia Pedro Elena Ivan Olga Nina Boris Marta Jan Eva Klaus Greta Hans Ingrid
    Lars Astrid Erik Freya Pierre Claire Louis Julie Marco Giulia Paolo Rosa Kofi Ama Kwame Zola
    Thabo Nia Alice Bob Charlie David Daniel Eric Frank George Helen Henry Irene James Julia
    Karen Kate Laura Linda Lisa Mark Martin Michael Nick Oliver Oscar Paul Rachel Robert Rose
    Sandra Simon Sophie Steve Susan Tina Victor Walter William Chloe Grace Hannah Jacob Joe Lena
    Matthew Molly Natalie Owen Philip Quinn Ryan Tara Uma Vera Wendy Xavier Yara Zack Betty Carl
    Dana Felix Gina Hugo Iris Jonas Kim Mary Alex Janet James Ahmed Andy Amy Jim Jane Dan Bill
    Mike Tim Ted Jenny
    """
)

MORE_NAMES = listed(
    """
    Aaron Abby Adam Adele Agnes Aisha Alan Albert Alfie Alina Amelia Amir Andrea Andrew Angela Annie
    Anthony Antonio Ariana Arthur Ashley Audrey Barbara Becky Bella Bernard Beth Bianca Bobby Bonnie
    Brandon Brenda Brian Bruno Caleb Camila Carla Carmen Carol Caroline Catherine Cathy Cecilia
    Chad Chen Chris Christina Cindy Clara Clark Colin Connor Cora Craig Cynthia Daisy Danny Darren
    Dave Debbie Deepak Dennis Derek Diana Dolly Donna Doris Dora Dylan Eddie Edgar Edith Edward
    Eleanor Eli Elias Elise Eliza Ellen Elliot Elsa Emily Emil Enzo Ernest Esther Ethan Eugene Evan
    Evelyn Faith Fiona Finn Florence Francis Fred Freddy Gabriel Gary Gavin Gemma Gerald Gloria
    Gordon Greg Gwen Hamza Harold Harriet Harry Harvey Hazel Heidi Hector Holly Howard Hussein Ian
    Ibrahim Ida Igor Imran Isaac Isabel Isla Ismail Jackie Jacqueline Jade Jake Jamal Jasmine Jason
    Jasper Jeff Jennifer Jeremy Jerry Jessica Jill Joan Joanna Joel Johanna Johnny Jordan Jose
    Joseph Josh Joyce Juan Judy Julian June Justin Karim Karl Katie Keith Kelly Ken Kevin Khalid
    Kyle Larry Laurel Lee Leon Leonard Lewis Liam Lionel Liz Logan Lola Lorenzo Louise Lucy Luis
    Luke Luna Lydia Mabel Maggie Marcus Margaret Mario Marion Mateo Matt Maurice Megan Melissa
    Miguel Mila Miles Millie Milo Mina Miriam Mohammed Mona Monica Nadia Nancy Naomi Nathan Ned Neil
    Nicole Nigel Nora Norman Otto Pam Pamela Pat Patricia Patrick Paula Pearl Penny Phil Philippa
    Pippa Polly Rafael Ralph Ray Rebecca Reza Richard Rick Rita Rob Robin Rodrigo Roger Ron Rory
    Rosie Roy Ruth Sally Salma Samantha Samuel Sandy Santiago Scott Sean Sebastian Selma Seth Shane
    Sharon Sheila Sid Silvia Stan Stella Stephen Stuart Sue Sven Tanya Teresa Terry Tessa Theo
    Thomas Tilda Timothy Todd Tommy Tony Tracy Trevor Una Ursula Valerie Vanessa Veronica Vicky
    Viktor Vincent Violet Wally Wanda Warren Wayne Wilma Winston Yasmin Yvonne Zachary Zara Zeke
    """
)
"""Names that are met in training only."""

THINGS = listed(
    """
    apples pears oranges bananas plums cherries lemons peaches grapes melons berries
    strawberries nuts eggs cakes cookies biscuits muffins rolls loaves sandwiches pies sweets
    candies chocolates pizzas potatoes tomatoes carrots onions cabbages pumpkins mushrooms beans
    seeds flowers roses tulips trees plants bushes books magazines newspapers comics letters
    postcards stamps envelopes pencils pens crayons notebooks folders stickers cards photos
    pictures posters paintings coins marbles beads buttons ribbons toys dolls balls balloons
    kites puzzles games bricks blocks tiles planks nails screws bolts bottles cups mugs plates
    bowls spoons forks knives glasses candles lamps bulbs batteries cables phones tablets
    computers shirts socks hats scarves gloves shoes jackets towels blankets pillows chairs
    tables desks benches bicycles cars trucks wheels tyres tickets badges medals shells stones
    fish ducks hens chickens sheep cows goats horses rabbits birds bees boxes parcels bags tools
    keys rings bracelets necklaces masks flags tents ropes baskets jars cans tins pots pans
    """
)

CONTAINERS = listed(
    """
    boxes bags crates packets packs baskets trays jars cartons sacks bundles cases shelves rows
    piles buckets chests drawers pallets containers stacks sets parcels albums cupboards tins
    """
)

PEOPLE = listed(
    """
    friends children pupils students neighbours cousins brothers sisters guests workers players
    teachers families classmates visitors colleagues helpers people teams kids classes groups
    customers
    """
)

RELATIVES = listed(
    """
    mother father brother sister uncle aunt cousin friend neighbour grandmother grandfather
    teacher boss daughter son wife husband
    """
)

OWNERS = listed(
    """
    shop farm library school factory museum bakery warehouse market club hotel garden restaurant
    company village town office kitchen team class zoo store workshop supermarket farmer baker
    teacher gardener collector seller merchant librarian driver fisherman cook captain
    """
)

PLACES = (
    "at the market",
    "in the garden",
    "at school",
    "in the park",
    "at home",
    "in the shop",
    "on the beach",
    "in town",
    "in the attic",
    "at the station",
    "on the way home",
    "in the kitchen",
    "at work",
    "in an old box",
    "in the cellar",
    "behind the house",
    "online",
)

TIMES = (
    "Then",
    "Later",
    "After that",
    "Next",
    "The next day",
    "On Monday",
    "On Tuesday",
    "On Wednesday",
    "On Thursday",
    "On Friday",
    "On Saturday",
    "On Sunday",
    "In the morning",
    "In the afternoon",
    "In the evening",
    "A week later",
    "The following week",
    "In March",
    "In summer",
    "In winter",
    "Afterwards",
    "During the day",
    "At noon",
    "At night",
    "Soon after",
    "A month later",
    "Meanwhile",
    "Today",
    "Yesterday",
    "Finally",
)

COLOURS = listed(
    """
    red blue green yellow white black small large big old new pretty fresh cheap
    """
)

MONEY = ("dollars", "euros", "pounds", "coins", "cents", "francs", "yen", "crowns", "rupees")

NUMBER_WORDS = {
    2: "two",
    3: "three",
    4: "four",
    5: "five",
    6: "six",
    7: "seven",
    8: "eight",
    9: "nine",
    10: "ten",
    11: "eleven",
    12: "twelve",
    15: "fifteen",
    20: "twenty",
    30: "thirty",
    40: "forty",
    50: "fifty",
    100: "one hundred",
}

EVERYDAY = listed(
    """
    a about after again all also always am an and another any are as at away back be because
    been before began behind best better between both bought break bring brought but buy by call
    came can cannot carry change city clean clock cold come cost could count country cut day
    days did different distance do does done door down draw drink drive each early earn eat
    either else empty end enough even every everyone exactly fall far fast feel few fill find
    fine first follow food for found from full gave get give given go goes going gone good got
    great half hand happen happy hard has have he help her here him his hold hour hours house
    how hundred i if in into is it its job just keep kilo kilograms kilometres kind know last
    late leave left less let like line list little live long look lose lost lot love made make
    makes many may me mean meet metres middle miles minutes money month months more most move
    much must my name near need never next no not nothing now number of off often on once one
    only open or order other our out over own pages paid part pay people per person piece pieces
    place plan play please price put quarter question read rest right road room round run said
    same save saw say score second see sell send share she shop should show side since sit size
    so sold some soon spend start stay still stop story such take talk tell than that the their
    them there these they thing things think third this those through time times to today
    together too took total travel twice two under until up us use used very visit wait walk
    want was water way we week weeks well went were what when where which while white who whole
    why will wish with without word words work would write year years yes you young your equal
    equally divided double triple altogether remaining difference sum product plus minus
    multiplied percent average litres grams points seats pocket
    """
)

"""The closed word classes by which a prompt is read; small lists of English, in lower case."""

from __future__ import annotations

AUXILIARIES = frozenset("is are was were am be being been 's 're".split())
MODALS = frozenset("can could will would may might must should".split())
# These may stand between "are" and a participle.
FLOATING = frozenset({"each", "both", "all", ","})
DETERMINERS = frozenset(
    """a an the this that these those some any each every another other his her their its my your our
    one two three four five six seven eight nine ten several many few both all no""".split()
)
PREPOSITIONS = frozenset(
    """on at with in to by under over off onto into from through around near along down up behind
    beside against across about for toward towards out away alongside inside outside underneath
    beneath below above between among during after before past upon within without above atop
    forward""".split()
)
COMPOUND_PREPOSITIONS = ("in front of", "on top of", "next to", "close to", "out of", "away from", "up to")
CONJUNCTIONS = frozenset(
    "and or but while as when where who whom which that then than so because if how why whether".split()
)
ADVERBS = frozenset(
    """overhead outdoors indoors together alone back forth fast home here there today now again still
    just very too quite also downstairs upstairs downhill uphill everywhere late""".split()
)
ADJECTIVES = frozenset(
    """old young new big large small little tiny huge giant tall short long high low wide thin thick
    fat heavy red yellow green blue purple pink brown black white grey gray golden silver dark
    bright colorful colourful wooden wet dry clean dirty hot cold warm cool fresh soft hard
    beautiful pretty cute lovely happy sad friendly angry wild fluffy shiny stunning vintage modern
    empty full broken open closed round square fast slow funny fancy striped spotted delicious
    elderly smiling blonde lively early curly ugly silly homely boring winding""".split()
)
ADJECTIVE_ENDINGS = ("ous", "ful", "less", "-aged")
# Things whose first word is not an adjective to be left out.
COMPOUNDS = frozenset({("hot", "dog"), ("hot", "air"), ("hard", "hat"), ("wild", "boar"), ("high", "chair")})
NOUNS_IN_LY = frozenset("family butterfly firefly dragonfly jelly belly bully lily assembly monopoly".split())
# Words in -ing that name things; without "is" they are the verb only before an article.
NOUNS_IN_ING = frozenset(
    """something anything nothing everything thing string ring earring king wing morning evening
    ceiling building spring sling wedding sibling clothing painting pudding herring duckling viking
    lightning railing icing""".split()
)
# Words that end so are no past tense.
NOUNS_IN_ED = (
    "bed",
    "shed",
    "sled",
    "seed",
    "weed",
    "reed",
    "steed",
    "moped",
    "bred",
    "hundred",
    "speed",
    "wed",
)
IRREGULAR_PLURALS = frozenset("men women people children kids they we you".split())
PICTURES = frozenset(
    """photo photograph picture image painting drawing portrait sketch illustration render rendering
    cartoon close-up closeup shot snapshot view scene depiction""".split()
)
# An object does not stand behind these.
TIMES = frozenset("before during until".split())
# "to" after these opens an infinitive and not an object.
VERBS_WITH_INFINITIVE = frozenset(
    "trying waiting preparing learning going getting starting beginning attempting hoping planning".split()
)
# A bare verb may stand behind the object of these: "watching a bird fly".
VERBS_OF_WATCHING = frozenset("watching seeing hearing feeling letting helping making".split())
# These name nothing that can be drawn.
PRONOUNS = frozenset(
    """himself herself itself themselves myself yourself oneself it them him me us something anything
    nothing everything""".split()
)
# Verbs read in the simple present too: "a woman kicks a ball".
PRESENT_VERBS = frozenset(
    """board brush carry catch chase clean climb cut drag drink drive eat feed fly grab greet grip hit
    hold hop hose hug hunt inspect jump kick kiss lasso lead lick lie lift load look make milk move
    open operate pack paint pet pick play point pour pull push race read repair ride row run sail
    scratch serve shear sip sit slide smell spin squeeze stab stand stir swing teach text throw tie
    toast touch train type walk wash watch wave wear wield zip""".split()
)
# Of these the past with "by" says where, unless an auxiliary stands before: "a man walked by a lake".
VERBS_OF_MOTION = frozenset("climb fly hop jump look play race run sail slide spin swing walk wave".split())
# Participles that do not end in "-ed", with what their verb is in "-ing".
PARTICIPLES = dict(
    pair.split(":")
    for pair in """beaten:beating bitten:biting blown:blowing broken:breaking brought:bringing built:building
    bought:buying caught:catching chosen:choosing cut:cutting drawn:drawing driven:driving drunk:drinking
    eaten:eating fed:feeding flown:flying fought:fighting given:giving held:holding hit:hitting hung:hanging
    led:leading lit:lighting made:making read:reading ridden:riding sat:sitting shaken:shaking shot:shooting
    slid:sliding spun:spinning stolen:stealing struck:striking swept:sweeping swung:swinging taken:taking
    taught:teaching thrown:throwing torn:tearing worn:wearing written:writing""".split()
)

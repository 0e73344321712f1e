"""Conditions, on sentences parsed by hand."""

import pytest

from extract.judging.conditions import stated
from tests.extract.hand import parsed

PROVIDED_THAT = (
    "Riders||NOUN|nsubj|1 back||VERB|ROOT|1 it||PRON|dobj|1 ,||PUNCT|punct|1 provided|provide|SCONJ|mark|7 "
    "that||SCONJ|mark|7 it||PRON|nsubj|7 lasts|last|VERB|advcl|1 .||PUNCT|punct|1"
)
PROVIDING = (
    "Riders||NOUN|nsubj|1 back||VERB|ROOT|1 it||PRON|dobj|1 ,||PUNCT|punct|1 providing|provide|VERB|advcl|1 "
    "more||ADJ|amod|6 support||NOUN|dobj|4 .||PUNCT|punct|1"
)
SUBJECT_TO = (
    "Riders||NOUN|nsubj|1 back||VERB|ROOT|1 it||PRON|dobj|1 ,||PUNCT|punct|1 subject||ADJ|advmod|1 to||ADP|prep|4 "
    "funding||NOUN|pobj|5 .||PUNCT|punct|1"
)
UNDER_RULES = (
    "Buses||NOUN|nsubj|1 are|be|AUX|ROOT|1 subject||ADJ|acomp|1 to||ADP|prep|2 rules||NOUN|pobj|3 .||PUNCT|punct|1"
)
HELPFUL_IF = (
    "It||PRON|nsubj|1 is|be|AUX|ROOT|1 helpful||ADJ|acomp|1 if||SCONJ|mark|5 it||PRON|nsubj|5 lasts|last|VERB|advcl|1 "
    ".||PUNCT|punct|1"
)
IF_ONE_FAILS = (
    "Riders||NOUN|nsubj|1 lose||VERB|ROOT|1 buses||NOUN|dobj|1 if||SCONJ|mark|5 one||PRON|nsubj|5 "
    "fails|fail|VERB|advcl|1 ;||PUNCT|punct|1 rules||NOUN|nsubj|8 help||VERB|conj|1 .||PUNCT|punct|8"
)
ASKED_IF = (
    "Riders||NOUN|nsubj|1 asked|ask|VERB|ROOT|1 if||SCONJ|mark|4 it||PRON|nsubj|4 helps|help|VERB|ccomp|1 "
    "with||ADP|prep|4 success||NOUN|pobj|5 .||PUNCT|punct|1"
)
DEMAND = (
    "If||SCONJ|mark|2 it||PRON|nsubj|2 stays|stay|VERB|advcl|6 ,||PUNCT|punct|6 it||PRON|nsubj|6 must||AUX|aux|6 "
    "succeed||VERB|ROOT|6 .||PUNCT|punct|6"
)
UNLESS = (
    "It||PRON|nsubj|1 fails|fail|VERB|ROOT|1 unless||SCONJ|mark|4 ministers|minister|NOUN|nsubj|4 pay||VERB|advcl|1 "
    ".||PUNCT|punct|1"
)


@pytest.mark.parametrize(
    ("sentence", "condition"),
    [
        (PROVIDED_THAT, "provided that it lasts"),
        (PROVIDING, None),
        (SUBJECT_TO, "subject to funding"),
        (UNDER_RULES, None),
        (HELPFUL_IF, "if it lasts"),
        (IF_ONE_FAILS, None),
        (ASKED_IF, None),
        (DEMAND, None),
        (UNLESS, "unless ministers pay"),
    ],
)
def test_a_condition_makes_a_position_depend_on_something(sentence: str, condition: str | None) -> None:
    found = stated(parsed(sentence)[:])
    assert (found.text if found is not None else None) == condition

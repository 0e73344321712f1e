"""A picture of the agreement between the actors of a briefing, next to a table with the same content."""

from api.forms.document import Picture
from api.pictures.drawing import drawn
from api.pictures.drawn import drawn_file
from graph.briefing.types import Briefing
from graph.debate.network import Node, Tie

FEWEST = 3
"""With fewer pairs than this, the table is enough."""
SEED = 7


def agreement_picture(briefing: Briefing) -> Picture | None:
    """Return the picture of agreement, or None if there is too little to draw."""
    if len(briefing.agreements) < FEWEST:
        return None
    names = sorted({name for pair in briefing.agreements for name in (pair.a, pair.b)})
    ties = tuple(
        Tie(
            source=pair.a,
            target=pair.b,
            weight=pair.score,
            agree=float(len(pair.agree)),
            conflict=float(len(pair.conflict)),
            shared=len(pair.agree) + len(pair.conflict),
        )
        for pair in briefing.agreements
        if pair.score
    )
    nodes = [Node(id=name, label=briefing.names.get(name, name), kind="actor", statements=1) for name in names]
    drawing = drawn(nodes, ties, {}, seed=SEED)
    svg = drawn_file("network", drawing, "svg").decode()
    return Picture(
        svg=svg[svg.index("<svg") :],
        png=drawn_file("network", drawing, "png"),
        alternative=f"Network of agreement: {drawing.says}",
    )

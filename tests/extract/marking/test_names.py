import pytest

from extract.marking.names import Names, key, lowered
from graph.model import Actor, ActorKind

NAMES = Names(
    (
        Actor(id="council", label="City Council", aliases=("the council", "CC")),
        Actor(id="harbour", label="Harbour Lines", aliases=("Harbour",)),
        Actor(id="quill", label="Ada Quill", kind=ActorKind.PERSON, aliases=("Cllr Quill",)),
        Actor(id="forum", label="Riders' Forum"),
    )
)


@pytest.mark.parametrize(
    ("text", "actors"),
    [
        ("The council met Harbour Lines.", ["council", "harbour"]),
        ("Harbour's ships; the harbour is full.", ["harbour"]),
        ("CC and cc", ["council"]),
        ("Cllr Quill, of the Riders’ Forum", ["quill", "forum"]),
        ("Councillors of the councils", []),
        ("", []),
    ],
)
def test_names_in_running_text(text: str, actors: list[str]) -> None:
    found = list(NAMES.find(text))
    assert [named.actor for named in found] == actors


def test_a_name_is_compared_without_the_and_with_straight_apostrophes() -> None:
    assert key("The  Riders’ Forum") == "riders' forum"


@pytest.mark.parametrize(
    ("name", "actor"),
    [
        ("Rider’s Forum", "forum"),
        ("The Rider Forum Ltd", "forum"),
        ("Riders' Forum (RF)", "forum"),
        ("Harbour Line UK", "harbour"),
        ("Harbours", None),
        ("Riders' Union", None),
        ("Ada Quills", None),
    ],
)
def test_a_name_may_vary_a_little(name: str, actor: str | None) -> None:
    assert NAMES.nearly(name) == actor


@pytest.mark.parametrize("text", ["İstanbul’s ﬁne", "ABC\nD", "😀 “É”"])
def test_small_letters_keep_their_places(text: str) -> None:
    assert len(lowered(text)) == len(text)

"""A session ends when its user signs out, however its cookie is written."""

from string import ascii_letters, digits

from api.serving.users import Role, User, Users
from api.settings import Settings

ADMIN = User(name="admin", role=Role.ADMIN)


def test_no_other_form_of_a_cookie_outlives_signing_out() -> None:
    users = Users(Settings(store="unused", admin_token="a token"))  # type: ignore[arg-type]  # a secret of it
    cookie = users.session(ADMIN)
    alike = [
        other for letter in f"{ascii_letters}{digits}-_" if users.by_session(other := cookie[:-1] + letter) == ADMIN
    ]
    assert cookie in alike

    users.end_session(cookie)

    assert [other for other in alike if users.by_session(other) is not None] == []


def test_ending_one_session_leaves_others() -> None:
    users = Users(Settings(store="unused", admin_token="a token"))  # type: ignore[arg-type]  # a secret of it
    one, other = users.session(ADMIN), users.session(ADMIN)

    users.end_session(one)

    assert users.by_session(one) is None
    assert users.by_session(other) == ADMIN

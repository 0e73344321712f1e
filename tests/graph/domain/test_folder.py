"""A domain folder: what is read, and each error with file, line and advice."""

import csv
import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from graph.domain.folder import BASE, DATE, read_domain, within
from graph.errors import BadDomain
from graph.model import ActorKind, Membership

SHIPPED = Path(__file__).parents[3] / "corpus" / "childrens-social-care"
EVALUATION = Path(__file__).parents[4] / "shared" / "evaluation"

ACTORS = "id,label\ncouncil,City Council\n"
REFORMS = "id,label\nfare-cap,Fare cap\n"

Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Write a domain folder of files by name ('concerns_csv' for concerns.csv), by default two small tables."""

    def folder(**files: str | bytes | None) -> Path:
        for name, content in {"actors_csv": ACTORS, "reforms_csv": REFORMS, **files}.items():
            if content is not None:
                data = content.encode() if isinstance(content, str) else content
                (tmp_path / name.replace("_", ".")).write_bytes(data)
        return tmp_path

    return folder


@pytest.mark.parametrize(
    ("file", "content", "line", "message"),
    [
        ("actors.csv", "id,kind\nx,person\n", 1, "column 'label' is missing; add it to the first line"),
        ("actors.csv", "label\nCity Council\n", 1, "column 'id' is missing"),
        ("actors.csv", "id;label\nx;X\n", 1, "separated by ';'; save the table with commas"),
        ("actors.csv", "id,label,label\nx,X,Y\n", 1, "column 'label' appears twice"),
        ("actors.csv", "", None, "empty; its first line must name the columns"),
        ("actors.csv", "id,label\nx,X\n\ny,\n", 4, "label is missing; every row needs one"),
        ("actors.csv", "id,label\n,X\n", 2, "id is missing; every row needs one"),
        ("actors.csv", "id,label\nx,X\ny,Y\nx,Z\n", 4, "id 'x' is already in line 2"),
        ("actors.csv", "id,label\nx,X, Y and Z\n", 2, 'put "quotation marks" around'),
        ("actors.csv", 'id,label\nx,"X\ny,Y\n', 2, "not CSV"),
        ("actors.csv", 'id,label\nx,"two\nlines"\nx,X\n', 4, "is already in line 2"),
        ("actors.csv", b"id,label\nx,Caf\xe9\n", 2, "not UTF-8 text; save the table as CSV UTF-8"),
        ("actors.csv", "id,label\nx,X\n".encode("utf-16"), 1, "not UTF-8"),
        ("actors.csv", "id,label,kind\nx,X,union\n", 2, "kind 'union' is not one of organisation, person, group"),
        ("actors.csv", 'id,label,kind\nx,"two\nlines",union\n', 2, "kind 'union' is not one of"),
        (
            "actors.csv",
            "id,label,member_of\nx,X,\ny,Y,z\n",
            3,
            "member_of 'z' is not the id of an actor; add a row for it",
        ),
        ("actors.csv", "id,label,member_of\nx,X,x\n", 2, "'x' names itself in member_of; remove it there"),
        ("actors.csv", "id,label,member_of,role\nx,X,\ny,Y,\nz,Z,x;y,a;b;c\n", 4, "role has 3 parts, member_of 2"),
        (
            "actors.csv",
            "id,label,member_of,since\nx,X,\ny,Y,x,May 2023\n",
            3,
            "since 'May 2023' is not a valid date; use YYYY, YYYY-MM",
        ),
        (
            "actors.csv",
            "id,label,member_of,since,until\nx,X,\ny,Y,x,2024-05,2023\n",
            3,
            "'2024-05' is later than until",
        ),
        ("reforms.csv", "id,label,broader\nx,X,y\n", 2, "broader 'y' is not the id of a reform; add a row for it"),
        ("reforms.csv", "id,label,broader\nx,X,x\n", 2, "broader forms a loop: x > x"),
        ("reforms.csv", "id,label,broader\na,A,\nb,B,c\nc,C,b\n", 3, "loop: b > c > b; clear one of them"),
        ("concerns.csv", "id,cues\nx,y\n", 1, "column 'label' is missing"),
        (
            "articles.csv",
            "id,date\nx,2023-13\n",
            2,
            "date '2023-13' is not a valid date; use YYYY, YYYY-MM or YYYY-MM-DD",
        ),
        ("articles.csv", "id,date\nx,2023-02-30\n", 2, "date '2023-02-30' does not exist in the calendar"),
        ("articles.csv", "title\nNews\n", 1, "column 'id' is missing"),
        ("domain.toml", "title = Buses\n", 1, "not TOML"),
        ("domain.toml", b'period = "2029"\ntitle = "Caf\xe9"\n', 2, "not UTF-8"),
        ("domain.toml", "\ntitle = 7\n", 2, "title must be text in quotation marks"),
        ("domain.toml", 'base = "buses"\n', 1, "base 'buses' must be an http or https address"),
        ("domain.toml", 'title = "x"\ngovernment = "crown"\n', 2, "government = 'crown' is not an id in actors.csv"),
        ("domain.toml", 'package = "fare-cap"\n', 1, "each package begins with a line [[package]]"),
        ("domain.toml", '[[package]]\nreform = "trams"\n', 2, "package reform 'trams' is not an id in reforms.csv"),
        ("domain.toml", '[[package]]\nsince = "2029"\n', 1, "a [[package]] accepts reform, since, until and words"),
        (
            "domain.toml",
            '[[package]]\nreform = "fare-cap"\ntill = "2029"\n',
            1,
            "accepts reform, since, until and words",
        ),
        ("domain.toml", '[[package]]\nreform = "fare-cap"\nsince = 2029\n', 1, "since and until must be text"),
        ("domain.toml", '[[package]]\nreform = "fare-cap"\nwords = "plan"\n', 1, "words a list of texts"),
        (
            "domain.toml",
            '[[package]]\nreform = "fare-cap"\nsince = "spring"\n',
            2,
            "since 'spring' is not a valid date",
        ),
    ],
)
def test_a_fault_names_file_line_and_what_to_do(
    make: Make, file: str, content: str | bytes, line: int | None, message: str
) -> None:
    folder = make(**{file.replace(".", "_"): content})

    with pytest.raises(BadDomain) as caught:
        read_domain(folder)

    assert (caught.value.path, caught.value.line) == (folder / file, line)
    assert message in str(caught.value)
    assert str(caught.value).startswith(f"{folder / file}:")


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadDomain, match="the folder does not exist; a domain is a folder with"):
        read_domain(tmp_path / "trams")


@pytest.mark.parametrize("missing", ["actors.csv", "reforms.csv"])
def test_a_required_table_that_is_not_there(make: Make, missing: str) -> None:
    folder = make(**{missing.replace(".", "_"): None})

    with pytest.raises(BadDomain, match=f"{missing}: the file does not exist"):
        read_domain(folder)


def test_articles_of_a_folder_that_is_not_there(make: Make, tmp_path: Path) -> None:
    with pytest.raises(BadDomain, match="the folder of articles does not exist"):
        read_domain(make(), documents=tmp_path / "none")


def test_two_tables_are_enough(make: Make) -> None:
    domain = read_domain(make())

    assert domain.actors["council"].kind is ActorKind.ORGANISATION
    assert (domain.concerns, domain.articles, domain.packages) == ({}, {}, ())
    assert (domain.base, domain.language, domain.title) == (BASE, "en", domain.folder.name)


@pytest.mark.parametrize(
    "table",
    [
        "\ufeffid,label,aliases\r\ncap,Fare cap,capped fares;£2 fare\r\n",
        'aliases,label,id\n"capped fares; £2 fare;",Fare cap,cap\n\n,,\n',
        "ID, Label ,Aliases,,\ncap,Fare cap,capped fares;£2 fare;capped fares,,\n",
        'id,label,aliases\n"cap","Fare cap","capped fares;£2 fare"',
    ],
    ids=["byte order mark and CRLF", "other order and empty lines", "capitals and empty columns", "no last line end"],
)
def test_tables_are_read_as_spreadsheets_save_them(make: Make, table: str) -> None:
    domain = read_domain(make(reforms_csv=table))

    assert list(domain.reforms) == ["cap"]
    assert (domain.reforms["cap"].label, domain.reforms["cap"].aliases) == ("Fare cap", ("capped fares", "£2 fare"))


def test_a_field_may_contain_commas_quotation_marks_and_lines(make: Make) -> None:
    domain = read_domain(make(reforms_csv='id,label,definition\ncap,"Fares, capped","A ""cap""\non fares"\n'))

    assert domain.reforms["cap"].label == "Fares, capped"
    assert domain.reforms["cap"].definition == 'A "cap"\non fares'


def test_order_is_that_of_the_table(make: Make) -> None:
    domain = read_domain(make(reforms_csv="id,label,broader\nz,Z,a\na,A,\nm,M,z\n"))

    assert list(domain.reforms) == ["z", "a", "m"]


@pytest.mark.parametrize(
    ("files", "note"),
    [
        ({"actors_csv": "id,label,colour\nx,X,red\n"}, "unknown column 'colour' is ignored"),
        ({"domain_toml": 'colour = "red"\n'}, "unknown setting 'colour' is ignored"),
    ],
)
def test_unknown_columns_and_settings_are_ignored_with_a_note(
    make: Make, caplog: pytest.LogCaptureFixture, files: dict[str, str], note: str
) -> None:
    read_domain(make(**files))

    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert note in caplog.text


def test_a_person_who_changed_office_has_parts_in_order(make: Make) -> None:
    rows = "ann,Ann Lee,person,council;union,leader;chair,2019;2023-05,2023-04;"
    table = f"id,label,kind,member_of,role,since,until\ncouncil,C,,,,,\nunion,U,,,,,\n{rows}\n"

    assert read_domain(make(actors_csv=table)).actors["ann"].member_of == (
        Membership(organisation="council", role="leader", since="2019", until="2023-04"),
        Membership(organisation="union", role="chair", since="2023-05"),
    )


def test_a_single_role_applies_to_all_organisations(make: Make) -> None:
    table = "id,label,member_of,role\nc,C,,\nu,U,,\nann,Ann Lee,c;u,chair\n"

    assert [m.role for m in read_domain(make(actors_csv=table)).actors["ann"].member_of] == ["chair", "chair"]


def test_a_table_in_the_documents_folder_takes_precedence(make: Make, tmp_path: Path) -> None:
    folder = make(articles_csv="id,title\na,Old\nb,Kept\n")
    documents = tmp_path / "elsewhere"
    documents.mkdir()
    (documents / "articles.csv").write_text("id,title,date\na,New,2031-03\n")

    domain = read_domain(folder, documents=documents)

    assert domain.documents == documents
    assert {id: article.title for id, article in domain.articles.items()} == {"a": "New", "b": "Kept"}


@pytest.mark.parametrize(
    ("date", "since", "until", "inside"),
    [
        ("2023-02-03", "2023-02", "2024-10", True),
        ("2023-02", "2023-02-15", "", True),
        ("2023", "2023-02", "2023-04", True),
        ("2024-10-31", "2023-02", "2024-10", True),
        ("2024-11-01", "2023-02", "2024-10", False),
        ("2022-12", "2023", "", False),
        ("2023-01", "2023-02", "", False),
        ("", "2023", "", False),
        ("", "", "", True),
        ("1958", "", "1958-06", True),
    ],
)
def test_an_imprecise_date_is_compared_as_far_as_it_is_known(date: str, since: str, until: str, inside: bool) -> None:
    assert within(date, since, until) is inside


def test_a_package_is_left_open_where_several_fit(make: Make) -> None:
    packages = '[[package]]\nreform = "a"\nuntil = "2030"\n[[package]]\nreform = "b"\nsince = "2030"\nwords = ["it"]\n'
    domain = read_domain(make(reforms_csv="id,label\na,A\nb,B\n", domain_toml=packages))

    assert [found.id if (found := domain.package(date)) else None for date in ("2029", "2030-05", "2031")] == [
        "a",
        None,
        "b",
    ]
    assert domain.packages[1].words == ("it",)


def test_an_article_without_date_may_be_of_the_only_period(make: Make) -> None:
    package = '[[package]]\nreform = "fare-cap"\nsince = "2029"\n'

    assert read_domain(make(domain_toml=package)).package("") is not None
    assert read_domain(make(domain_toml=package + package)).package("") is None


def test_the_shipped_domain_reads_without_a_note(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        domain = read_domain(SHIPPED)

    assert caplog.messages == []
    assert (len(domain.reforms), len(domain.concerns), len(domain.articles)) == (50, 14, 61)
    assert domain.government == "dfe"


def test_no_wording_of_the_shipped_domain_names_two_things() -> None:
    domain = read_domain(SHIPPED)

    for things in (domain.actors.values(), domain.reforms.values()):
        wordings = [w for thing in things for w in {w.lower() for w in (thing.label, *thing.aliases)}]
        assert len(wordings) > 200
        assert [w for w in wordings if wordings.count(w) > 1] == []


@pytest.mark.parametrize("date", ["2021-06", "2022-05-23", "2023-02-03", "2023-02", "2023-09", "2024-11-20", "2024-11"])
def test_the_shipped_packages_cover_the_shipped_articles(date: str) -> None:
    domain = read_domain(SHIPPED)

    assert date in {article.date for article in domain.articles.values()}
    assert domain.package(date) is not None


@pytest.mark.skipif(not EVALUATION.is_dir(), reason="the evaluation tables are not next to the project")
@pytest.mark.parametrize("table", ["actors", "reforms", "concerns"])
def test_ids_and_labels_of_the_evaluation_are_kept(table: str) -> None:
    mine = getattr(read_domain(SHIPPED), table)

    with (EVALUATION / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) >= 14
    assert {row["id"]: row["label"] for row in rows} == {row["id"]: mine[row["id"]].label for row in rows}
    for row in rows:
        assert row.get("broader", "") == getattr(mine[row["id"]], "broader", "")
        assert set(filter(None, row.get("aliases", "").split(";"))) <= set(getattr(mine[row["id"]], "aliases", ()))


def test_dates_of_the_shipped_domain_are_iso() -> None:
    dates = [m.since for actor in read_domain(SHIPPED).actors.values() for m in actor.member_of if m.since]

    assert len(dates) > 40
    assert all(DATE.fullmatch(date) for date in dates)

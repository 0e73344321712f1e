"""Arguments and options that several verbs share, and the settings that options override."""

import tomllib
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from api.settings import SETTINGS_FILE, Settings
from graph.errors import BadRequest
from graph.shipped import installed, shipped

DomainArg = Annotated[Path, typer.Argument(help="Folder with the domain's tables", show_default=False)]
StandingOption = Annotated[
    str, typer.Option("--standing", help="Which statements count: checked, likely (checked and likely) or all")
]
StoreOption = Annotated[str, typer.Option("--store", help="Folder of the graph, or address of a SPARQL 1.1 server")]
FolderOption = Annotated[str, typer.Option("--store", help="Folder of the graph")]
ArticlesOption = Annotated[Path | None, typer.Option("--articles", help="Read documents here, not in articles/")]
GoldOption = Annotated[
    Path | None, typer.Option("--gold", help="Annotated statements [the domain's gold.jsonl or coding.jsonl]")
]
MappingOption = Annotated[
    Path | None, typer.Option("--mapping", help="TOML file that maps the table's columns to fields")
]
ModelOption = Annotated[str | None, typer.Option("--model", help="An installed spaCy pipeline for the language")]
StatementsOption = Annotated[Path, typer.Option("--statements", help="Statements that `extract` wrote")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON")]
OutOption = Annotated[Path | None, typer.Option("--out", help="File to write [standard output]")]

STATEMENTS = Path("statements.jsonl")
"""Where statements lie between `extract` and `build` unless an option names another file."""


def changeable(domain: Path) -> Path:
    """Return the folder of a domain that a verb is to change. Raises BadRequest for what an installation ships."""
    if installed() and domain.resolve().is_relative_to(shipped("corpus").resolve()):
        raise BadRequest(
            f"{domain} is part of the installation, and an update replaces it; "
            "copy it to a folder of yours and name that"
        )
    return domain


def settings_with(**given: Any) -> Settings:
    """Return the settings; the given ones override environment and file. Raises BadRequest in one sentence."""
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        raise BadRequest(f"setting {name}: {first['msg']}; see `positions serve --help`") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadRequest(f"{SETTINGS_FILE} cannot be read: {error}. Correct or remove the file") from error

"""The manifest of a backup: what the file must contain. Nothing in it is believed before it has been checked."""

import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from graph.errors import BadRequest, StoreError
from graph.extras import needed
from graph.rdf.terms import Iri, written
from graph.store.migration import FORMAT
from graph.versions.builds import Version

DATA, MANIFEST, SIGNATURE = "graph.nq", "manifest.json", "manifest.sig"
LARGEST = 64 * 1024**2
"""Bytes of a manifest. One that lists 5,000 graphs in each of 10 versions has about 5 million."""
MOST_VERSIONS = 1_000
SIGNED = b"stakeholder-positions backup\n"
"""Comes before the manifest in what is signed, so that a signature made for something else is no use here."""
MOMENT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup contains."""

    format: int
    """Format of the store, as in `graph.store.migration`."""
    version: str
    """Version of the data at the time of the backup."""
    quads: int
    graphs: tuple[str, ...]
    """IRIs of the named graphs, including empty ones."""
    sha256: str
    """Digest of the N-Quads, in hexadecimal."""
    versions: "tuple[Manifest, ...]" = ()
    """The data after earlier builds, oldest first."""
    kept: Version | None = None
    """For an earlier version: its number, date and counts."""

    @property
    def member(self) -> str:
        """Name of the file in the ZIP that holds these data."""
        return DATA if self.kept is None else f"versions/{self.kept.number}.nq"

    @property
    def parts(self) -> "tuple[Manifest, ...]":
        """This manifest and those of its versions: one for each file of data."""
        return (self, *self.versions)


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class _Kept(_Strict):
    number: int = Field(ge=1, lt=10**9)
    built: str = Field(pattern=MOMENT)
    articles: int = Field(ge=0)
    statements: int = Field(ge=0)
    positions: int = Field(ge=0)
    quads: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    state: str = Field(pattern=r"^[0-9A-Za-z-]{1,64}$")

    @field_validator("built")
    @classmethod
    def _is_a_moment(cls, built: str) -> str:
        Version.moment(built)
        return built


class _Data(_Strict):
    format: int = Field(ge=0)
    version: str = Field(pattern=r"^[0-9A-Za-z-]{1,64}$")
    quads: int = Field(ge=0)
    graphs: list[str]
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")

    @field_validator("graphs")
    @classmethod
    def _are_iris(cls, graphs: list[str]) -> list[str]:
        for graph in graphs:
            try:
                written(Iri(graph))
            except StoreError as error:
                raise ValueError(str(error)) from error
        return graphs


class _VersionData(_Data):
    kept: _Kept
    versions: list[object] = Field(default=[], max_length=0)


class _Whole(_Data):
    kept: None = None
    versions: list[_VersionData] = Field(default=[], max_length=MOST_VERSIONS)

    @model_validator(mode="after")
    def _numbers_go_up(self) -> "_Whole":
        numbers = [each.kept.number for each in self.versions]
        if any(before >= after for before, after in pairwise(numbers)):
            raise ValueError("the numbers of the versions do not go up")
        return self


def parsed(content: bytes) -> Manifest:
    """The manifest in these bytes of JSON. Raises ValueError if any field has the wrong type, range or form."""
    try:
        whole = _Whole.model_validate(json.loads(content))
    except RecursionError as error:
        raise ValueError("the manifest is nested too deeply") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"{'.'.join(map(str, first['loc'])) or 'manifest'}: {first['msg']}") from error
    return _made(whole)


def _made(data: _Whole | _VersionData) -> Manifest:
    fields: dict[str, Any] = data.model_dump(include={"format", "version", "quads", "sha256"})
    return Manifest(
        **fields,
        graphs=tuple(data.graphs),
        versions=tuple(_made(each) for each in data.versions if isinstance(each, _VersionData)),
        kept=Version(**data.kept.model_dump()) if data.kept is not None else None,
    )


def read(file: zipfile.ZipFile) -> tuple[Manifest, bytes]:
    """The manifest of a backup and its bytes. The file has the members that it names, each once, and no others.

    Raises KeyError, ValueError, BadRequest.
    """
    if file.getinfo(MANIFEST).file_size > LARGEST:
        raise ValueError(f"the manifest is larger than {LARGEST:,} bytes")
    content = file.read(MANIFEST)
    manifest = parsed(content)
    if manifest.format > FORMAT or any(each.format > FORMAT for each in manifest.versions):
        raise BadRequest("was made by a newer version of the program; restore it with that version")
    expected = [MANIFEST, *(each.member for each in manifest.parts)]
    if sorted(name for name in file.namelist() if name != SIGNATURE) != sorted(expected):
        raise ValueError("the members of the file are not those that its manifest names")
    if file.namelist().count(SIGNATURE) > 1:
        raise ValueError("the file has several signatures")
    return manifest, content


def sign(path: Path, key: Path) -> None:
    """Add a signature to a backup: Ed25519, by the private key in a PEM file. Raises BadRequest."""
    with _installed():
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
    try:
        private = load_pem_private_key(key.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise BadRequest(f"{key} cannot be used as a key to sign with: {error}") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise BadRequest(f"{key} is not an Ed25519 key; make one with `openssl genpkey -algorithm ed25519`")
    with zipfile.ZipFile(path, "a") as file:
        signature = private.sign(SIGNED + file.read(MANIFEST))
        file.writestr(zipfile.ZipInfo(SIGNATURE, (1980, 1, 1, 0, 0, 0)), signature)


def check_signature(file: zipfile.ZipFile, content: bytes, key: Path) -> None:
    """Raises BadRequest unless the manifest carries a signature that the public key in this PEM file verifies."""
    with _installed():
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        from cryptography.hazmat.primitives.serialization import load_pem_public_key
    try:
        public = load_pem_public_key(key.read_bytes())
    except (OSError, ValueError) as error:
        raise BadRequest(f"{key} cannot be used as a key to verify with: {error}") from error
    if not isinstance(public, Ed25519PublicKey):
        raise BadRequest(f"{key} is not an Ed25519 public key; write it with `openssl pkey -pubout`")
    if SIGNATURE not in file.namelist():
        raise BadRequest("has no signature")
    with file.open(SIGNATURE) as member:
        signature = member.read(65)
    try:
        public.verify(signature, SIGNED + content)
    except InvalidSignature as error:
        raise BadRequest("is not signed with this key, or was changed afterwards") from error


@contextmanager
def _installed() -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise needed(error, "signing") from error

"""All settings of the service, from environment variables, a settings file or the command line."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from platformdirs import user_data_path
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from api.bounds import Bounds
from graph.shipped import CHECKOUT, installed, shipped

SHIPPED_DOMAIN = shipped("corpus/childrens-social-care")

SETTINGS_FILE = Path("positions.toml")

USERS_FILE = Path("users.toml")
"""Where `positions review token` keeps reviewers unless the setting `users_file` names another file."""

DEFAULT_STORE = str(user_data_path("positions", appauthor=False) if installed() else CHECKOUT / "data")
"""Folder of the graph unless an option or a setting names another: the user's data folder, or one in the checkout."""

Positive = Annotated[int, Field(gt=0)]
Seconds = Annotated[float, Field(gt=0)]


class Settings(BaseSettings):
    """What an operator can set: `POSITIONS_NAME` in the environment, or `name` in positions.toml.

    A command-line option overrides the environment, which overrides the file.
    """

    model_config = SettingsConfigDict(env_prefix="POSITIONS_", toml_file=SETTINGS_FILE, extra="forbid", frozen=True)

    store: str = Field(default=DEFAULT_STORE, description="Folder of the graph, or address of a SPARQL server")
    host: str = Field(default="127.0.0.1", description="Address to listen on")
    port: int = Field(default=8000, ge=0, le=65535, description="Port to listen on")
    base_url: str = Field(default="", description="Public address and path, for links in feeds, briefings and files")
    admin_token: SecretStr | None = Field(default=None, description="Bearer token that may do everything")
    users_file: Path | None = Field(
        default=None, description="TOML file of tokens with names and roles [users.toml, if it exists]"
    )
    wrong_tokens: Positive = Field(
        default=10, description="Wrong tokens from one address in five minutes; then 429 for all of its tokens"
    )

    versions: int = Field(default=10, ge=0, description="Builds that are kept as versions")

    domain: Path | None = Field(
        default=None, description="Folder of the tables to which the review page adds new names"
    )

    query_timeout: Seconds = Field(default=10.0, description="Seconds allowed for a SPARQL query")
    max_rows: Positive = Field(default=1_000_000, description="Rows or triples of one SPARQL answer")
    concurrent_queries: Positive = Field(default=16, description="Simultaneous long SPARQL queries; then 429")
    query_workers: Positive = Field(default=4, description="Processes for short SPARQL queries")
    query_memory: Positive = Field(default=1024**3, description="Bytes of memory allowed for one query")
    quads_in_memory: int = Field(
        default=1_000_000,
        ge=0,
        description="Largest number of quads that are queried in memory; 0: always query on disk",
    )
    max_query_length: Positive = Field(default=256 * 1024, description="Bytes of one SPARQL query")
    connections: Positive = Field(
        default=2_000, description="Open connections; then the one idle for longest is closed for a new one"
    )
    concurrent_requests: Positive = Field(default=256, description="Simultaneous pages and API requests; then 503")
    page_threads: Positive = Field(default=4, description="Threads that compute pages and API answers")
    kept_answers: int = Field(
        default=32 * 1024**2,
        ge=0,
        description="Bytes of pages and API answers cached until the graph changes; 0: no cache",
    )
    shutdown_seconds: Positive = Field(
        default=15, description="Seconds that running requests have to finish when the server stops"
    )
    max_body: Positive = Field(default=64 * 1024**2, description="Bytes of one request's body")
    page_size: Positive = Field(default=50, description="Rows of a list if a request sets no limit")
    max_page_size: Positive = Field(default=1_000, description="Largest number of rows of a list")

    trusted_hosts: tuple[str, ...] = Field(
        default=("*",), description="Host names in requests and in links; * allows any in requests, but none in links"
    )
    forwarded_allow_ips: str = Field(default="127.0.0.1", description="Proxies whose forwarding headers are trusted")
    https: bool = Field(
        default=False, description="A proxy serves the site over TLS: send HSTS and mark cookies Secure"
    )
    log_queries: bool = Field(default=False, description="Write the text of queries to the log")

    @classmethod
    def told(cls) -> Iterator[tuple[str, str, str]]:
        """Return the name, written default and meaning of each setting."""
        for name, field in cls.model_fields.items():
            default = field.default
            written = ", ".join(default) if isinstance(default, tuple) else "" if default is None else default
            # A folder on this machine means nothing to others.
            yield name, "data" if name == "store" else str(written), field.description or ""

    @property
    def query_bounds(self) -> Bounds:
        """The limits on SPARQL queries."""
        return Bounds(
            seconds=self.query_timeout,
            rows=self.max_rows,
            long_queries=self.concurrent_queries,
            workers=self.query_workers,
            memory=self.query_memory,
            quads_in_memory=self.quads_in_memory,
        )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources: command line, then environment, then file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

"""The data set as something to cite: what it is and holds (DCAT, VoID), and a package of its files (RO-Crate)."""

import hashlib
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rdflib import DCAT, DCTERMS, RDF, VOID, XSD, Graph, Literal, Namespace, URIRef

from graph.export.files import FORMATS, PACKED, context, export
from graph.rdf.triples import software_version
from graph.rdf.vocabulary import HEAD, ONTOLOGY_FILE, PREFIXES
from graph.reading.catalogue import about, base_of
from graph.store.embedded import Store

SPDX = Namespace("http://spdx.org/rdf/terms#")
MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
PACKAGED = ("nquads", "jsonld", "csv", "jsonl", "xlsx")
"""What a package holds; all of it can be written without further libraries."""
COUNTS = (
    HEAD
    + """
SELECT ?kind (COUNT(?thing) AS ?n) WHERE { ?thing a ?kind } GROUP BY ?kind ORDER BY ?kind"""
)
TRIPLES = "SELECT (COUNT(*) AS ?n) WHERE { GRAPH ?graph { ?s ?p ?o } }"
DATES = HEAD + "SELECT (MIN(STR(?d)) AS ?first) (MAX(STR(?d)) AS ?last) WHERE { ?it a schema:Article ; dct:date ?d }"


@dataclass(frozen=True, slots=True, kw_only=True)
class PackagedFile:
    """A file of a package, with a checksum so that readers can verify it."""

    name: str
    title: str
    media_type: str
    size: int
    sha256: str


def description(store: Store, *, site: str = "", files: tuple[PackagedFile, ...] = ()) -> bytes:
    """What the data set holds, in Turtle: its counts by class, its dates, its vocabularies, where it can be had."""
    field, base = about(store), base_of(store)
    it = URIRef(f"{base}id/domain/{field.id or 'domain'}")
    graph = Graph()
    for prefix, space in {"dcat": str(DCAT), "dct": str(DCTERMS), "void": str(VOID), "spdx": str(SPDX)}.items():
        graph.bind(prefix, space)
    graph.add((it, RDF.type, DCAT.Dataset))
    graph.add((it, RDF.type, VOID.Dataset))
    graph.add((it, DCTERMS.title, Literal(_title(store), lang="en")))
    graph.add((it, DCTERMS.identifier, Literal(field.id or "domain")))
    graph.add((it, DCTERMS.language, Literal(field.language)))
    graph.add((it, VOID.uriSpace, Literal(base)))
    graph.add((it, VOID.triples, Literal(store.select(TRIPLES)[0]["n"])))
    for start in sorted(set(PREFIXES.values())):
        graph.add((it, VOID.vocabulary, URIRef(start)))
    _dates(graph, it, store)
    for place, row in enumerate(store.select(COUNTS), 1):
        part = URIRef(f"{it}#class-{place}")
        graph.add((it, VOID.classPartition, part))
        graph.add((part, VOID["class"], URIRef(row["kind"])))
        graph.add((part, VOID.entities, Literal(row["n"])))
    if site:
        graph.add((it, VOID.sparqlEndpoint, URIRef(f"{site.rstrip('/')}/sparql")))
        graph.add((it, DCAT.landingPage, URIRef(f"{site.rstrip('/')}/")))
    for file in files:
        _distribution(graph, it, file)
    return graph.serialize(format="longturtle", encoding="utf-8")


def package(store: Store, out: Path, *, site: str = "") -> tuple[PackagedFile, ...]:
    """An RO-Crate 1.1 of the data set as one zip file: graph, tables, vocabulary and their description."""
    with TemporaryDirectory(dir=out.parent) as folder:
        written = [_exported(store, Path(folder), format) for format in PACKAGED]
        contents = {file.name: Path(folder, file.name).read_bytes() for file in written}
    for name, title, media_type, content in (
        ("context.jsonld", "JSON-LD context", "application/ld+json", _json(context())),
        ("ontology.ttl", "Ontology", "text/turtle", ONTOLOGY_FILE.read_bytes()),
    ):
        written.append(_file(name, title, media_type, content))
        contents[name] = content
    described = description(store, site=site, files=tuple(written))
    written.append(_file("dataset.ttl", "Description of the data set (DCAT, VoID)", "text/turtle", described))
    contents["dataset.ttl"] = described
    contents["ro-crate-metadata.json"] = _json(_crate(store, written))
    unfinished = out.with_name(f".{out.name}.new")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as crate:
        for name in sorted(contents):
            crate.writestr(zipfile.ZipInfo(name, PACKED), contents[name], zipfile.ZIP_DEFLATED)
    unfinished.replace(out)
    return tuple(written)


TITLES: Mapping[str, str] = {
    "nquads": "The whole graph (N-Quads)",
    "jsonld": "The whole graph (JSON-LD)",
    "csv": "Statements (CSV)",
    "jsonl": "Statements as records (JSON lines)",
    "xlsx": "Statements and positions (workbook)",
}


def _exported(store: Store, folder: Path, format: str) -> PackagedFile:
    name = f"{'graph' if format in ('nquads', 'jsonld') else 'statements'}.{FORMATS[format].ending}"
    export(store, format, folder / name)
    return _file(name, TITLES[format], FORMATS[format].media_type, (folder / name).read_bytes())


def _file(name: str, title: str, media_type: str, content: bytes) -> PackagedFile:
    return PackagedFile(
        name=name,
        title=title,
        media_type=media_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )


def _crate(store: Store, files: list[PackagedFile]) -> dict[str, Any]:
    first, last = _period(store)
    root: dict[str, Any] = {
        "@id": "./",
        "@type": "Dataset",
        "name": _title(store),
        "description": (
            "Who stands where on which reform, with the words that show it: statements taken from articles, each with "
            "its passage, and the positions that follow from them."
        ),
        "hasPart": [{"@id": file.name} for file in files],
    }
    if last:
        # The newest article's date and no clock: the same data make the same package.
        root |= {"datePublished": last, "temporalCoverage": f"{first}/{last}"}
    described = {"@id": "ro-crate-metadata.json", "@type": "CreativeWork", "about": {"@id": "./"}}
    described["conformsTo"] = {"@id": "https://w3id.org/ro/crate/1.1"}
    software = {
        "@id": "#software",
        "@type": "SoftwareApplication",
        "name": "stakeholder-positions",
        "version": software_version(),
    }
    parts = [
        {
            "@id": file.name,
            "@type": "File",
            "name": file.title,
            "encodingFormat": file.media_type,
            "contentSize": str(file.size),
            "sha256": file.sha256,
        }
        for file in files
    ]
    action = {
        "@id": "#export",
        "@type": "CreateAction",
        "instrument": {"@id": "#software"},
        "result": {"@id": "./"},
    }
    return {"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": [described, root, *parts, software, action]}


def _distribution(graph: Graph, it: URIRef, file: PackagedFile) -> None:
    part, checksum = URIRef(f"{it}#{file.name}"), URIRef(f"{it}#{file.name}-checksum")
    graph.add((it, DCAT.distribution, part))
    graph.add((part, RDF.type, DCAT.Distribution))
    graph.add((part, DCTERMS.title, Literal(file.title, lang="en")))
    graph.add((part, DCAT.mediaType, URIRef(f"{MEDIA_TYPES}{file.media_type}")))
    graph.add((part, DCAT.byteSize, Literal(file.size, datatype=XSD.nonNegativeInteger)))
    graph.add((part, DCTERMS.identifier, Literal(file.name)))
    graph.add((part, SPDX.checksum, checksum))
    graph.add((checksum, SPDX.algorithm, SPDX.checksumAlgorithm_sha256))
    graph.add((checksum, SPDX.checksumValue, Literal(file.sha256, datatype=XSD.hexBinary)))


def _dates(graph: Graph, it: URIRef, store: Store) -> None:
    kinds = {4: XSD.gYear, 7: XSD.gYearMonth, 10: XSD.date}
    first, last = _period(store)
    if not last:
        return
    graph.add((it, DCTERMS.modified, Literal(last, datatype=kinds[len(last)])))
    period = URIRef(f"{it}#period")
    graph.add((it, DCTERMS.temporal, period))
    graph.add((period, RDF.type, DCTERMS.PeriodOfTime))
    graph.add((period, DCAT.startDate, Literal(first, datatype=kinds[len(first)])))
    graph.add((period, DCAT.endDate, Literal(last, datatype=kinds[len(last)])))


def _period(store: Store) -> tuple[str, str]:
    row = store.select(DATES)[0]
    return row.get("first", ""), row.get("last", "")


def _title(store: Store) -> str:
    field = about(store)
    return f"Stakeholder positions: {field.title}" if field.title else "Stakeholder positions"


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n"

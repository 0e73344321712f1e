"""`positions evaluate` and `learn`: how good extraction is, and weights that make it better."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.building import texts_of
from api.cli.options import ArticlesOption, DomainArg, GoldOption, JsonOption, MappingOption, ModelOption
from api.cli.terminal import emit, note
from graph.coding.coded import agreements, read_coding
from graph.coding.tables import ColumnMapping, read_mapping
from graph.domain.folder import Domain, read_domain
from graph.errors import BadRequest
from graph.model import Statement
from graph.records import read_statements
from graph.store.copied import read_store

if TYPE_CHECKING:
    from extract.measuring.learning import Gold
    from graph.coding.evaluate import Annotation
    from graph.coding.readers import Groups


def evaluate(
    domain: DomainArg,
    statements: Annotated[Path, typer.Argument(help="Statements that `extract` wrote")],
    gold: GoldOption = None,
    before: Annotated[
        Path | None, typer.Option("--before", help="Statements of an earlier run to compare with")
    ] = None,
    by: Annotated[str, typer.Option("--by", help="Also score each article, actor or reform")] = "",
    agreement: Annotated[
        Path | None, typer.Option("--agreement", help="Hand coding: measure agreement between coders and extraction")
    ] = None,
    mapping: MappingOption = None,
    verdicts: Annotated[
        str | None, typer.Option("--verdicts", help="Graph whose verdicts count as annotations, with --gold or alone")
    ] = None,
    calibrate: Annotated[
        bool, typer.Option("--calibrate", help="Write how often each model reader was right into the domain's folder")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Score extracted statements against annotated ones.

    Without --gold, they are in gold.jsonl in the domain's folder, or else in its hand coding, coding.jsonl. Lists each
    position that was missed or is wrong, and compares readers where there are several.
    """
    from api.cli import scores
    from graph.coding.evaluate import actor_names, annotations
    from graph.coding.readers import groups_of
    from graph.reviewing.by_hand import FILE as CODING
    from graph.reviewing.by_hand import read_hand_coding

    if by and by not in {"article", "actor", "reform"}:
        raise BadRequest(f"--by must be article, actor or reform, not {by!r}")
    area = read_domain(domain)
    names = actor_names(area)
    if agreement is not None:
        _score_coders(area, agreement, statements, mapping, as_json=as_json)
        return
    if verdicts is not None:
        from extract.measuring.learning import judged_by

        judged = _gold(area, gold, verdicts)
        found = judged_by(judged, read_statements(statements))
        _print_scores(judged.annotations, found, names, by=by, as_json=as_json, groups=groups_of(area))
        return
    if gold is None and not (domain / "gold.jsonl").is_file() and (domain / CODING).is_file():
        coding = read_hand_coding(area, texts_of(area, statements))
        annotated, within = list(coding.annotations), set(coding.articles)
    else:
        annotated = annotations(gold or domain / "gold.jsonl", area)
        within = {annotation.article for annotation in annotated}
    found = [statement for statement in read_statements(statements) if statement.article in within]
    _print_scores(annotated, found, names, by=by, as_json=as_json, groups=groups_of(area))
    _compare_readers(area, annotated, found, names, calibrate=calibrate, as_json=as_json)
    if before is not None and not as_json:
        earlier = [statement for statement in read_statements(before) if statement.article in within]
        typer.echo("\n".join(scores.compared(earlier, found)))


def _compare_readers(
    area: Domain,
    annotated: "Sequence[Annotation]",
    found: Sequence[Statement],
    names: Mapping[str, str],
    *,
    calibrate: bool,
    as_json: bool,
) -> None:
    """Print the scores of each reader if there are several, and calibrate model readers if asked to."""
    from api.cli.model_reader import reader_lines
    from graph.coding.evaluate import judged
    from graph.coding.readers import by_reader, groups_of

    if not as_json and len({name for statement in found for name in statement.readers}) > 1:
        for each in by_reader(annotated, found, names, groups_of(area)):
            typer.echo("\n".join(reader_lines(each)))
    if calibrate:
        from extract.model_reading.calibration import TABLE
        from extract.model_reading.calibration import calibrate as calibrated

        made = calibrated(area, judged(annotated, found, names))
        if not made:
            raise BadRequest("no statement here was read by a model alone; extract with --reader model first")
        for reader, sure in made.items():
            note(f"{reader}: clear statements are right {sure.clear:.0%}, arguable {sure.arguable:.0%} of the time")
        note(f"{area.folder / TABLE}; extract again to use it")


def _score_coders(area: Domain, coding: Path, statements: Path, mapping: Path | None, *, as_json: bool) -> None:
    """Print how far coders agree with one another and with extraction."""
    from api.cli import scores

    columns = read_mapping(mapping) if mapping else ColumnMapping(columns={})
    coded = read_coding(coding, area, texts_of(area, statements), mapping=columns)
    measures = agreements(coded, read_statements(statements))
    if as_json:
        emit([asdict(each) for each in measures])
    else:
        typer.echo("\n".join(map(scores.agreement, measures)))


def _print_scores(
    annotated: "Sequence[Annotation]",
    found: Sequence[Statement],
    names: Mapping[str, str],
    *,
    by: str,
    as_json: bool,
    groups: "Groups",
) -> None:
    from api.cli import scores
    from graph.coding.readers import measured

    if as_json:
        made = measured(annotated, found, names, groups)
        emit(asdict(made.scores) | {"calibration_error": made.calibration_error})
    else:
        typer.echo("\n".join(scores.lines(annotated, found, names, by=by, groups=groups)))


def learn(
    domain: DomainArg,
    gold: GoldOption = None,
    verdicts: Annotated[str | None, typer.Option("--verdicts", help="Graph whose verdicts count too")] = None,
    articles: ArticlesOption = None,
    model: ModelOption = None,
    out: Annotated[Path, typer.Option("--out", help="File of weights to write")] = Path("weights.json"),
) -> None:
    """Learn weights from annotations and verdicts, and show the gain.

    The weights are tested on each article in turn after learning from the others. If they gain nothing, no file is
    written. Use them with `positions extract --weights FILE`; omit the option to use the weights that are shipped.
    """
    if find_spec("sklearn") is None:
        raise BadRequest("learning needs scikit-learn; install stakeholder-positions[learn]")
    from extract.documents.reading import documents, read
    from extract.judging.linear import judgements
    from extract.measuring.fitting import write
    from extract.measuring.learning import learn as learnt
    from extract.measuring.learning import lessons
    from extract.models import MODEL
    from extract.pipeline import pipeline

    area = read_domain(domain, documents=articles)
    judged = _gold(area, gold, verdicts)
    about = {*judged.whole, *(each.article for each in judged.annotations), *(each[0] for each in judged.rejected)}
    texts = [read(path, info) for path, info in documents(area) if info.id in about]
    taught = lessons(texts, judged, area, pipeline(area, model=model or MODEL))
    if len(taught) < 2:
        raise BadRequest(f"learning needs at least 2 articles with annotations or verdicts; there are {len(taught)}")
    made = learnt(taught, judged, area, judgements())
    typer.echo(f"{made.articles} articles, each scored with weights learnt from the others")
    typer.echo(f"F1 of positions {made.before.position.f1:.3f} as shipped, {made.after.position.f1:.3f} learnt")
    typer.echo(f"F1 of statements {made.before.statement.f1:.3f} as shipped, {made.after.statement.f1:.3f} learnt")
    if not made.strength:
        typer.echo("no gain: no weights written")
        return
    write(out, made.weights)
    typer.echo(f"gain {made.gain:+.3f}, weights in {out}")


def _gold(area: Domain, gold: Path | None, verdicts: str | None) -> "Gold":
    """Return the annotations of a domain's articles, and those that a graph's verdicts amount to. Raises BadRequest."""
    from extract.measuring.learning import Gold, gold_of_verdicts, together
    from graph.coding.evaluate import annotations

    file = gold or area.folder / "gold.jsonl"
    parts = []
    if gold is not None or file.is_file():
        annotated = tuple(annotations(file, area))
        parts.append(Gold(annotations=annotated, whole=frozenset(each.article for each in annotated)))
    if verdicts is not None:
        with read_store(verdicts) as graph:
            parts.append(gold_of_verdicts(graph))
    if not parts:
        raise BadRequest(f"{file}: no annotated statements there; use --gold FILE or --verdicts GRAPH")
    return together(parts)

"""`python -m matching rank | link | evaluate`: nothing is written unless all was read.

`rank` and `link` read and write JSON Lines; `evaluate` prints how good both are beside what others do.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

from matching import datasets
from matching.evaluation import evaluate
from matching.index import OpeningIndex
from matching.jsonl import lines, read_concepts, read_judgements, read_openings, read_profiles
from matching.link import Linker
from matching.programme import evaluate_programme
from matching.records import plain
from matching.tables import programme_lines, report_lines
from matching.taxonomy import Taxonomy
from matching.types import InvalidValue


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 when it was done, 2 when the input was wrong (said on standard error)."""
    parsed = _parser().parse_args(arguments)
    try:
        done = parsed.run(parsed)
    except (InvalidValue, OSError) as error:
        _warn(str(error))
        return 2
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    try:
        sys.stdout.writelines(f"{line}\n" for line in done)
        sys.stdout.flush()
    except BrokenPipeError:  # `| head` has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m matching", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="rank | link | evaluate")
    rank = commands.add_parser("rank", help="rank openings for each profile")
    _add_people(rank, required=True)
    _add_taxonomy(rank)
    rank.add_argument("--top", type=_count, default=50, help="openings for each profile (50)")
    where = rank.add_mutually_exclusive_group()
    where.add_argument("--workers", type=_count, help="processes that share the work")
    where.add_argument("--dask", metavar="ADDRESS", help="of a Dask scheduler whose workers share the work")
    rank.set_defaults(run=_rank)
    link = commands.add_parser("link", help="link phrases to the concepts of ESCO")
    link.add_argument("--esco", type=Path, required=True, help="folder of the official ESCO CSV download")
    link.add_argument("--phrases", type=Path, required=True, help="text, one phrase a line")
    link.add_argument("--languages", nargs="+", help="of the labels, those shown first (all that are there)")
    link.add_argument("--top", type=_count, default=5, help="concepts for each phrase (5)")
    link.set_defaults(run=_link)
    measure = commands.add_parser("evaluate", help="measure ranking and linking beside what others do")
    measure.add_argument("--data", type=Path, help="folder of public sets, each optional")
    measure.add_argument("--sets", nargs="+", default=[], help="those to measure (all that are there)")
    measure.add_argument("--sample", type=_count, default=300, help="queries of a task at most (300)")
    _add_people(measure, required=False)
    measure.add_argument("--judged", type=Path, help="JSON Lines: profile_id, opening_id, gain and columns of groups")
    _add_taxonomy(measure)
    measure.add_argument("--seed", type=_seed, default=0, help="of the sample and the bootstrap (0)")
    measure.add_argument("--json", action="store_true", help="JSON Lines, one task a line, instead of tables")
    measure.set_defaults(run=_evaluate)
    return parser


def _add_people(parser: argparse.ArgumentParser, required: bool) -> None:
    parser.add_argument("--openings", type=Path, required=required, help="JSON Lines, one opening a line")
    parser.add_argument("--profiles", type=Path, required=required, help="JSON Lines, one profile a line")


def _add_taxonomy(parser: argparse.ArgumentParser) -> None:
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--esco", type=Path, help="folder of the official ESCO CSV download")
    source.add_argument("--concepts", type=Path, help="JSON Lines, one concept a line, instead of ESCO")
    parser.add_argument("--languages", nargs="+", help="of ESCO's labels, those shown first (all that are there)")


def _rank(parsed: argparse.Namespace) -> list[str]:
    taxonomy = _taxonomy(parsed)
    known = taxonomy.concepts.keys() if taxonomy else ()
    openings = read_openings(parsed.openings, known, _warn)
    profiles = read_profiles(parsed.profiles, known, _warn)
    index = OpeningIndex.build(openings, linker=Linker(taxonomy) if taxonomy else None)
    with _executor(parsed) as executor:
        ranked = index.rank_many(profiles, k=parsed.top, executor=executor)
    return [
        json.dumps({"profile_id": profile.id, "ranked": plain(best)}, ensure_ascii=False)
        for profile, best in zip(profiles, ranked, strict=True)
    ]


def _link(parsed: argparse.Namespace) -> list[str]:
    phrases = [text for _, text in lines(parsed.phrases)]
    found = Linker(Taxonomy.from_esco(parsed.esco, parsed.languages)).link(phrases, k=parsed.top)
    return [
        json.dumps({"phrase": phrase, "links": plain(links)}, ensure_ascii=False)
        for phrase, links in zip(phrases, found, strict=True)
    ]


def _evaluate(parsed: argparse.Namespace) -> list[str]:
    people = (parsed.openings, parsed.profiles, parsed.judged)
    if not parsed.data and not all(people):
        raise InvalidValue("evaluate: needs --data, or --openings, --profiles and --judged")
    if any(people) and not all(people):
        raise InvalidValue("evaluate: --openings, --profiles and --judged go together")
    done: list[str] = []
    if all(people):
        done += _evaluate_programme(parsed)
    if parsed.data:
        absent = datasets.absent(parsed.data, parsed.sets)
        done += [json.dumps({"absent": name}) if parsed.json else f"not there: {name}" for name in absent]
        for report in evaluate(datasets.tasks(parsed.data, parsed.sets, parsed.sample, parsed.seed), parsed.seed):
            done += [_as_json(report)] if parsed.json else report_lines(report)
            if sys.stderr.isatty():  # minutes may pass until all is printed at once
                _warn(f"measured: {report.task}")
    return done


def _evaluate_programme(parsed: argparse.Namespace) -> list[str]:
    taxonomy = _taxonomy(parsed)
    known = taxonomy.concepts.keys() if taxonomy else ()
    openings = read_openings(parsed.openings, known, _warn)
    profiles = read_profiles(parsed.profiles, known, _warn)
    judgements = read_judgements(parsed.judged, {one.id for one in profiles}, {one.id for one in openings})
    index = OpeningIndex.build(openings, linker=Linker(taxonomy) if taxonomy else None)
    report = evaluate_programme(index, openings, profiles, judgements, parsed.seed)
    return [_as_json(report)] if parsed.json else list(programme_lines(report))


def _taxonomy(parsed: argparse.Namespace) -> Taxonomy | None:
    if parsed.concepts:
        return read_concepts(parsed.concepts)
    return Taxonomy.from_esco(parsed.esco, parsed.languages) if parsed.esco else None


@contextmanager
def _executor(parsed: argparse.Namespace) -> Iterator[Executor | None]:
    """What shares the work out: processes of this machine, Dask's workers, or nothing."""
    if parsed.workers:
        # Spawned, not forked: this process may have threads that hold locks.
        with ProcessPoolExecutor(parsed.workers, mp_context=get_context("spawn")) as pool:
            yield pool
    elif parsed.dask:
        try:
            from distributed import Client
        except ImportError as error:
            raise InvalidValue("--dask: distributed is not installed (requirements/scale.txt)") from error
        with Client(parsed.dask) as client:  # type: ignore[no-untyped-call]
            yield client.get_executor()
    else:
        yield None


def _as_json(value: object) -> str:
    return json.dumps(plain(value), ensure_ascii=False)


def _warn(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _seed(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError("must be at least 0")
    return number


if __name__ == "__main__":
    sys.exit(main())

"""`python -m matching rank | link | evaluate`: nothing is written unless all was read.

`rank` and `link` read and write JSON Lines; `evaluate` prints how good both are beside what others do.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import TypeVar

from matching import datasets
from matching.evaluation import evaluate
from matching.index import OpeningIndex
from matching.link import Linker
from matching.records import opening_from, plain, profile_from, unknown_keys
from matching.tables import report_lines
from matching.taxonomy import Taxonomy
from matching.types import InvalidValue, Opening, Profile

T = TypeVar("T", Opening, Profile)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 when it was done, 2 when the input was wrong (said on standard error)."""
    parsed = _parser().parse_args(arguments)
    try:
        lines = parsed.run(parsed)
    except (InvalidValue, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    try:
        sys.stdout.writelines(f"{line}\n" for line in lines)
        sys.stdout.flush()
    except BrokenPipeError:  # `| head` has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m matching", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="rank | link | evaluate")
    rank = commands.add_parser("rank", help="rank openings for each profile")
    rank.add_argument("--openings", type=Path, required=True, help="JSON Lines, one opening a line")
    rank.add_argument("--profiles", type=Path, required=True, help="JSON Lines, one profile a line")
    rank.add_argument("--esco", type=Path, help="folder of the official ESCO CSV download")
    rank.add_argument("--languages", nargs="+", help="of the labels, those shown first (all that are there)")
    rank.add_argument("--top", type=_count, default=50, help="openings for each profile (50)")
    rank.set_defaults(run=_rank)
    link = commands.add_parser("link", help="link phrases to the concepts of ESCO")
    link.add_argument("--esco", type=Path, required=True, help="folder of the official ESCO CSV download")
    link.add_argument("--phrases", type=Path, required=True, help="text, one phrase a line")
    link.add_argument("--languages", nargs="+", help="of the labels, those shown first (all that are there)")
    link.add_argument("--top", type=_count, default=5, help="concepts for each phrase (5)")
    link.set_defaults(run=_link)
    evaluation = commands.add_parser("evaluate", help="measure ranking and linking beside what others do")
    evaluation.add_argument("--data", type=Path, required=True, help="folder of public sets, each optional")
    evaluation.add_argument("--sets", nargs="+", default=[], help="those to measure (all that are there)")
    evaluation.add_argument("--sample", type=_count, default=500, help="queries of a task at most (500)")
    evaluation.add_argument("--seed", type=int, default=0, help="of the sample and the bootstrap (0)")
    evaluation.add_argument("--json", action="store_true", help="JSON Lines, one task a line, instead of tables")
    evaluation.set_defaults(run=_evaluate)
    return parser


def _rank(parsed: argparse.Namespace) -> list[str]:
    taxonomy = Taxonomy.from_esco(parsed.esco, parsed.languages) if parsed.esco else None
    known = taxonomy.concepts.keys() if taxonomy else ()
    openings = _read(parsed.openings, Opening, opening_from, known)
    profiles = _read(parsed.profiles, Profile, profile_from, known)
    index = OpeningIndex.build(openings, linker=Linker(taxonomy) if taxonomy else None)
    ranked = index.rank_many(profiles, k=parsed.top)
    return [
        json.dumps({"profile_id": profile.id, "ranked": plain(best)}, ensure_ascii=False)
        for profile, best in zip(profiles, ranked, strict=True)
    ]


def _link(parsed: argparse.Namespace) -> list[str]:
    phrases = [text for _, text in _lines(parsed.phrases)]
    found = Linker(Taxonomy.from_esco(parsed.esco, parsed.languages)).link(phrases, k=parsed.top)
    return [
        json.dumps({"phrase": phrase, "links": plain(links)}, ensure_ascii=False)
        for phrase, links in zip(phrases, found, strict=True)
    ]


def _evaluate(parsed: argparse.Namespace) -> list[str]:
    absent = datasets.absent(parsed.data, parsed.sets)
    tasks = datasets.tasks(parsed.data, parsed.sets, parsed.sample, parsed.seed)
    reports = list(evaluate(tasks, parsed.seed))
    if parsed.json:
        return [
            *(json.dumps({"absent": name}) for name in absent),
            *(json.dumps(plain(report), ensure_ascii=False) for report in reports),
        ]
    return [*(f"not there: {name}" for name in absent), *(line for report in reports for line in report_lines(report))]


def _read(path: Path, kind: type[T], make: Callable[[object, Collection[str]], T], known: Collection[str]) -> list[T]:
    """The records of a JSON Lines file; InvalidValue says `file:line: reason`."""
    found: dict[str, T] = {}
    unread: set[str] = set()
    for number, line in _lines(path):
        try:
            record = json.loads(line)
            one = make(record, known)
        except json.JSONDecodeError as error:
            raise InvalidValue(f"{path}:{number}: not JSON ({error.msg}, column {error.colno})") from error
        except (InvalidValue, RecursionError) as error:
            raise InvalidValue(f"{path}:{number}: {error}") from error
        if one.id in found:
            raise InvalidValue(f"{path}:{number}: id: {one.id!r} comes twice")
        unread |= unknown_keys(record, kind)
        found[one.id] = one
    if unread:
        sys.stderr.write(f"{path}: warning: keys not read: {', '.join(sorted(unread))}\n")
    return list(found.values())


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines that say something, with their numbers."""
    for number, raw in enumerate(path.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        try:
            text = raw.decode().strip()
        except UnicodeDecodeError as error:
            raise InvalidValue(f"{path}:{number}: not UTF-8 (byte {error.start + 1})") from error
        if text:
            yield number, text


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


if __name__ == "__main__":
    sys.exit(main())

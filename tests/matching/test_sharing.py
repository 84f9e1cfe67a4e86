"""`rank_many` over executors: the same answer to the last byte, whoever computes it and wherever."""

import json
import os
import random
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

import pytest

from matching import Opening, OpeningIndex, Profile, sharing
from matching.records import plain
from matching.storage import IndexFileError
from matching.types import HeldSkill, Requirement, Rules

from . import worlds

# Newer Pythons warn of every fork beside threads; the library has to work where a caller forks all the same.
pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")


def an_opening(rng, number):
    return Opening(
        id=f"o{number:04}",
        title=rng.choice(worlds.WORDS),
        skills=tuple(
            Requirement(skill, essential=rng.random() < 0.6, level=rng.choice((None, 2)))
            for skill in rng.sample(worlds.SKILLS, 3)
        ),
        occupation=rng.choice((*worlds.OCCUPATIONS, None)),
        employer=rng.choice(("alfa", "beta", None)),
        agency=False,
        place=rng.choice((*worlds.PLACES, None)),
        pay_per_hour=rng.choice((300.0, 500.0, None)),
        exposure=rng.randrange(2),
    )


def a_profile(rng, number):
    return Profile(
        id=f"p{number}",
        title=rng.choice(worlds.WORDS),
        skills=tuple(HeldSkill(skill, phrase="peglanje", level=2) for skill in rng.sample(worlds.SKILLS, 2)),
        occupations=(rng.choice(worlds.OCCUPATIONS),),
        place=rng.choice(worlds.PLACES),
        rules=Rules(excluded_employers=frozenset({"alfa"}), pay_floor=337.0),
    )


def make_index():
    rng = random.Random(1)
    return OpeningIndex.build([an_opening(rng, number) for number in range(60)], linker=worlds.LINKER)


@pytest.fixture
def index():
    return make_index()


@pytest.fixture(scope="module")
def profiles():
    rng = random.Random(2)
    return [a_profile(rng, number) for number in range(12)]


@pytest.fixture(autouse=True)
def small_tasks(monkeypatch, tmp_path):
    monkeypatch.setattr(sharing, "PEOPLE_PER_TASK", 5)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


@contextmanager
def dask():
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None, silence_logs=50
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client.get_executor()


EXECUTORS = {
    "threads": lambda: ThreadPoolExecutor(2),
    "fork": lambda: ProcessPoolExecutor(2, mp_context=get_context("fork")),
    "spawn": lambda: ProcessPoolExecutor(2, mp_context=get_context("spawn")),
    "dask": dask,
}


@pytest.mark.parametrize("kind", EXECUTORS)
def test_any_executor_gives_the_answer_of_one_process(index, profiles, kind):
    alone = index.rank_many(profiles, k=7)
    assert any(alone)
    with EXECUTORS[kind]() as executor:
        shared = index.rank_many(profiles, k=7, executor=executor)
        again = index.rank_many(iter(profiles), k=7, executor=executor)
        assert index.rank_many([], k=7, executor=executor) == []
    assert shared == alone == again
    assert json.dumps(plain(shared)) == json.dumps(plain(alone))


def test_workers_see_every_change(index, profiles):
    rng = random.Random(3)
    with ProcessPoolExecutor(2, mp_context=get_context("fork")) as executor:
        for number in range(60, 63):
            first = index.rank_many(profiles, k=3, executor=executor)
            index.add(an_opening(rng, number))
            index.remove(first[0][0].opening_id)
            changed = index.rank_many(profiles, k=3, executor=executor)
            assert changed == index.rank_many(profiles, k=3)
            assert changed != first


def test_one_file_for_each_generation_and_none_at_the_end(profiles, tmp_path):
    index = make_index()
    with ProcessPoolExecutor(1, mp_context=get_context("fork")) as executor:
        index.rank_many(profiles, k=3, executor=executor)
        written = list(tmp_path.iterdir())
        index.rank_many(profiles, k=3, executor=executor)
        assert list(tmp_path.iterdir()) == written
        assert len(written) == 1
        index.remove("o0000")
        index.rank_many(profiles, k=3, executor=executor)
        assert len(list(tmp_path.iterdir())) == 1
        assert list(tmp_path.iterdir()) != written
    del index
    assert list(tmp_path.iterdir()) == []


def test_threads_need_no_file(index, profiles, tmp_path):
    with ThreadPoolExecutor(2) as executor:
        index.rank_many(profiles, k=3, executor=executor)
    assert list(tmp_path.iterdir()) == []


def test_workers_never_link(index, profiles, monkeypatch):
    """Linking is done where the linker is: a worker that tried would fail."""

    def fail(*args, **kwargs):
        raise AssertionError(f"linked in process {os.getpid()}")

    ready = [index.query(profile) for profile in profiles]
    monkeypatch.setattr(type(worlds.LINKER), "link", fail)
    with ProcessPoolExecutor(1, mp_context=get_context("fork")) as executor:
        assert sharing.rank_shared(executor, index, ready, 3) == index.rank_queries(ready, 3)
        with pytest.raises(AssertionError, match="linked in process"):
            index.rank_many(
                [Profile(id="p", title="krojačica", skills=(HeldSkill(phrase="šivenje"),))], executor=executor
            )


def test_a_worker_that_does_not_see_the_file_says_so(index, profiles, monkeypatch):
    monkeypatch.setattr(sharing, "_file", lambda _index: "/nowhere/openings")
    with (
        ProcessPoolExecutor(1, mp_context=get_context("fork")) as executor,
        pytest.raises(IndexFileError, match="/nowhere/openings: a worker does not see this file"),
    ):
        sharing.rank_shared(executor, index, [index.query(profiles[0])], 3)

"""The notebooks as they are kept: without outputs, which could hold what is known of people."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


def left_over(notebook: dict[str, list[dict[str, object]]]) -> list[object]:
    """The numbers of the cells that keep an output or were counted."""
    return [
        number
        for number, cell in enumerate(notebook["cells"])
        if cell["cell_type"] == "code" and (cell["outputs"] or cell["execution_count"])
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_is_kept_clean(path):
    assert not left_over(json.loads(path.read_text("utf-8")))


def test_there_is_one_and_a_forgotten_output_would_be_noticed():
    assert NOTEBOOKS
    cells = [
        {"cell_type": "markdown"},
        {"cell_type": "code", "outputs": [], "execution_count": None},
        {"cell_type": "code", "outputs": [{"output_type": "stream"}], "execution_count": 1},
    ]
    assert left_over({"cells": cells}) == [2]

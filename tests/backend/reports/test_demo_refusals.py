"""When the demonstration is not loaded: on databases without what it needs."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command

from backend.accounts.models import User

pytestmark = pytest.mark.django_db


def test_nothing_is_written_outside_debug(settings: Any) -> None:
    settings.LOCAL = False
    with pytest.raises(CommandError, match="DEBUG"):
        call_command("load_demo")
    assert not User.objects.exists()


def test_it_needs_the_reference_data(settings: Any) -> None:
    settings.LOCAL = True
    with pytest.raises(CommandError, match="load_reference"):
        call_command("load_demo")


@pytest.mark.parametrize("scale", [0, -1])
def test_it_needs_a_size(settings: Any, scale: float) -> None:
    settings.LOCAL = True
    with pytest.raises(CommandError, match="scale"):
        call_command("load_demo", scale=scale)

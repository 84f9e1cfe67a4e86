"""Acts that start at one moment, each in a thread with a database connection of its own."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import OperationalError, connection

from backend.core.exceptions import Conflict
from backend.core.tenancy import in_every_programme
from backend.matches.services.links import SpentLink

LOST = (Conflict, SpentLink, PermissionDenied)
"""What a loser is told: 409, 410, or that it is not there for an act any more."""


def outcomes(acts: list[Callable[[], None]]) -> Counter[str]:
    """How the acts end; "deadlock" is what nobody should ever be told."""
    start = Barrier(len(acts))

    def client(act: Callable[[], None]) -> str:
        try:
            start.wait(timeout=60)
            with in_every_programme():
                act()
        except LOST as loss:
            return type(loss).__name__
        except ValidationError:
            return "refused"
        except OperationalError as error:
            if "deadlock" in str(error):
                return "deadlock"
            raise
        finally:
            connection.close()
        return "won"

    with ThreadPoolExecutor(len(acts)) as pool:
        return Counter(pool.map(client, acts))

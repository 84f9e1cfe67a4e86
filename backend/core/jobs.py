"""What a failed job leaves in the queue: where it failed, without the exception's words, which may name somebody."""

import re
from typing import Any

from django_tasks_db.models import DBTaskResult

PLACE = re.compile(r'^ {2}(File "[^"\n]+", line \d+, in [\w.<>]+)$', re.M)


def keep_places(instance: "DBTaskResult[Any, Any]", **_: Any) -> None:
    instance.traceback = "\n".join(PLACE.findall(instance.traceback))

"""A job that fails leaves no name in the queue."""

import pytest
from django.db.models.signals import pre_save
from django_tasks_db.models import DBTaskResult

from backend.core.jobs import keep_places

CANARY = "Kanarinka"


def failed_job() -> DBTaskResult:
    job = DBTaskResult(task_path="backend.matches.tasks.refresh_all_matches", args_kwargs={"args": [], "kwargs": {}})
    job.save()
    note = CANARY
    try:
        try:
            raise KeyError(f'  File "{note}", line 1, in {note}\n  File "{note}')
        except KeyError as error:
            raise ValueError(f"Kanarinka {note}") from error
    except ValueError as error:
        job.set_failed(error)
    return DBTaskResult.objects.get(pk=job.pk)


@pytest.mark.django_db
def test_it_says_where_and_not_on_whom() -> None:
    job = failed_job()
    assert CANARY not in job.traceback
    assert 'test_jobs.py", line' in job.traceback
    assert job.exception_class_path == "builtins.ValueError"


@pytest.mark.django_db
def test_without_the_receiver_it_would_name_her() -> None:
    """The negative control."""
    pre_save.disconnect(sender=DBTaskResult, dispatch_uid="core")
    try:
        assert CANARY in failed_job().traceback
    finally:
        pre_save.connect(keep_places, sender=DBTaskResult, dispatch_uid="core")

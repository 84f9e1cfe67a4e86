"""Handing a file over."""

from django.http import HttpResponse

from backend.reports.exports import Export


def download(file: Export) -> HttpResponse:
    """Saved, not shown: what was taken out is never opened inside the site."""
    disposition = f'attachment; filename="{file.name}"'
    return HttpResponse(file.content, content_type=file.content_type, headers={"Content-Disposition": disposition})

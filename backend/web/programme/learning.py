"""The model card of the ranking, for the lead: what outcomes taught, how it was tried, when not to trust it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from backend.matches.policies import visible_ranker_versions
from backend.web.desks import leads, signed_in

FEWEST, STEP = 10, 5
"""Numbers below the first are not shown, others to the nearest of the second: no difference tells of one person."""
CHANGED = 0.15
"""By what share the weight of a heading has to change to be called more or less."""

WHY: dict[str, str | Promise] = {
    "nothing_known": _("Nothing is settled yet that could be learned from. The fixed weights alone rank."),
    "one_kind": _("All outcomes so far are alike, so there is nothing to tell apart. The fixed weights alone rank."),
    "too_few": _(
        "Too little is known: it takes ten people in the newest quarter, and outcomes from before it. "
        "The fixed weights alone rank."
    ),
    "worse_order": _("Tried on the newest quarter it ordered openings worse than the fixed weights. It is not used."),
    "not_better": _(
        "Tried on the newest quarter it was not better than the fixed weights beyond chance. It is not used."
    ),
    "better": _("Tried on the newest quarter it was better than the fixed weights. It takes part in every ranking."),
}
OUTCOMES: dict[str, str | Promise] = {
    "shown": _("turned down"),
    "accepted": _("she said yes"),
    "introduced": _("introduced, not hired"),
    "hired": _("hired"),
    "retained": _("still in work after 90 days"),
}
METRICS: dict[str, str | Promise] = {
    "ndcg_at_10": _("How high the good openings stand (nDCG@10; 1 is best)"),
    "log_loss": _("How far the chances were off (log loss; 0 is best)"),
    "log_loss_calibrated": _("The same beside fixed weights brought to the right level"),
    "brier": _("Squared distance from what came (Brier score; 0 is best)"),
    "calibration_error": _("Chances said against shares that came (calibration error; 0 is best)"),
}


@dataclass(frozen=True)
class Tried:
    """One metric on the newest quarter, of the fixed weights and of what was learned."""

    name: str | Promise
    prior: float
    model: float
    low: float | None
    high: float | None


@leads
@require_safe
def learning(request: HttpRequest) -> HttpResponse:
    version = visible_ranker_versions(signed_in(request)).first()
    card: Mapping[str, Any] = version.ranker["card"] if version else {}
    context = {
        "version": version,
        "why": WHY[card.get("why", "nothing_known")],
        "outcomes": [(OUTCOMES[code], _shown(card["outcomes"].get(code, 0))) for code in OUTCOMES] if card else [],
        "headings": _headings(card) if card.get("metrics") else [],
        "tried": [
            Tried(METRICS[line["name"]], line["prior"], line["model"], line["low"], line["high"])
            for line in card.get("metrics", ())
        ],
        "bins": [line for line in card.get("calibration", ()) if line["rows"] >= FEWEST],
        "places": [line for line in card.get("exposure", ()) if line["people"] >= FEWEST],
        "fewest": FEWEST,
        "step": STEP,
        "section": "web:overview",
    }
    return render(request, "programme/learning.html", context)


def _shown(number: int) -> str:
    return f"{STEP * round(number / STEP)}" if number >= FEWEST else "–"


def _headings(card: Mapping[str, Any]) -> list[tuple[str, str | Promise]]:
    """For each heading of the score whether it counts more or less than by the fixed weights, at a middling score."""
    told: list[tuple[str, str | Promise]] = []
    for code, weight in card["weights"].items():
        # At a score of one half the fixed weights' own slope, in log-odds, is four.
        change = weight / (4 * card["prior_weight"]) if card["prior_weight"] else 0.0
        told.append((code, _("more") if change > CHANGED else _("less") if change < -CHANGED else _("as before")))
    return told

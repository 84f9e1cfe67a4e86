"""Good values for every act of the API that takes any, by its line in the matrix; a row's name stands for its key."""

from typing import Any

from .world import HASH, World

CONSENT = {"method": "signed", "language": "sr"}

BODIES: dict[str, dict[str, Any]] = {
    "post users": {"organisation": "organisations", "email": "nova@example.org", "name": "Nova", "role": "counsellor"},
    "post memberships end": {"on": "2026-11-01"},
    "post employers": {"name": "Nova firma"},
    "post employers vet": {"outcome": "suspended", "note": "Proveravamo."},
    "post employers propose": {"note": "U redu."},
    "post employers check": {"item": "visit", "result": "passed", "evidence": "Bile smo tamo."},
    "post employers correct": {"address": "Ulica 1"},
    "post employers ban": {"reason": "Naplata."},
    "post contacts": {"employer": "employers", "name": "Nova Osoba", "email": "a@example.org"},
    "post openings": {"employer": "employers", "title": "Pekarka"},
    "patch openings": {"title": "Pekarka"},
    "post openings review": {"outcome": "refused", "content_hash": HASH, "note": "Ne."},
    "post beneficiaries": {"code": "K-NEW", "entered_on": "2026-10-01"},
    "patch beneficiaries": {"permit": "permit"},
    "put beneficiaries identity": {"first_name": "Mila", "last_name": "Petrović"},
    "post beneficiaries hand-over": {"to": "colleague", "reason": "leave"},
    "post break-glass": {"code": "her code", "reason": "hitno"},
    "post break-glass review": {"verdict": "justified"},
    "post caseloads share-out": {"to": "colleague", "reason": "leaves"},
    "post held-skills": {"beneficiary": "beneficiaries", "skill": "skills", "level": 3, "evidence": "trainer"},
    "post languages": {"beneficiary": "beneficiaries", "language": "de", "spoken": "B1"},
    "post experiences": {"beneficiary": "beneficiaries", "title": "kuvanje", "years": "2.5"},
    "post wishes": {"beneficiary": "beneficiaries", "occupations": [], "max_travel_km": 20},
    "post goals": {"beneficiary": "beneficiaries", "domain": "legal", "text": "dokumenta", "owner": "ona"},
    "post safety-rules": {"beneficiary": "beneficiaries", "kind": "sector", "sector": "C"},
    "post safety-rules lift": {"reason": "Više ne važi."},
    "post consents": {"beneficiary": "beneficiaries", "purpose": "support", "given_on": "2026-11-01", **CONSENT},
    "post courses": {"title": "Kuvanje", "provider": "Škola", "hours": 20},
    "post sessions": {"course": "courses", "starts_on": "2026-11-10", "ends_on": "2026-11-20", "capacity": 5},
    "post enrolments": {"session": "coming", "beneficiary": "beneficiaries"},
    "post enrolments complete": {"on": "2026-11-01", "number": "7"},
    "post enrolments drop": {"on": "2026-11-01"},
    "post enrolments attendance": {"day": "2026-10-01", "present": True},
    "post matches decide": {"kind": "she_says_yes"},
    "post candidates answer": {"answer": "question", "question": "Od kada?"},
    "post introductions answer": {"answer": "declined", "reason": "filled"},
    "post introductions agree": CONSENT,
    "post introductions reply": {"reply": "Od ponedeljka."},
    "post introductions consent": {"fields": ["first_name"], **CONSENT},
    "post introductions interview": {"interview_at": "2026-11-05T10:00:00Z"},
    "post introductions advance": {"to_state": "offer"},
    "post introductions withdraw": {},
    "post introductions decline": {},
    "post spells end": {"ended_on": "2026-11-01", "end_reason": "moved"},
    "post follow-ups record": {
        "result": "reached", "status": "same_employer", "contacted_on": "2026-11-01", "evidence": "C",
    },
    "post follow-ups attempts": {"channel": "call", "result": "unreachable"},
    "post spells": {
        "beneficiary": "beneficiaries", "job_title": "Pekarka", "contract": "permanent", "started_on": "2026-08-01",
        "ended_on": "2026-09-01", "end_reason": "moved", "evidence": "C",
    },
    "post assessments": {"beneficiary": "beneficiaries", "housing": 3},
    "post flags": {"beneficiary": "beneficiaries", "kind": "third_party"},
    "post flags resolve": {"resolution": "Razgovarano."},
}  # fmt: skip
ACTORS = {
    "users": "administrator", "memberships": "administrator", "candidates": "employer_user",
    "post break-glass": "colleague", "post break-glass review": "lead", "post employers vet": "lead",
    "post employers ban": "lead", "caseloads": "lead", "post openings review": "lead",
}  # fmt: skip
"""Who does what the counsellor does not, by act or noun."""


def body(operation: str, world: World) -> dict[str, Any]:
    """The values, with keys in the place of names."""
    return {
        name: str(world[value].pk) if isinstance(value, str) and value in world else value
        for name, value in BODIES[operation].items()
    }


def actor_of(operation: str) -> str:
    return ACTORS.get(operation) or ACTORS.get(operation.split()[1], "counsellor")

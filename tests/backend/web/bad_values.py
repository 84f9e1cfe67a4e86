"""Every form of every page with values that it takes, by kind of value; and the wrong values of each kind."""

from dataclasses import dataclass

from tests.backend.api.world import World

LONG = "a" * 10_000
LONGER = "Šivenje. " * 3_000
NUL = "a\0b"
ODD = "\x07😀\u202eא\u0301\ufeff\U0010ffff'\"<b>{{7*7}}%s"
HUGE = "99999999999999"

# Wrong for every field of the kind: all of these have to be refused.
WRONG: dict[str, tuple[str, ...]] = {
    "text": (LONG, NUL),
    "essay": (LONGER, NUL),
    "day": ("31.02.2026", NUL, "10000-01-01"),
    "past": ("31.02.2026", "9999-12-31"),
    "number": ("-1", HUGE, "1e400"),
    "choice": ("zzz",),
    "row": ("zzz", "00000000-0000-4000-8000-000000000000", NUL),
    "instant": ("31.02.2026 10:00", NUL, "2026-11-02T09:00", "0001-01-01T00:00", "10000-01-01T10:00"),
    "tick": ("", "false"),
}
# May be taken or refused, and must do no harm.
ODDITIES: dict[str, tuple[str, ...]] = {
    "text": (ODD,),
    "essay": (LONG, ODD),
    "day": ("", "0001-01-01", "9999-12-31"),
    "past": ("", "0001-01-01"),
    "number": ("", "0", "1e-400"),
    "choice": ("",),
    "row": ("",),
    "instant": ("", "2026-12-01", "9999-12-31T23:59"),
    "tick": (),
}


@dataclass(frozen=True)
class Value:
    """A value that is taken; one that is the name of a row of the world stands for its key."""

    kind: str
    good: str


def text(good: str = "Krojačica") -> Value:
    return Value("text", good)


def day(good: str) -> Value:
    """A day that may lie ahead."""
    return Value("day", good)


def past(good: str) -> Value:
    """A day on which something was so already."""
    return Value("past", good)


def number(good: str) -> Value:
    return Value("number", good)


def choice(good: str) -> Value:
    return Value("choice", good)


def row(good: str) -> Value:
    return Value("row", good)


@dataclass(frozen=True)
class Form:
    """Who fills it in, where, with which values; `state` is where her introduction has to stand first.

    `has_left` says that her present work has to be over, `done` how it is answered once it is taken.
    """

    actor: str
    args: tuple[str, ...]
    values: dict[str, Value]
    state: str = ""
    has_left: bool = False
    fixed: dict[str, str] | None = None
    done: int = 302

    def good(self, world: World) -> dict[str, str]:
        values = {name: value.good for name, value in self.values.items()}
        keys = {name: str(world[good].pk) for name, good in values.items() if good in world}
        return values | keys | (self.fixed or {})


HER = ("beneficiaries",)
SKILLS = {"skills-TOTAL_FORMS": "1", "skills-INITIAL_FORMS": "0", "skills-0-importance": "essential", "do": "save"}
OPENING = {
    "title": text(),
    "description": Value("essay", "Šivenje"),
    "municipality": row("municipalities"),
    "positions": number("2"),
    "occupation": text(""),
    "hours_per_week": number("40"),
    "shifts": choice("morning"),
    "pay_from": number("60000"),
    "pay_to": number("70000"),
    "currency": choice("RSD"),
    "valid_through": day("2026-12-31"),
    "suggested": row("skills"),
    "skills-0-phrase": text("šivenje"),
    "skills-0-level": choice("2"),
}
REVISION = {name: OPENING[name] for name in ("title", "valid_through")}
"""The form of a new opening once more: its other fields are tried there."""
FIXED = {"positions": "2", "pay_period": "month", "currency": "RSD", "skills-0-phrase": "šivenje"}
SPELL = {
    "job_title": text(),
    "contract": choice("permanent"),
    "hours_per_week": number("40"),
    "net_pay_per_month": number("60000"),
    "started_on": past("2026-11-01"),
    "evidence": choice("A"),
}
FOLLOW_UP = {
    "result": choice("reached"),
    "contacted_on": past("2026-11-01"),
    "status": choice("same_employer"),
    "pay_on_time": choice("1"),
    "feels_safe": choice("0"),
    "evidence": choice("C"),
    "red": choice("threats"),
    "amber": choice("third_party"),
    "note": text(),
}
ANSWER = {"answer": choice("question"), "reason": choice("other"), "question": text()}
CONSENT = {"method": choice("spoken"), "language": choice("sr")}

FORMS: dict[str, Form] = {
    "find_people": Form("counsellor", (), {"words": text()}, done=200),
    "break_glass": Form("colleague", (), {"code": text("K-OPEN"), "reason": text("hitno")}),
    "review_opened_file": Form("lead", ("break-glass",), {"verdict": choice("justified")}),
    "register_person": Form(
        "counsellor",
        (),
        {
            "code": text("K-NEW"),
            "entered_on": past("2026-11-01"),
            "municipality": row("municipalities"),
            "permit": choice("citizen"),
            "licences": choice("driving_b"),
            "first_name": text("Nova"),
            "last_name": text("Osoba"),
            "phone": text("+381641234567"),
            "email": text("nova@example.org"),
            "address": text("Ulica 1"),
            "safe_channel": choice("call"),
            "safe_hours": text("pre podne"),
            "code_word": text("jabuka"),
            **CONSENT,
        },
        fixed={"consents": "on"},
    ),
    "person_edit": Form(
        "counsellor",
        HER,
        {
            "status": choice("active"),
            "entered_on": past("2026-06-01"),
            "municipality": row("municipalities"),
            "permit": choice("permit"),
            "licences": choice("forklift"),
        },
    ),
    "hand_over": Form("counsellor", HER, {"to": row("colleague"), "reason": choice("leave")}),
    "share_out": Form("lead", ("caseloads",), {"to": row("colleague"), "reason": choice("leave"), "code": text("")}),
    "person_identity": Form(
        "counsellor",
        HER,
        {
            "first_name": text("Nova"),
            "last_name": text("Osoba"),
            "birth_date": past("1990-05-05"),
            "phone": text("+381641234567"),
            "email": text("nova@example.org"),
            "address": text("Ulica 1"),
            "safe_channel": choice("call"),
            "safe_hours": text("pre podne"),
            "code_word": text("jabuka"),
        },
    ),
    "set_goal": Form(
        "counsellor",
        HER,
        {"domain": choice("legal"), "text": text(), "owner": text("ona"), "due_on": day("2026-12-01")},
    ),
    "add_rule": Form("counsellor", HER, {"kind": choice("employer"), "employer": row("employers")}),
    "lift_rule": Form("counsellor", (*HER, "safety-rules"), {"reason": text()}),
    "give_consent": Form(
        "counsellor",
        HER,
        {
            "purpose": choice("support"),
            "recipient": row("employers"),
            "given_on": past("2026-11-01"),
            "expires_on": day("2027-11-01"),
            **CONSENT,
        },
    ),
    "note_skill": Form(
        "counsellor",
        HER,
        {"phrase": text("šivenje"), "skill": row("skills"), "level": choice("2"), "evidence": choice("trainer")},
    ),
    "note_language": Form(
        "counsellor", HER, {"language": choice("de"), "spoken": choice("B1"), "written": choice("A2")}
    ),
    "note_experience": Form("counsellor", HER, {"title": text(), "years": number("2.5")}),
    "save_wishes": Form(
        "counsellor",
        HER,
        {
            "occupations": text(""),
            "own_words": text(),
            "min_hours": number("20"),
            "max_hours": number("40"),
            "shifts": choice("morning"),
            "max_travel_km": number("30"),
            "min_pay_per_hour": number("400"),
        },
    ),
    "decide": Form(
        "counsellor",
        ("matches",),
        {
            "answer": choice("snooze:distance"),
            "expected_state": choice("proposed"),
            "snoozed_until": day("2026-12-01"),
            "note": text(),
        },
    ),
    "introduction_step agree": Form("counsellor", ("introductions", "agree"), CONSENT, state="proposed"),
    "introduction_step consent": Form(
        "counsellor",
        ("introductions", "consent"),
        {"fields": choice("first_name"), **CONSENT},
        state="interested",
    ),
    "introduction_step answer": Form("counsellor", ("introductions", "answer"), ANSWER),
    "introduction_step reply": Form("counsellor", ("introductions", "reply"), {"reply": text()}),
    "introduction_step interview": Form(
        "counsellor",
        ("introductions", "interview"),
        {"interview_at": Value("instant", "2026-12-01T10:00")},
        state="identified",
    ),
    "introduction_step advance": Form(
        "counsellor", ("introductions", "advance"), {"to_state": choice("offer")}, state="interview"
    ),
    "start_spell": Form(
        "counsellor",
        HER,
        {
            "employer": row("employers"),
            **SPELL,
            "started_on": past("2026-06-10"),
            "ended_on": past("2026-08-01"),
            "end_reason": choice("moved"),
        },
    ),
    "end_spell": Form("counsellor", (*HER, "spells"), {"ended_on": past("2026-11-01"), "reason": choice("moved")}),
    "assessment": Form("counsellor", HER, {"employment": choice("2"), "housing": choice("3")}),
    "raise_flag": Form("counsellor", HER, {"kind": choice("third_party")}),
    "resolve_flag": Form("counsellor", (*HER, "flags"), {"resolution": text()}),
    "follow_up": Form("counsellor", ("follow-ups",), FOLLOW_UP),
    "keep_draft": Form("counsellor", ("follow-ups",), FOLLOW_UP),
    "log_attempt": Form("counsellor", ("follow-ups",), {"channel": choice("call"), "result": choice("unreachable")}),
    "plan_course": Form(
        "counsellor",
        (),
        {
            "title": text("Novi kurs"),
            "provider": text("Škola"),
            "hours": number("40"),
            "description": text(),
            "skill_1": text(""),
            "level_1": choice("2"),
        },
    ),
    "plan_session": Form(
        "counsellor",
        ("courses",),
        {
            "starts_on": day("2026-11-10"),
            "ends_on": day("2026-11-20"),
            "capacity": number("8"),
            "municipality": row("municipalities"),
        },
    ),
    "enrol": Form("counsellor", ("coming session",), {"beneficiary": row("beneficiaries")}),
    "record_attendance": Form(
        "counsellor", ("running session",), {"day": day("2026-11-02"), "present": row("running enrolment")}
    ),
    "complete_enrolment": Form("counsellor", ("running enrolment",), {"number": text("12")}),
    "new_opening": Form(
        "counsellor", (), {"employer": row("employers"), **OPENING}, fixed=SKILLS | {"pay_period": "month"}
    ),
    "edit_opening": Form("counsellor", ("openings",), REVISION, fixed=FIXED | SKILLS),
    "portal_new_opening": Form("employer", (), REVISION, fixed=FIXED | SKILLS | {"do": "submit"}),
    "portal_candidate": Form("employer", ("introductions",), ANSWER),
    "portal_answer": Form("anonymous", ("mailed link",), ANSWER, done=200),
    "portal_still_employed": Form("employer", ("follow-ups",), {"works_here": choice("yes")}),
    "review_opening": Form(
        "lead",
        ("submitted opening",),
        {
            "content_hash": Value("hash", "b" * 64),
            "outcome": choice("refused"),
            "note": text(),
            "enquiry": text(),
        },
    ),
    "vet_employer": Form("lead", ("employers",), {"outcome": choice("suspended"), "note": text()}),
    "check_employer": Form(
        "counsellor", ("employers",), {"item": choice("visit"), "result": choice("failed"), "evidence": text()}
    ),
    "correct_employer": Form("counsellor", ("employers",), {"address": text()}, fixed={"tax_number": "100002887"}),
    "ban_employer": Form("lead", ("employers",), {"reason": text()}),
    "add_contact": Form(
        "lead",
        ("employers",),
        {
            "name": text("Nova Osoba"),
            "job_title": text(),
            "email": text("a@example.org"),
            "phone": text("+381641234567"),
        },
    ),
    "register_employer": Form(
        "lead",
        (),
        {
            "name": text("Nova firma"),
            "tax_number": text("987654321"),
            "registry_number": text("12345678"),
            "sector": choice("C"),
            "municipality": row("municipalities"),
            "parent": row("employers"),
        },
    ),
    "freeze_quarter": Form("lead", (), {"quarter": Value("quarter", "2026-Q3")}),
    "add_grant": Form(
        "lead",
        (),
        {"name": text("G-1"), "donor": text("D"), "starts_on": day("2026-01-01"), "ends_on": day("2026-12-31")},
    ),
    "members": Form(
        "administrator",
        (),
        {"name": text("Nova Koleginica"), "email": text("nova@example.org"), "role": choice("counsellor")},
    ),
    "tokens": Form("lead", (), {"name": text("Izveštaji"), "expires_on": day("2027-02-01")}),
    # Last, because who is hired has other work from then on, and who is erased is nobody any more.
    "place": Form("counsellor", ("introductions",), SPELL, state="offer", has_left=True),
    "erase_person": Form("counsellor", HER, {"certain": Value("tick", "on")}),
}
WRONG["quarter"] = (LONG, NUL, "2026-Q4", "2026-Q1", "2026-Q9", "9999-Q4", "0000-Q1", "zzz")
ODDITIES["quarter"] = ()
WRONG["hash"], ODDITIES["hash"] = (LONG, NUL, "c" * 64, ""), ()

# Ends before it starts, too many, contradictions: (form, the values that are changed).
SENSELESS: tuple[tuple[str, dict[str, str]], ...] = (
    ("give_consent", {"given_on": "2026-11-01", "expires_on": "2026-10-01"}),
    ("save_wishes", {"min_hours": "40", "max_hours": "20"}),
    ("start_spell", {"started_on": "2026-08-02", "ended_on": "2026-08-01"}),
    ("start_spell", {"started_on": "2026-09-25", "ended_on": "2026-10-02"}),  # overlaps
    ("start_spell", {"end_reason": ""}),
    ("end_spell", {"ended_on": "2026-09-01"}),
    ("plan_session", {"starts_on": "2026-11-20", "ends_on": "2026-11-10"}),
    ("record_attendance", {"day": "2027-01-01"}),
    ("new_opening", {"valid_through": "2026-11-01"}),
    ("new_opening", {"pay_to": "50000"}),
    ("new_opening", {"skills-TOTAL_FORMS": "1000000"}),
    ("new_opening", {"skills-TOTAL_FORMS": "x"}),
    ("follow_up", {"contacted_on": "2026-09-01"}),
    ("follow_up", {"result": "unreachable"}),
    ("follow_up", {"contacted_on": "2026-11-03"}),
    ("keep_draft", {"contacted_on": "2026-11-03"}),
    ("add_rule", {"sector": "C"}),
    ("set_goal", {"due_on": "2020-01-01"}),
    ("add_grant", {"starts_on": "2027-01-01"}),
    ("decide", {"expected_state": "accepted"}),
    ("decide", {"snoozed_until": "2020-01-01"}),
)

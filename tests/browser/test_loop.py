"""The one loop, walked by the three of them: from an opening to a curve that has moved."""

import datetime as dt
import re
from dataclasses import dataclass

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Page, expect

from backend.accounts.models import User
from backend.beneficiaries.models import Beneficiary, HeldSkill, LanguageSkill
from backend.employers.models import Employer
from backend.outcomes.models import EmploymentSpell
from backend.outcomes.retention import durations
from backend.outcomes.spells import GAP_DAYS, episodes
from backend.outcomes.survival import at_days, kaplan_meier
from backend.skills.models import Skill
from tests import factories

PASSWORD = "a long enough password"


@dataclass(frozen=True)
class World:
    counsellor: User
    lead: User
    employer: Employer
    employer_user: User
    person: Beneficiary
    today: dt.date


@pytest.fixture
def world() -> World:
    """A programme with a dozen people at work, a seamstress who looks for work, and a cleared employer."""
    call_command("load_reference", verbosity=0)
    today = timezone.localdate()
    programme = factories.OrganisationFactory()
    counsellor, lead = (
        factories.MembershipFactory(organisation=programme, role=role).user for role in ("counsellor", "lead")
    )
    employer = factories.EmployerFactory(
        programme=programme,
        status="cleared",
        cleared_until=today + dt.timedelta(days=300),
        with_portal=True,
        sector="C",
    )
    employer_user = employer.contacts.get().user
    for user in (counsellor, lead, employer_user):
        user.set_password(PASSWORD)
        user.save()
    entered_on = today - dt.timedelta(days=120)
    person = factories.BeneficiaryFactory(
        organisation=programme, counsellor=counsellor, code="K-SEAM", entered_on=entered_on
    )
    factories.IdentityFactory(beneficiary=person, first_name="Probna", last_name="Osoba", phone="+381601234567")
    LanguageSkill.objects.create(beneficiary=person, language="sr", spoken="C2")
    for skill in Skill.objects.filter(labels__text__in=["šivenje", "mašinsko šivenje", "krojenje"]).distinct():
        HeldSkill.objects.create(beneficiary=person, skill=skill, level=3, noted_on=entered_on)
    started_on = today - dt.timedelta(days=200)
    for _number in range(12):
        colleague = factories.BeneficiaryFactory(
            organisation=programme, counsellor=counsellor, entered_on=started_on - dt.timedelta(days=30)
        )
        EmploymentSpell.objects.create(
            beneficiary=colleague,
            employer=employer,
            job_title="pakerka",
            contract="permanent",
            started_on=started_on,
            evidence="A",
            verified_on=today - dt.timedelta(days=3),
        )
    return World(counsellor, lead, employer, employer_user, person, today)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()
    page.wait_for_load_state()


def at_risk(world):
    """How many are at risk on each day of the curve that the quarter will show."""
    people = Beneficiary.objects.filter(organisation=world.person.organisation)
    lasted = durations(episodes(people), world.today - dt.timedelta(days=GAP_DAYS))
    return at_days(kaplan_meier(lasted["days"], lasted["event"]))["at_risk"].tolist()


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)], ids=["desktop", "phone in the dark"])
def test_from_an_opening_to_a_curve_that_moved(walker, world, width, dark):
    def sits_down(user):
        return walker(width=width, dark=dark).sign_in(user.email, PASSWORD)

    lead = sits_down(world.lead)
    lead.visit("/programme/retention/")
    before = at_risk(world)

    # An employer posts an opening.
    employer = sits_down(world.employer_user)
    page = employer.visit("/portal/openings/new/").page
    page.get_by_label("Title", exact=True).fill("Krojačica u ateljeu")
    page.get_by_label("Tasks").fill("Šivenje i prepravke odeće na mašini, krojenje po meri. Rad u jednoj smeni.")
    page.get_by_label("Place of work").select_option(label="Novi Sad")
    page.get_by_label("Hours per week").fill("40")
    page.get_by_label("Contract").select_option("permanent")
    page.get_by_label("Net pay from").fill("80000")
    page.get_by_label("morning").check()
    for name in ("live_in", "night", "isolated", "cash"):
        page.locator(f"[name={name}]").select_option(label="no")
    page.get_by_label("Skill", exact=True).first.fill("šivenje")
    press(page, "Check")
    employer.check()
    press(page, "Hand in for checking")
    employer.check()
    expect(page.get_by_text("Krojačica u ateljeu").first).to_be_visible()

    # The lead reads it and publishes it.
    page = lead.visit("/openings/?status=submitted").page
    page.get_by_role("link", name="Krojačica u ateljeu").click()
    lead.check()
    page.get_by_label("publish").check()
    press(page, "Decide")
    lead.check()
    expect(page.get_by_text("What it says now is what was approved.")).to_be_visible()

    # The counsellor sees it ranked with reasons, and records her answer.
    counsellor = sits_down(world.counsellor)
    page = counsellor.visit(f"/people/{world.person.pk}/matches/").page
    card = page.get_by_role("article", name="Krojačica u ateljeu")
    expect(card.get_by_text("Skills needed").first).to_be_visible()
    points = [int(words.split()[0]) for words in card.locator("dl.reasons .number").all_inner_texts()]
    assert sum(points) == int(card.locator(".score").inner_text().split()[0])
    card.get_by_role("button", name="She says yes").click()
    counsellor.check()
    page.get_by_role("button", name="Introduce her").first.click()
    counsellor.check()

    # She agrees to exactly what the preview shows; the employer sees a candidate without a name.
    expect(page.get_by_text("What the employer would see")).to_be_visible()
    page.get_by_label("language").first.select_option("sr")
    page.get_by_label("how given").first.select_option("spoken")
    press(page, "She agrees")
    press(page, "Share")
    counsellor.check()
    introduction = page.url.removeprefix(counsellor.base_url)
    page = employer.visit("/portal/inbox/").page
    page.get_by_role("link", name=re.compile("Candidate C-")).click()
    employer.check()
    assert "Probna" not in page.content()
    press(page, "Interested")
    employer.check()

    # She consents to be named; only then does the name appear.
    page = counsellor.visit(introduction).page
    for label in ("first name", "last name", "phone"):
        page.get_by_label(label, exact=False).first.check()
    page.get_by_label("language").first.select_option("sr")
    page.get_by_label("how given").first.select_option("spoken")
    press(page, "She agrees to be named")
    press(page, "Tell the employer")
    counsellor.check()
    assert "Probna" in employer.visit(employer.page.url.removeprefix(employer.base_url)).page.content()

    # Hired: the contract is recorded, and the follow-ups plan themselves.
    page.get_by_text("She is hired: record the contract").click()
    page.get_by_label("Work", exact=True).fill("krojačica")
    page.get_by_label("Contract", exact=True).select_option("permanent")
    page.get_by_label("First day worked").fill((world.today - dt.timedelta(days=60)).isoformat())
    page.get_by_label("Evidence").select_option("A")
    press(page, "Record her employment")
    counsellor.check()
    assert page.locator(".errorlist").all_inner_texts() == []

    # The contact of day 30 is recorded, in the five-minute form.
    page = counsellor.visit(f"/people/{world.person.pk}/work/").page
    page.get_by_role("link", name="Day 30").first.click()
    counsellor.check()
    page.get_by_label("reached", exact=True).check()
    page.get_by_label("works at the same employer").check()
    page.get_by_label("Contacted on").fill(world.today.isoformat())
    press(page, "Record the follow-up")
    counsellor.check()

    # One more person is at risk on day 0 and on day 30, none on day 90.
    after = at_risk(world)
    assert [b - a for a, b in zip(before, after, strict=True)][:3] == [1, 1, 0]

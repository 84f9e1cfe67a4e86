"""Every page of every menu with a programme's worth of rows: quiet console, accessible, not wider than the screen."""

import pytest
from django.core.management import call_command

SIGN_INS = {
    "savetnica@demo.example": "counsellor",
    "rukovoditeljka@demo.example": "lead",
    "poslodavac@demo.example": "employer",
    "administratorka@demo.example": "administrator",
}
PASSWORD = "korak-demo-2026"
# From each page of the menu, the first link of each kind that leads further in.
FURTHER = {
    "counsellor": ["main .rows-main > a", "main tbody a", ".tabs a >> nth=1", ".tabs a >> nth=2", ".tabs a >> nth=3"],
    "lead": ["main tbody a", "main .rows-main > a"],
    "administrator": [".account-menu a"],
    "employer": ["main .rows-main > a", "main .page-head a.button"],
}


@pytest.fixture
def demo(settings):
    settings.LOCAL = True
    call_command("load_reference", verbosity=0)
    call_command("load_demo", "--scale", "0.25", verbosity=0)


@pytest.mark.parametrize(
    ("width", "dark", "language"),
    [(1280, False, "sr-Latn-RS"), (390, True, "en")],
    ids=["desktop, Serbian", "phone in the dark, English"],
)
def test_every_menu_page_and_one_step_further(walker, demo, width, dark, language):
    for email, role in SIGN_INS.items():
        person = walker(width=width, dark=dark, language=language).sign_in(email, PASSWORD)
        page = person.page
        menu = [link.get_attribute("href") for link in page.locator("nav.menu a").all()]
        assert len(menu) >= 2
        seen = set()
        for path in menu:
            person.visit(path)
            for selector in FURTHER[role]:
                if page.locator(selector).count():
                    seen.add(page.locator(selector).first.get_attribute("href"))
            assert not _too_wide(page), path
        assert seen
        for path in sorted(filter(None, seen)):
            person.visit(path if path.startswith("/") else page.url.removeprefix(person.base_url) + path)
            assert not _too_wide(page), path


def test_a_page_too_wide_would_be_noticed(walker):
    page = walker(width=390).page
    page.set_content("<p style='width: 900px'>wide</p>")
    assert _too_wide(page)


def test_the_check_notices_what_is_not_accessible(walker):
    visitor = walker()
    visitor.page.set_content("<html lang='en'><title>t</title><main><h1>h</h1><img src='data:,'></main></html>")
    with pytest.raises(AssertionError, match="image-alt"):
        visitor.check()


def _too_wide(page):
    return page.evaluate("document.documentElement.scrollWidth > window.innerWidth")

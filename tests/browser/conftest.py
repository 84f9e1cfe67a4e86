"""A real browser against the real server; every page is also checked for console errors and accessibility."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

# Playwright's sync API runs an event loop in this thread; Django would refuse every query from a test.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
QUIET += ["--disable-component-update", "--disable-sync"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    here = [item for item in items if "tests/browser" in item.nodeid]
    for item in here:
        item.add_marker(pytest.mark.browser)
        item.add_marker(pytest.mark.django_db(transaction=True, serialized_rollback=False))
        if not CHROMIUM and not os.environ.get("CI"):
            item.add_marker(pytest.mark.skip(reason="NO BROWSER: install chromium to run the browser tests"))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if not CHROMIUM:
        terminalreporter.write_sep("!", "NO BROWSER FOUND: the browser tests were left out", red=True, bold=True)


class Walker:
    """One person at a browser. `visit` and `check` fail on a console error or an accessibility violation."""

    def __init__(self, page: Page, base_url: str) -> None:
        self.page = page
        self.base_url = base_url
        self.errors: list[str] = []
        page.set_default_timeout(10_000)
        page.on("console", lambda line: self.errors.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def visit(self, path: str) -> "Walker":
        self.page.goto(self.base_url + path)
        return self.check()

    def sign_in(self, email: str, password: str) -> "Walker":
        self.visit("/account/login/")
        self.page.locator("input[name=login]").fill(email)
        self.page.locator("input[name=password]").fill(password)
        self.page.locator("main form button").first.click()
        return self.check()

    def check(self) -> "Walker":
        self.page.wait_for_load_state()
        violations = Axe().run(self.page).response["violations"]
        told = [f"{v['id']}: {v['help']}: {[n['html'] for n in v['nodes'][:3]]}" for v in violations]
        assert not told, f"{self.page.url}: {told}"
        assert not self.errors, f"{self.page.url}: {self.errors}"
        return self


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.fail("CI has no browser; .ci/run installs one")
    with sync_playwright() as playwright:
        arguments = [*QUIET, "--no-sandbox"] if os.geteuid() == 0 else QUIET
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def walker(chromium: Browser, live_server: LiveServer) -> Iterator[Any]:
    """Make a walker with a browser context (cookies) of its own, on a phone or a desktop, in light or dark."""
    contexts: list[BrowserContext] = []

    def make(*, width: int = 1280, dark: bool = False, scripts: bool = True, language: str = "en") -> Walker:
        context = chromium.new_context(
            viewport={"width": width, "height": 800},
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
            locale=language,
        )
        contexts.append(context)
        return Walker(context.new_page(), live_server.url)

    yield make
    for context in contexts:
        context.close()

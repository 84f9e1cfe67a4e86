"""The frame before anybody has signed in."""


def test_sign_in_page_is_quiet_and_accessible(walker):
    for width, dark in ((390, False), (390, True), (1280, False), (1280, True)):
        visitor = walker(width=width, dark=dark).visit("/account/login/")
        assert visitor.page.title() == "Sign in · Korak"


def test_wrong_password_is_told_kindly(walker):
    visitor = walker().sign_in("nobody@example.org", "wrong")
    assert visitor.page.locator(".errorlist").is_visible()


def test_language_can_be_changed_before_signing_in(walker):
    page = walker().visit("/account/login/").page
    page.locator("details.account summary").click()
    page.get_by_role("button", name="srpski").first.click()
    assert page.locator("html").get_attribute("lang") == "sr-latn"

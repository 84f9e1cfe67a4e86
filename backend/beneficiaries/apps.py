"""The app: nobody's role ends while people are on her caseload."""

from django.apps import AppConfig


class BeneficiariesConfig(AppConfig):
    name = "backend.beneficiaries"

    def ready(self) -> None:
        from backend.accounts.services import also_ask

        from .services.caseload import people_left

        also_ask(people_left)

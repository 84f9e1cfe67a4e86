from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "backend.accounts"

    def ready(self) -> None:
        from backend.vault.inspection import also_open

        from . import receivers  # noqa: F401 - connects them
        from .adapter import sealed_secrets

        also_open(sealed_secrets)

"""The application's entry in Django's list."""

from django.apps import AppConfig


class BerthsConfig(AppConfig):
    """Who lies where."""

    name = "django_release.berths"

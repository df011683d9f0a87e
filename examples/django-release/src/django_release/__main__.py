"""What ``manage.py`` is elsewhere: ``django-release ...`` from the wheel, ``python -m django_release ...`` from source."""

import os
import sys

from django.core.management import execute_from_command_line


def main():
    """Run a management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "django_release.settings")
    execute_from_command_line(["django-release", *sys.argv[1:]])


if __name__ == "__main__":
    main()

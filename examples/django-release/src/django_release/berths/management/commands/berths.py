"""``django-release berths``: the jetty in the terminal."""

from django.core.management.base import BaseCommand

from django_release.berths.models import Berth


class Command(BaseCommand):
    help = "Print who lies where."

    def handle(self, *args, **options):
        for berth in Berth.objects.all():
            self.stdout.write(str(berth))

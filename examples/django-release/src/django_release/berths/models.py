"""The berths."""

from django.db import models


class Berth(models.Model):
    """A place for one boat."""

    number = models.PositiveSmallIntegerField(unique=True)
    boat = models.CharField(max_length=60, blank=True)
    since = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["number"]

    def __str__(self):
        return f"{self.number}: {self.boat or 'free'}"

"""Who may write: the fencing tokens of processes of which one at a time leads."""

from django.db import models


class Fence(models.Model):
    """`epoch` rises with each take-over; a leader of an earlier epoch can't write any more."""

    name = models.CharField(primary_key=True, max_length=40)  # "telephony:node1"
    epoch = models.BigIntegerField(default=0)
    holder = models.CharField(max_length=80, blank=True)  # host and process, for people
    since = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.name}@{self.epoch}"


class Parcel(models.Model):
    """A message too big for NOTIFY, fetched by its number within a minute (live/layer.py).

    Its table is UNLOGGED: after a crash it is empty, and so is what would have been fetched.
    """

    body = models.TextField()
    at = models.DateTimeField(db_index=True)  # the server's clock: no business time

    def __str__(self) -> str:
        return f"{self.pk}"


class Pulse(models.Model):
    """When a process last showed that it does its work; `/readyz` reads it."""

    name = models.CharField(primary_key=True, max_length=20)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name

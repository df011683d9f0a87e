"""The task queue. Who adds a task names it; only the ``jobs`` image holds the code that does it."""

from celery import Celery

from common.settings import broker_url

COUNT_WORDS = "jobs.count_words"
TALLY = "jobs.tally"

queue = Celery("guestbook", broker=broker_url())
queue.config_from_object("config.celery")

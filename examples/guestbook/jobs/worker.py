"""The tasks. ``celery -A jobs.worker worker`` runs them."""

from sqlalchemy import create_engine, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError

from common.models import Entry, Tally, now
from common.queue import COUNT_WORDS, TALLY, queue
from common.settings import database_url
from jobs.words import count

app = queue
# No connection is made before the first task, so that the forked processes do not share one.
engine = create_engine(database_url(), pool_pre_ping=True)

AGAIN = {"autoretry_for": (OperationalError,), "retry_backoff": 1, "max_retries": 5}


@queue.task(name=COUNT_WORDS, **AGAIN)
def count_words(entry_id):
    """Count an entry's words and write the number beside it. Twice is as good as once."""
    with engine.begin() as connection:
        message = connection.scalar(select(Entry.message).where(Entry.id == entry_id))
        if message is None:
            return
        connection.execute(update(Entry).where(Entry.id == entry_id).values(words=count(message)))


@queue.task(name=TALLY, **AGAIN)
def tally():
    """Count the whole book into its one row."""
    with engine.begin() as connection:
        entries, words = connection.execute(
            select(func.count(Entry.id), func.coalesce(func.sum(Entry.words), 0))
        ).one()
        row = {"entries": entries, "words": words, "counted_at": now()}
        statement = insert(Tally).values(id=1, **row)
        connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=row))

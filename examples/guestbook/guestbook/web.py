"""Pages and API."""

import click
from celery.exceptions import OperationalError
from flask import redirect, render_template, request, url_for
from flask_migrate import Migrate
from kombu.exceptions import KombuError
from kombu.exceptions import OperationalError as BrokerError

from common.application import make
from common.models import Entry, Tally, db
from common.queue import COUNT_WORDS, queue
from guestbook.cleaning import forget

NAME_LIMIT = 80
MESSAGE_LIMIT = 2000


def create_app(url=None):
    """The application; ``url`` is another database for tests."""
    app = make("guestbook", url)
    Migrate(app, db, directory="migrations")

    @app.get("/")
    def book():
        """The page: a form, and what guests wrote."""
        return render_template("book.html", entries=latest(), tally=db.session.get(Tally, 1))

    @app.post("/")
    def sign():
        """A guest writes. The worker counts the words later."""
        name = request.form.get("name", "").strip()[:NAME_LIMIT] or "Somebody"
        message = request.form.get("message", "").strip()[:MESSAGE_LIMIT]
        if not message:
            return render_template("book.html", entries=latest(), problem="Write a few words first."), 400
        entry = Entry(name=name, message=message)
        db.session.add(entry)
        db.session.commit()
        ask_for_words(app, entry)
        return redirect(url_for("book"), code=303)

    @app.get("/api/entries")
    def entries():
        """What guests wrote, newest first, with what the worker found out."""
        return {"entries": [entry.as_json() for entry in latest()]}

    @app.get("/api/tally")
    def tally():
        """What beat had counted last; zeros before the first time."""
        row = db.session.get(Tally, 1)
        if row is None:
            return {"entries": 0, "words": 0, "counted_at": None}
        return {"entries": row.entries, "words": row.words, "counted_at": row.counted_at.isoformat()}

    @app.cli.command("forget")
    @click.option("--older-than", "days", type=click.IntRange(min=1), required=True, help="Days.")
    def forget_command(days):
        """Remove entries that are older than so many days."""
        click.echo(f"removed {forget(days)} entries older than {days} days")

    return app


def latest(limit=50):
    """The newest entries, newest first."""
    return db.session.scalars(db.select(Entry).order_by(Entry.id.desc()).limit(limit)).all()


def ask_for_words(app, entry):
    """Ask the worker for the entry's words. The guest's entry stays even when the broker is away."""
    try:
        queue.send_task(COUNT_WORDS, args=[entry.id])
    except (OperationalError, BrokerError, KombuError, OSError) as error:
        app.logger.warning("entry %d is not counted: the broker does not answer (%s)", entry.id, error)

"""The keeper's page: everything that was written, and a way to take it out.

Without ``ADMIN_PASSWORD`` the page shows and removes nothing. The password is asked for as HTTP basic authentication,
the user's name does not matter.
"""

import hmac
import os

from flask import abort, current_app, redirect, render_template, request, url_for
from kombu.exceptions import KombuError

from common.application import make
from common.models import Entry, db
from common.queue import queue


def create_app(url=None, password=None):
    """The application; ``url`` and ``password`` are for tests."""
    app = make("admin", url)
    app.config["ADMIN_PASSWORD"] = password or os.environ.get("ADMIN_PASSWORD", "")

    @app.get("/")
    def overview():
        """All entries, and how many tasks wait."""
        let_in()
        entries = db.session.scalars(db.select(Entry).order_by(Entry.id.desc())).all()
        return render_template("overview.html", entries=entries, waiting=waiting())

    @app.post("/entries/<int:entry_id>/remove")
    def remove(entry_id):
        """Take an entry out."""
        let_in()
        # A browser sends the password along with a form on somebody else's page, too.
        if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            abort(403, "removing needs a click on this page")
        db.session.execute(db.delete(Entry).where(Entry.id == entry_id))
        db.session.commit()
        return redirect(url_for("overview"), code=303)

    return app


def let_in():
    """Go on for who knows the password; 401 or 503 for everybody else."""
    password = current_app.config["ADMIN_PASSWORD"]
    if not password:
        abort(503, "set ADMIN_PASSWORD to open this page")
    given = request.authorization.password if request.authorization else ""
    if not hmac.compare_digest((given or "").encode(), password.encode()):
        answer = current_app.response_class("the password, please\n", 401, mimetype="text/plain")
        answer.headers["WWW-Authenticate"] = 'Basic realm="guestbook"'
        abort(answer)


def waiting():
    """How many tasks wait for a worker, or none when the broker does not answer."""
    try:
        with queue.connection_for_read() as connection:
            return connection.default_channel.client.llen("celery")
    except (KombuError, OSError):
        return None

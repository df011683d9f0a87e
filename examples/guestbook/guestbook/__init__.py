"""The guestbook's web application and its command line (``flask ...``)."""

from guestbook.web import create_app

app = create_app()

"""The keeper's view of the guestbook: a second small application on its own port."""

from admin.web import create_app

app = create_app()

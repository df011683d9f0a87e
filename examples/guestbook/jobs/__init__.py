"""The background work of the guestbook."""

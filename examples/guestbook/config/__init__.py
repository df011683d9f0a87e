"""Settings of the programs that run the guestbook."""

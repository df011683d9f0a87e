"""Counting words."""

import re

WORD = re.compile(r"\w+(?:['’-]\w+)*")


def count(text):
    """How many words a text has; ``don't`` and ``ill-fated`` are one each."""
    return len(WORD.findall(text))

"""Commands of the harbour."""

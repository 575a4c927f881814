"""Dialogs: data in, value out."""

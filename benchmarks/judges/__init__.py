"""Judges from outside: what detectors, readers, transcribers and models of listeners make of released files.

Two environments work on one folder. The package's makes fronts and released files (`release`), and the page
(`report`); that of ``requirements.txt`` lends a portrait and speech (`borrowed`), and judges (`judge`). What
they exchange is described in `folder`.
"""

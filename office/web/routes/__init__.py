"""The pages themselves: every module here with ``ROUTES`` is found; there is no list of them.

A page is a ``Door`` made by ``shows`` (GET) or ``acts`` (POST) of ``office.web.pages``; a module may
also name its place in the navigation as ``NAVIGATION``.
"""

"""Who is here in one run of a page, and what their role is now.

The role is read from the store on every run and kept nowhere, so a change acts at once. Before
somebody has signed in, the store is not even opened.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from conflictmap.access import LOCAL_ADMINISTRATOR, Viewer
from conflictmap.errors import StoreError
from conflictmap.identity import (
    ENDED,
    Identity,
    NotSignedInError,
    identity_of_headers,
    identity_of_token,
)
from conflictmap.settings import Settings
from conflictmap.store import Store
from conflictmap.store.people import Standing, note_visit, standing_of


@dataclass(frozen=True)
class Visit:
    """Who is here."""

    viewer: Viewer | None
    """None: nobody who may read anything."""

    refusal: str = ""
    """Why there is no viewer, and what to do; fixed words."""

    identity: Identity | None = None
    """Who signed in; None: nobody, or nobody has to."""


AT_THE_MACHINE = Visit(LOCAL_ADMINISTRATOR)


def read_visit(
    claims: Mapping[str, object],
    settings: Settings,
    open_store: Callable[[], Store],
    *,
    client_id: str,
    first_seen: dt.datetime,
) -> Visit:
    """Return who is here by what the sign-in says, and by the store's rules as they are now.

    Parameters
    ----------
    claims
        What Streamlit holds of the sign-in.
    client_id
        For whom a token has to be made.
    first_seen
        When the connection was made, UTC.
    """
    try:
        identity = _identity(claims, settings, client_id, first_seen)
    except NotSignedInError as error:
        return Visit(None, str(error))
    store = open_store()
    standing = standing_of(
        store, identity.person, identity.groups, first_administrator=settings.first_administrator
    )
    if _is_over(identity, standing):
        return Visit(None, ENDED)
    with contextlib.suppress(StoreError):  # whoever cannot be noted can still read
        note_visit(store, standing, signed_in_at=_told_by_token(identity, settings))
    if standing.role is None:
        return Visit(None, "", identity)
    return Visit(Viewer(identity.person, standing.role), "", identity)


def _identity(
    claims: Mapping[str, object], settings: Settings, client_id: str, first_seen: dt.datetime
) -> Identity:
    if settings.sign_in == "headers":
        return identity_of_headers(claims, first_seen=first_seen)
    return identity_of_token(
        claims,
        client_id=client_id,
        groups_claim=settings.groups_claim,
        now=dt.datetime.now(dt.UTC).replace(tzinfo=None),
    )


def _is_over(identity: Identity, standing: Standing) -> bool:
    """Say whether the person was signed out since; a token's time is whole seconds."""
    out_at, in_at = standing.signed_out_at, identity.signed_in_at
    return out_at is not None and (in_at is None or in_at <= out_at)


def _told_by_token(identity: Identity, settings: Settings) -> dt.datetime | None:
    return identity.signed_in_at if settings.sign_in == "openid" else None

"""Who somebody is by the claims of their sign-in: an e-mail address, groups, and until when.

The claims come from the ID token of an OpenID provider, whose signature, issuer and nonce were
checked when it was handed out, or from headers of a proxy. What can end or be meant for somebody
else is looked at again on every run.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass

from conflictmap.errors import ConflictMapError

NOT_SIGNED_IN = "Sign in to read the dashboard."
ENDED = "The sign-in has ended. Sign in again."

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}")
_MOST_GROUPS = 500


class NotSignedInError(ConflictMapError):
    """Nobody is signed in, or the sign-in cannot be used; the text says what to do."""


@dataclass(frozen=True)
class Identity:
    """Somebody who signed in."""

    person: str
    """E-mail address, in lower case."""

    groups: tuple[str, ...] = ()
    """In lower case."""

    signed_in_at: dt.datetime | None = None
    """UTC; None: not known."""


def lower_case(text: str) -> str:
    """Return a text as addresses, domains and groups are compared.

    Only A to Z change: a sign of another script that has such a letter as its lower case, like the
    one for kelvin, stays apart from it.
    """
    return "".join(letter.lower() if letter.isascii() else letter for letter in text.strip())


def is_email(text: str) -> bool:
    """Say whether a text can be an e-mail address."""
    return _EMAIL.fullmatch(text) is not None


def identity_of_token(
    claims: Mapping[str, object], *, client_id: str, groups_claim: str, now: dt.datetime
) -> Identity:
    """Return whom an ID token speaks of.

    Parameters
    ----------
    claims
        What the token says. An empty one: nobody is signed in.
    client_id
        For whom the token has to be made. Authlib lets one for another application pass where it
        names us as the authorised party.
    now
        UTC.

    Raises
    ------
    NotSignedInError
        If it has ended, is for somebody else, or names no address that the provider vouches for.
    """
    if not claims.get("is_logged_in"):
        raise NotSignedInError(NOT_SIGNED_IN)
    ends_at, began_at = _instant(claims.get("exp")), _instant(claims.get("iat"))
    if ends_at is None or began_at is None or ends_at <= now:
        raise NotSignedInError(ENDED)
    audience = claims.get("aud")
    if not client_id or client_id not in (audience if isinstance(audience, list) else [audience]):
        raise NotSignedInError("The sign-in is for another application. Sign in again.")
    if claims.get("email_verified", True) not in (True, "true"):
        raise NotSignedInError(
            "The provider has not verified your e-mail address. Verify it there, then sign in"
            " again."
        )
    return Identity(_person(claims.get("email")), _groups(claims.get(groups_claim)), began_at)


def identity_of_headers(claims: Mapping[str, object], *, first_seen: dt.datetime) -> Identity:
    """Return whom the headers of the proxy speak of.

    Parameters
    ----------
    claims
        ``email`` and ``groups``: what the headers held when the connection was made. The server
        takes them away from every request that does not come from the proxy.
    first_seen
        When the connection was made, UTC: headers do not tell when somebody signed in.

    Raises
    ------
    NotSignedInError
        If they name no address.
    """
    if not claims.get("email"):
        raise NotSignedInError("Open the dashboard at its public address, and sign in there.")
    return Identity(_person(claims["email"]), _groups(claims.get("groups")), first_seen)


def _person(value: object) -> str:
    person = lower_case(value) if isinstance(value, str) else ""
    if not is_email(person):
        raise NotSignedInError(
            "The sign-in names no e-mail address. Ask whoever runs the sign-in to send it along."
        )
    return person


def _groups(value: object) -> tuple[str, ...]:
    listed = value.split(",") if isinstance(value, str) else value
    if not isinstance(listed, list):
        return ()
    named = {lower_case(group) for group in listed if isinstance(group, str)}
    return tuple(sorted(named - {""}))[:_MOST_GROUPS]


def _instant(value: object) -> dt.datetime | None:
    """Return the instant of a token's number of seconds; None where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return dt.datetime.fromtimestamp(value, dt.UTC).replace(tzinfo=None)
    except (ValueError, OverflowError, OSError):
        return None

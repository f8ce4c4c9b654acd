"""Leads Schemathesis to what it cannot make up: ids of shares that are there, secrets of their links, guests' cookies."""

import itertools
import os
import random

import requests
import schemathesis

API = os.environ["SHARE_API"]
OWNER = {"Authorization": f"token {os.environ['SHARE_TOKEN']}"}
choice = random.Random(1)
addresses = itertools.count(1)
share = {}


def fresh_share():
    """A share with a guest in it, made anew when the last one has ended."""
    if share:
        listed = requests.get(f"{API}api/share/list", headers=OWNER, timeout=30).json()["shares"]
        if any(one["id"] == share["id"] and one["guests"] for one in listed):
            return share
    made = requests.post(f"{API}api/share/create", headers=OWNER, json={"permission": "edit"}, timeout=30)
    if made.status_code != 201:
        # Too many shares, which were made by the tests themselves.
        requests.delete(f"{API}api/share/revoke", headers=OWNER, timeout=30)
        return fresh_share()
    created = made.json()
    secret = created["url"].split("#")[1]
    body = {"secret": secret, "name": "Guest"}
    # From an address of its own: that of the tests has sent too many wrong secrets by then.
    headers = {"Sec-Fetch-Site": "same-origin", "X-Forwarded-For": "192.0.2.1"}
    entered = requests.post(f"{API}share/{created['id']}/enter", json=body, headers=headers, timeout=30)
    entered.raise_for_status()
    listed = requests.get(f"{API}api/share/list", headers=OWNER, timeout=30).json()["shares"]
    session = next(one for one in listed if one["id"] == created["id"])["guests"][0]["session"]
    share.update(id=created["id"], secret=secret, session=session, cookies=entered.cookies.get_dict())
    return share


@schemathesis.hook
def before_call(context, case, kwargs):
    """What is valid comes from an address of its own, as wrong tokens are limited by address. Of valid requests that name a
    share, two in three name one that is there."""
    if case.meta.generation.mode.is_positive:
        number = next(addresses)
        case.headers["X-Forwarded-For"] = f"198.51.{number // 250 % 250}.{number % 250}"
    if "id" not in (case.path_parameters or {}) or not case.meta.generation.mode.is_positive or choice.random() < 1 / 3:
        return
    known = fresh_share()
    case.path_parameters["id"] = known["id"]
    if "session" in case.path_parameters:
        case.path_parameters["session"] = known["session"]
    if isinstance(case.body, dict) and "secret" in case.body:
        case.body["secret"] = known["secret"]
    if case.path.startswith("/share/"):
        case.cookies.update(known["cookies"])

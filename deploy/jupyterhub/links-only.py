"""Share links that WAIIDE alone knows of: the hub needs nothing. load_subconfig("links-only.py") in jupyterhub_config.py.

Whoever has a link comes in, with or without an account at the hub, at most at Full Access. The owner sees and ends shares in
the IDE or with "waiide share"; the hub neither lists nor logs them.
"""

c = get_config()  # noqa: F821

c.Spawner.environment.update(
    {
        # Terminal Access runs programs as the owner: never by a link that can be passed on.
        "WAIIDE_SHARE_LINK_LEVEL": "edit",
        # A forgotten share ends after 30 days. Seconds.
        "WAIIDE_SHARE_LONGEST_LIFE": "2592000",
    }
)

"""Share links without any change at the hub. load_subconfig("links-only.py") in jupyterhub_config.py.

Anyone with a link can join, with or without an account at the hub, at up to Full Access. The owner sees and revokes shares in the IDE or
with "waiide share"; the hub does not list or log them.
"""

c = get_config()  # noqa: F821

c.Spawner.environment.update(
    {
        # Terminal Access runs programs as the owner: never with a link, which can be passed on.
        "WAIIDE_SHARE_LINK_LEVEL": "edit",
        # A share expires after at most 30 days. In seconds.
        "WAIIDE_SHARE_LONGEST_LIFE": "2592000",
    }
)

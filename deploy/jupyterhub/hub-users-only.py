"""Links that also need an account at the hub. load_subconfig("hub-users-only.py") in jupyterhub_config.py.

Guests with a link log in at the hub before they join; their name at the hub is their name in the share and its history. JupyterHub 3
or newer.
"""

c = get_config()  # noqa: F821

c.Spawner.environment.update({"WAIIDE_SHARE_HUB_USERS_ONLY": "on", "WAIIDE_SHARE_LINK_LEVEL": "edit"})

# The hub lets people log in only at servers to which they have access, and shows others "403: Forbidden". Here the members of the
# group "team" get access to each other's servers. WAIIDE also requires a link (--hub-share-level is "none"). Other servers, such as
# JupyterLab, would open: give this only to groups whose servers all run WAIIDE, or name single servers
# ("access:servers!server=alice/waiide").
c.JupyterHub.load_groups = {"team": {"users": ["alice", "bob"]}}
c.JupyterHub.load_roles.append({"name": "waiide-guests", "groups": ["team"], "scopes": ["access:servers!group=team"]})

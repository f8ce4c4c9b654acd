"""Links that need an account at the hub as well. load_subconfig("hub-users-only.py") in jupyterhub_config.py.

Whoever has a link logs in at the hub before he comes in; his name there is his name in the share and in its history. JupyterHub
3 or newer.
"""

c = get_config()  # noqa: F821

c.Spawner.environment.update({"WAIIDE_SHARE_HUB_USERS_ONLY": "on", "WAIIDE_SHARE_LINK_LEVEL": "edit"})

# The hub lets somebody log in at a server only if it gives him access to it; else he ends at "403: Forbidden". Here members of
# the group "team" get that for each other's servers. WAIIDE lets nobody in by that access alone: it asks for a link as well
# (--hub-share-level is "none"). Other servers, such as JupyterLab, would open: give this only to groups whose servers all are
# WAIIDE, or name single servers ("access:servers!server=alice/waiide").
c.JupyterHub.load_groups = {"team": {"users": ["alice", "bob"]}}
c.JupyterHub.load_roles.append({"name": "waiide-guests", "groups": ["team"], "scopes": ["access:servers!group=team"]})

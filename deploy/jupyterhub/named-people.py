"""Shares with people and groups of the hub by name, and no links. load_subconfig("named-people.py") in jupyterhub_config.py.

The hub lets those whom a share names log in at the owner's server; what they may do there WAIIDE's own record says, and an ended
record lets nobody in whatever the hub still lists. Terminal Access needs this behind a hub. JupyterHub 5 or newer.
"""

c = get_config()  # noqa: F821

c.Spawner.environment.update(
    {
        # No links: whoever comes in is somebody whom the hub knows and the owner has named.
        "WAIIDE_SHARE_LINKS": "off",
        # A hub share alone lets nobody into the IDE.
        "WAIIDE_HUB_SHARE_LEVEL": "none",
    }
)

# Owners may share their servers, and see the names of users and groups to share with: also names that they did not know.
c.JupyterHub.load_roles.append(
    {"name": "user", "scopes": ["self", "shares!user", "read:users:name", "read:groups:name"]}
)

# What WAIIDE may do at the hub with the login of whoever comes: share this one server ("!server"), which only its owner may, and
# look up names. A guest's login can therefore read names, too, and nothing else of his.
c.Spawner.oauth_client_allowed_scopes = ["shares!server", "read:users:name", "read:groups:name"]

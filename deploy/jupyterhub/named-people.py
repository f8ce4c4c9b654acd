"""Shares with people and groups of the hub by name, and no links. load_subconfig("named-people.py") in jupyterhub_config.py.

The hub lets the people in a share log in at the owner's server. WAIIDE's own record decides what they can do there; once it has ended,
nobody gets in, whatever the hub still lists. Behind a hub, Terminal Access needs this. JupyterHub 5 or newer.
"""

c = get_config()  # noqa: F821

c.Spawner.environment.update(
    {
        # No links: every guest has an account at the hub and is named by the owner.
        "WAIIDE_SHARE_LINKS": "off",
        # A share made at the hub does not open the IDE.
        "WAIIDE_HUB_SHARE_LEVEL": "none",
    }
)

# Owners may share their servers. They see the names of all users and groups, also of those they did not know.
c.JupyterHub.load_roles.append(
    {"name": "user", "scopes": ["self", "shares!user", "read:users:name", "read:groups:name"]}
)

# What WAIIDE may do at the hub with the login of a visitor: share this one server ("!server"), which only its owner may, and look up
# names. A guest's login can therefore read names too, and nothing else.
c.Spawner.oauth_client_allowed_scopes = ["shares!server", "read:users:name", "read:groups:name"]

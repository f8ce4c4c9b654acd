"""Share links that the hub lists. load_subconfig("links-and-tokens.py") in jupyterhub_config.py.

For each link WAIIDE creates a hub token under the owner's name, with one scope that means something only to WAIIDE. The owner and
administrators see it at /hub/token, the hub's log shows when guests join, and deleting the token ends the share within 30 seconds. No
guest gets the token. JupyterHub 4 or newer.
"""

c = get_config()  # noqa: F821

# One scope for each level. The hub only lists them; WAIIDE enforces its own records.
c.JupyterHub.custom_scopes = {
    "custom:waiide:view": {"description": "A WAIIDE share: View Only"},
    "custom:waiide:edit": {"description": "A WAIIDE share: Full Access"},
    "custom:waiide:terminal": {"description": "A WAIIDE share: Terminal Access"},
}

# A token can have only scopes that its owner has. These scopes alone open nothing.
levels = list(c.JupyterHub.custom_scopes)
c.JupyterHub.load_roles.append({"name": "user", "scopes": ["self", *(f"{level}!user" for level in levels)]})

# The scopes of each server's token. With "tokens!user" it can create and delete the owner's tokens, even ones with all of their
# rights, so anyone who can read WAIIDE's environment is the owner at the hub. Hide the token as docs/sharing-admin.md says; if it is
# not hidden, WAIIDE creates no tokens and says so.
# Never put "tokens!user" into oauth_client_allowed_scopes: each guest who logs in would hand over their own tokens.
c.Spawner.server_token_scopes = ["users:activity!user", "access:servers!server", "tokens!user"]
c.Spawner.server_token_scopes += [f"{level}!server" for level in levels]

# A link gives at most Full Access. Users cannot change this.
c.Spawner.environment.update({"WAIIDE_SHARE_LINK_LEVEL": "edit"})

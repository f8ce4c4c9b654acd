"""Share links that the hub knows of. Load it from jupyterhub_config.py: load_subconfig("links-and-tokens.py").

Each link gets a token of the hub's, under the owner's name, with nothing but one scope that means something to WAIIDE alone.
The owner and administrators see it at /hub/token, the hub's log shows each entry, and deleting it there ends the share within
30 seconds. No guest ever gets that token. JupyterHub 4 or newer.
"""

c = get_config()  # noqa: F821

# One scope for each level. The hub lists them and enforces nothing: WAIIDE does, by its own records.
c.JupyterHub.custom_scopes = {
    "custom:waiide:view": {"description": "A WAIIDE share: View Only"},
    "custom:waiide:edit": {"description": "A WAIIDE share: Full Access"},
    "custom:waiide:terminal": {"description": "A WAIIDE share: Terminal Access"},
}

# A token can hold only what its owner holds. By themselves these scopes let nobody in anywhere.
levels = list(c.JupyterHub.custom_scopes)
c.JupyterHub.load_roles.append({"name": "user", "scopes": ["self", *(f"{level}!user" for level in levels)]})

# What the token of each server may do. "tokens!user" lets it make and delete the owner's tokens, also ones with all of his
# rights: whoever can read WAIIDE's environment then is the owner at the hub. Hide it as docs/sharing.md says; where it is
# not hidden, WAIIDE makes no tokens and says so.
# Never put "tokens!user" into oauth_client_allowed_scopes: each guest who logs in would hand over his own tokens.
c.Spawner.server_token_scopes = ["users:activity!user", "access:servers!server", "tokens!user"]
c.Spawner.server_token_scopes += [f"{level}!server" for level in levels]

# By link at most Full Access; administrators' choices, which users cannot change.
c.Spawner.environment.update({"WAIIDE_SHARE_LINK_LEVEL": "edit"})

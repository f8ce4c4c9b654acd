"""Nothing can be shared. load_subconfig("no-sharing.py") in jupyterhub_config.py.

The spawner sets it, so users cannot turn it on. Earlier shares no longer let anyone in.
"""

c = get_config()  # noqa: F821

c.Spawner.environment.update({"WAIIDE_SHARING": "off"})

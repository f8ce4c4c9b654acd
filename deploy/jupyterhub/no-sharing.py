"""Nothing can be shared. load_subconfig("no-sharing.py") in jupyterhub_config.py.

Set by the spawner, so that no user can turn it on; shares made before let nobody in any more.
"""

c = get_config()  # noqa: F821

c.Spawner.environment.update({"WAIIDE_SHARING": "off"})

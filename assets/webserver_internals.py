"""What of Dagster's private modules the webserver is made of: beside assets/dagster_internals.py, since it takes seconds to import.

Only the process of the UI pays for it. When the pin of `dagster` is raised, this list is gone through with the other.
"""

# The code locations that the app shows, loaded and watched. In public only the program `dagster-webserver` makes one.
from dagster._core.workspace.context import WorkspaceProcessContext

# Which code locations: those of a workspace.yaml.
from dagster._core.workspace.load_target import WorkspaceFileTarget

# The version that the app tells its page, and the app itself. The package is public and documents neither.
from dagster_webserver.version import __version__
from dagster_webserver.webserver import DagsterWebserver

__all__ = ["DagsterWebserver", "WorkspaceFileTarget", "WorkspaceProcessContext", "__version__"]

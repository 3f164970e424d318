"""Taking in what lies in the inbox of a system."""

from resources.hub import Hub
from schemas.dataset import Source


def take_in(hub: Hub, source: Source) -> None:
    """Register what units have laid in the inbox of a system. Called under the lock of the source, before anything is loaded."""

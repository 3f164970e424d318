"""graph.txt: one line an asset, for who reads the graph as text."""

from pipelines.definitions import defs


def graph() -> str:
    """key <- upstream | checks, sorted."""
    lines = []
    asset_graph = defs.resolve_asset_graph()
    for key in sorted(asset_graph.get_all_asset_keys(), key=lambda k: k.path):
        node = asset_graph.get(key)
        upstream = ", ".join(sorted(p.to_user_string() for p in node.parent_keys)) or "-"
        checks = ", ".join(sorted(c.name for c in node.check_keys)) or "-"
        lines.append(f"{key.to_user_string()} <- {upstream} | {checks}")
    return "\n".join(lines) + "\n"

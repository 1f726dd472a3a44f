"""A mapping to start from."""


def template() -> str:
    return ""

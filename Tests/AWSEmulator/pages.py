"""Long answers in pages, with opaque tokens."""

import base64


def page(items, parameters, default, error, limit="MaxResults"):
    """(this page, next token or None). `error`: what an unknown token is answered with."""
    start = 0
    token = parameters.get("NextToken")
    if token is not None:
        try:
            start = int(base64.urlsafe_b64decode(token.encode()).decode().removeprefix("from:"))
        except ValueError:
            raise error from None
    end = start + parameters.get(limit, default)
    return items[start:end], base64.urlsafe_b64encode(f"from:{end}".encode()).decode() if end < len(items) else None

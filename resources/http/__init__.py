"""Asking over HTTP, for whoever asks: where another side is, one exchange with it, how we are known to it, what it says."""

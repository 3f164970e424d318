"""What holds for all tests."""

import signal

# A shell lets Ctrl-C be ignored by what it starts in the background, and so by all that is started there: the tests press it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

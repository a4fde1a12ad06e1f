"""Telephony: pure codecs between a wire and the call. No sockets, no tasks, no clock, no HTTP, no
provider SDK here.
"""

"""A simulated Twilio: the carrier's side of one phone call, over real sockets.

It speaks what Twilio speaks - signed webhooks, TwiML, the media socket, playback with marks, the
continuation when the socket closes - and knows nothing about what the caller wants (wire_caller.py).
"""

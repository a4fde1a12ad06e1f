"""The web edge: sockets, webhooks, pages. It translates between the wire and the runtime and
decides nothing.
"""

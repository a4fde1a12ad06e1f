"""Speech-to-text that hears a script: words are revealed on the audio's own clock.

For checks and tests of the real runtime without a provider. It judges voice by loudness only and
never reads a wall clock.
"""

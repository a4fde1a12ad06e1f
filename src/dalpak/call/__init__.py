"""The call core: a pure state machine with time as an argument.

`machine.Call.handle(input, now) -> effects` is the only door. Five small machines run side by side
(phase, floor, turn, playout, keypad) and are coupled in one `match`. No clock, no await, no randomness,
no logging, no I/O may appear in this package.
"""

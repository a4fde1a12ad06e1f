"""English replies to our messages, word by word, and what we write back. What the words mean together
is in `language/replies.py`.

Lower case and without punctuation, as `replies.py` hands them over. The keywords of carriers (STOP,
UNSUBSCRIBE, END, QUIT) are here: they are written by people of any language.
"""

REPLY_WORDS = {
    "stop": "stop stopall unsubscribe end quit optout remove",
    "start": "start unstop subscribe",
    "cancel": "cancel cancellation cancelled",
    "change": "change reschedule move postpone",
    "yes": "yes y yeah yep ok okay sure confirm confirmed agree 1 👍",
    "no": "no n nope 2 👎",
    "beside": "please thanks thank you the my appointment i want to would like me hi hello a",
}

ANSWERS = {
    "ask_cancel": "Cancel your appointment for {service} on {date} at {time}? To cancel, answer: yes.",
    "kept": "All right, the appointment stays as it was.",
    "nothing_to_cancel": "We found no coming appointment under this number. Please call us: {phone}",
    "too_late": "It is too close to the appointment to cancel it here. Please call us: {phone}",
    "change_how": "To change the time, please call us: {phone}",
    "stopped": "This number was removed and gets no more messages. To undo, answer: start.",
    "started": "Messages are on again.",
    "offer_gone": "The time we offered is taken by now. Please call us: {phone}",
    "offer_declined": "All right, thank you. We will tell you if another time becomes free.",
    "no_text": "(a message without text)",
}

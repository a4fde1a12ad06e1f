"""The tools there are, as one literal table. To add one: a function in a file of its noun, one line
here."""

from dalpak.tools import (
    booking,
    business,
    calendar,
    call_control,
    changes,
    consent_to_messages,
    leads,
    mine,
    read_back,
    waitlist,
)
from dalpak.tools.spec import NoArgs, Tool

_TABLE = (
    Tool(
        "calendar.find_slots",
        "Find free appointment times. Call it as soon as the caller said anything about when.",
        calendar.FindSlots,
        calendar.find_slots,
    ),
    Tool(
        "calendar.choose_slot",
        "Take the slot that the caller chose from those offered.",
        calendar.ChooseSlot,
        calendar.choose_slot,
    ),
    Tool(
        "calendar.read_back",
        "Once slot, name and phone are known: hold the slot and read everything back. With purpose "
        "reschedule or cancel and the appointment_id: read that back.",
        read_back.ReadBackArgs,
        read_back.read_back,
        writes=True,
    ),
    Tool(
        "calendar.create_appointment",
        "Only after the caller clearly said yes to the read-back: book it.",
        booking.CreateAppointment,
        booking.create_appointment,
        writes=True,
    ),
    Tool(
        "calendar.my_appointments",
        "The caller's own coming appointments. Ask for name and last four digits only if it says so.",
        mine.MyAppointments,
        mine.my_appointments,
        private=frozenset({"name", "last4"}),
    ),
    Tool(
        "calendar.reschedule",
        "Only after a clear yes to the read-back with purpose reschedule: move the appointment.",
        changes.Reschedule,
        changes.reschedule,
        writes=True,
    ),
    Tool(
        "calendar.cancel",
        "Only after a clear yes to the read-back with purpose cancel: cancel the appointment.",
        changes.Cancel,
        changes.cancel,
        writes=True,
    ),
    Tool(
        "calendar.waitlist",
        "Nothing that suits is free and the caller would rather wait: call back when it is.",
        waitlist.Waitlist,
        waitlist.waitlist,
        writes=True,
    ),
    Tool(
        "leads.note_contact",
        "Note the caller's name or phone number as soon as it was said.",
        leads.NoteContact,
        leads.note_contact,
        writes=True,
        private=frozenset({"name", "phone"}),
    ),
    Tool(
        "leads.take_message",
        "Keep a message for the business.",
        leads.TakeMessage,
        leads.take_message,
        writes=True,
        private=frozenset({"text"}),
    ),
    Tool(
        "messages.ask",
        "Before a read-back: ask whether the caller may be written to, where that must be asked.",
        consent_to_messages.About,
        consent_to_messages.ask,
    ),
    Tool(
        "messages.note",
        "The caller said that they want messages or do not: keep it.",
        NoArgs,
        consent_to_messages.note,
        writes=True,
    ),
    Tool(
        "messages.promise",
        "After a booking or a change: tell by what the confirmation comes.",
        consent_to_messages.About,
        consent_to_messages.promise,
    ),
    Tool(
        "business.overview",
        "Services, staff, usual hours and the present time.",
        NoArgs,
        business.overview,
    ),
    Tool(
        "business.hours",
        "Opening hours of a date, or of the coming week.",
        business.Hours,
        business.hours,
    ),
    Tool(
        "business.facts",
        "Address, the price of a service, and what else the business tells.",
        business.Facts,
        business.facts,
    ),
    Tool(
        "call.collect_phone",
        "Let the caller key the phone number; # ends it.",
        NoArgs,
        call_control.collect_phone,
    ),
    Tool(
        "call.transfer",
        "The caller wants a person: connect to the business.",
        NoArgs,
        call_control.transfer,
    ),
    Tool(
        "call.goodbye",
        "The conversation is over: end the call after the last words.",
        NoArgs,
        call_control.say_goodbye,
    ),
)

TOOLS: dict[str, Tool] = {tool.name: tool for tool in _TABLE}

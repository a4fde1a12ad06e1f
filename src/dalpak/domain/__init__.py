"""The business rules, pure: policy, slots, booking decisions, phones, holidays, events."""

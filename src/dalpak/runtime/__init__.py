"""The asyncio shell of a live call: it does what the core decides and decides nothing itself."""

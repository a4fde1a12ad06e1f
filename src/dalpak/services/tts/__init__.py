"""Voices: adapters of `ports.tts.TextToSpeech` and the prompt bank in front of them."""

"""Speech recognisers: adapters of `ports.stt.SpeechToText`."""

"""Voice activity detectors: adapters of `ports.vad.VoiceActivityDetector`."""

"""The model's server, as far as it is HTTP. What is asked of a model is the agents' business."""

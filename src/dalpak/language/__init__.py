"""Languages: meaning out of words, words out of facts. Pure."""

"""The use case "what is there on this machine, and what is wrong with it"."""

"""The servers that are compared: a module a server, with its variants."""

"""The patcher: command line and editor."""

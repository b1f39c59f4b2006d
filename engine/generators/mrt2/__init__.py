"""Magenta RealTime 2 as generators: the library's own layers, batched for many instances."""

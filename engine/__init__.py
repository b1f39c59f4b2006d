"""The engine: signals, patches, the compiler and the frame loop. It knows no GUI."""

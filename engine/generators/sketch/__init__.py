"""The sketch: a small synthesiser and improviser that stands in for a real music model.

It honours the same conditioning as Magenta RealTime 2, needs no weights, and plays on any CPU.

    anchors      named timbres, and how a style mixes them
    performer    what each pitch must do, which voice does it
    improviser   what it adds where it is free to
    voices       the sound of the notes      } arithmetic on whole batches,
    drums        the sound of the kit        } the same on NumPy, JAX and MLX
    space        chorus, room and limiter    }
    synth        one frame of the three
    host         many instances at once
"""

"""Tasks to learn, one file each: seeded generators of sequences and their targets."""

"""What games of a shared orchard have in common: apples, those who gather them, and the beam that fines."""

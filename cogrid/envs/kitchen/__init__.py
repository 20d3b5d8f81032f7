"""What the kitchens share; each kitchen's own pot, and the order of its steps, are in the kitchen's own folder."""

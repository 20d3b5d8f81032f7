"""What plays an original and writes it down: scripts for the Python of that original's own virtual environment."""

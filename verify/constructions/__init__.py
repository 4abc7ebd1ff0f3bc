"""What the theorems build."""

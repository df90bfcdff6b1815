"""Models written for faster backends, and what that costs."""

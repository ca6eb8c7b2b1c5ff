"""Pages and API of the areas."""

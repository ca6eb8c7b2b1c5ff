"""Lost and found: people record what they have found, the city keeps it and gives it back."""

"""The screens: they decide, their widgets show."""

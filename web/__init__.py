"""The public status page as a pure rendering: view model, templates, feeds and badges."""

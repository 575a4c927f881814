"""One module per verb; ``table`` lists them for menus, toolbar, context menu and shortcuts."""

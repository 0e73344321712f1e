"""Pictures of networks and positions as SVG, PNG and in the browser."""

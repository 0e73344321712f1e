"""The graph for language-model agents, by the Model Context Protocol."""

"""Projects: made new from a template, or imported from an old Azure ML Workbench project."""

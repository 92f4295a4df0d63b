"""Model management as infrastructure as code: train, pin, `pulumi up`, promote."""

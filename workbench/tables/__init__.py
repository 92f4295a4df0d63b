"""The one reader of tables: for training, templates of projects, schemas and calls. Goes into every run."""

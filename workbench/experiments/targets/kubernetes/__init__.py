"""Runs as Jobs of a cluster. What imports the cluster's client lies here, and is imported when a run goes there."""

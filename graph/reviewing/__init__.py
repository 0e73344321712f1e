"""What people decide about statements: verdicts, the queue of doubtful ones, measures, and new names."""

"""Both values files, or both environments, judged before anything is installed."""

"""What is generated and kept in the repository: graph.txt, the dictionary, the entries of the runbook."""

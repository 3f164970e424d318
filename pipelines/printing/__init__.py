"""What is generated and kept in the repository: graph.txt, the dictionary, the entries of the runbook."""

from resources.local.laying import lay_nothing

lay_nothing()  # before a declaration is loaded: what is printed is the same wherever it is printed

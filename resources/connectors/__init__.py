"""Where rows are pulled from: a package a kind of source, and why a source cannot be read."""

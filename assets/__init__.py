"""What happens: the asset graph. Mechanical steps are factories that take a source or a dataset and no flags."""

"""What the data is. This package knows no Dagster, opens no connection and reads no environment."""

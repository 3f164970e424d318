"""A source kept in another database than PostgreSQL, by its ODBC driver: one road, and a dialect for each kind of database."""

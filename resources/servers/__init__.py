"""PostgreSQL servers, whoever they belong to: how one is addressed and reached, who may listen, what its errors mean."""

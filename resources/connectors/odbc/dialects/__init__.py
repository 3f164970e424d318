"""How each kind of database is asked: its SQL and what its errors mean, a module a kind. Nothing connects here."""

"""Everything on one person: looked for in every store, erased from them, and kept from coming back."""

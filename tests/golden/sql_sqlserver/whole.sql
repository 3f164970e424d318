select try_cast([so] as bigint) from [bang];

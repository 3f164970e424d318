set sql_mode = '', time_zone = '+07:00', sql_select_limit = 18446744073709551615;
set lock_wait_timeout = 10, wait_timeout = 3600;
set tmp_table_size = 67108864, max_heap_table_size = 67108864 /*M! , max_statement_time = 1800 */ /*!80000 , max_execution_time = 1800000, information_schema_stats_expiry = 0 */;
set session transaction isolation level repeatable read;
start transaction with consistent snapshot, read only;
rollback;

DROP TABLE IF EXISTS soft_delete_runs;
DROP TABLE IF EXISTS soft_delete_leases;

DROP TABLE soft_delete_runs;
DROP TABLE soft_delete_leases;

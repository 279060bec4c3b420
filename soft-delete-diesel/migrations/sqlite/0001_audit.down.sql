DROP TABLE soft_delete_audit;

DROP TABLE soft_delete_holds;
